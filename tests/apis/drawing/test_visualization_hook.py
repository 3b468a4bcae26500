"""Pictures that tools/test.py --show-dir writes."""
import csv
import logging
from types import SimpleNamespace

import cv2
import pytest
import torch
from mmaction.registry import HOOKS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.structures import InstanceData

from mmstep.errors import LaunchError

RUNNER = SimpleNamespace(cfg=Config(dict(class_names=['stand', 'walk'])), logger=logging.getLogger('pictures'))


def make(folder, **settings):
    hook = HOOKS.build(dict(type='STEPVisualizationHook', out_dir=str(folder), **settings))
    hook.before_test(RUNNER)
    return hook


def sample(scores=(0, .9, .1), labels=(0., 1., 0.), box=(10., 10., 30., 50.), **meta):
    """A window of 12 frames and 3 feature frames, 64x64; one annotated and one detected person."""
    found = ActionDataSample(metainfo=dict(original_shape=(240, 320), **meta))
    boxes = torch.zeros(1, 3, 4)
    boxes[:, 1] = torch.tensor([10., 10., 30., 50.])
    found.gt_tubes = InstanceData(
        bboxes=boxes, valid=torch.tensor([[False, True, False]]), labels=torch.tensor([labels]))
    found.pred_instances = InstanceData(bboxes=torch.tensor([box]) / 64, scores=torch.tensor([scores]))
    return found


def draw(hook, *samples, inputs=None):
    window = torch.zeros(3, 12, 64, 64, dtype=torch.uint8)
    window[0, 6] = 255  # the middle of the middle feature frame is red
    hook.after_test_iter(RUNNER, 0, dict(inputs=inputs or [window] * len(samples)), samples)


def index(hook, folder):
    hook.after_test_epoch(RUNNER, {})
    with open(folder / 'index.csv', newline='') as file:
        return list(csv.DictReader(file))


def test_names_and_order(tmp_path):
    folder = tmp_path / 'new' / 'pics'
    hook = make(folder)
    draw(hook, sample(video_id='a', timestamp=902), sample(video_id='b/c', timestamp=3, scores=(0, .1, .9)))
    draw(hook, sample(video_id='a', timestamp=7, box=(40., 10., 60., 50.)))
    rows = index(hook, folder)
    assert [row['picture'] for row in rows] == ['a_0007.jpg', 'b_c_0003.jpg', 'a_0902.jpg']
    assert [row['AP'] for row in rows] == ['0.0000', '0.5000', '1.0000']
    assert [(row['annotated'], row['found'], row['detected']) for row in rows] == [('1', '0', '1'), ('1', '1', '1'),
                                                                                   ('1', '1', '1')]
    assert (rows[1]['video'], rows[1]['time']) == ('b/c', 'second 3')
    assert sorted(path.name for path in folder.iterdir()) == sorted([row['picture'] for row in rows] + ['index.csv'])


def test_the_key_frame_is_drawn_at_the_aspect_ratio_of_the_video(tmp_path):
    draw(make(tmp_path), sample(video_id='a', timestamp=902))
    picture = cv2.imread(str(tmp_path / 'a_0902.jpg'))
    # Two frames of 640x480, and the caption.
    assert picture.shape[1] == 2 * 640 + 3 * 6 and 480 < picture.shape[0] < 540
    blue, green, red = picture[-100, 500].tolist()
    assert red > 200 and green < 40 and blue < 40


def test_every_so_many_windows(tmp_path):
    hook = make(tmp_path, interval=3)
    for start in (0, 4):
        draw(hook, *(sample(video_id='a', timestamp=second) for second in range(start, start + 4)))
    assert sorted(row['picture'] for row in index(hook, tmp_path)) == ['a_0000.jpg', 'a_0003.jpg', 'a_0006.jpg']


def test_processes_share_the_windows(tmp_path, monkeypatch):
    names = []
    for rank in range(2):
        monkeypatch.setattr('mmstep.apis.drawing.visualization_hook.get_world_size', lambda: 2)
        monkeypatch.setattr('mmstep.apis.drawing.visualization_hook.get_rank', lambda rank=rank: rank)
        hook = make(tmp_path, interval=3)
        # Windows 0, 2, 4, 6 and 1, 3, 5, 7.
        draw(hook, *(sample(video_id='a', timestamp=second) for second in range(rank, 8, 2)))
        names.append(sorted(row['picture'] for row in index(hook, tmp_path)))
    assert names == [['a_0000.jpg', 'a_0006.jpg'], ['a_0003.jpg']]


def test_clips_of_tubes(tmp_path):
    hook = make(tmp_path)
    one = sample(video_id='Run/v_1', clip_start=13)
    one.gt_tubes.labels = torch.tensor([0])  # classes count from 0
    draw(hook, one)
    row, = index(hook, tmp_path)
    assert row['picture'] == 'Run_v_1_frame000013.jpg' and row['time'] == 'frame 13' and row['AP'] == '1.0000'


def test_flow_and_windows_without_annotation(tmp_path):
    hook = make(tmp_path)
    one = sample(video_id='a', clip_start=1)
    del one.gt_tubes
    draw(hook, one, inputs=dict(flows=[torch.ones(2, 16, 64, 64).half()]))
    row, = index(hook, tmp_path)
    assert (row['annotated'], row['detected'], row['AP']) == ('0', '1', '0.0000')


def test_nobody_detected_and_unnamed_classes(tmp_path):
    hook = make(tmp_path)
    one = sample(video_id='a', timestamp=1)
    one.pred_instances = one.pred_instances[:0]
    draw(hook, one)
    assert index(hook, tmp_path)[0]['AP'] == '0.0000'


def test_bad_settings(tmp_path):
    with pytest.raises(LaunchError, match='interval of the pictures must be at least 1 window, got 0'):
        make(tmp_path, interval=0)
    (tmp_path / 'file').touch()
    with pytest.raises(LaunchError, match='file/x cannot be written: what should be its folder is a file'):
        make(tmp_path / 'file' / 'x')
