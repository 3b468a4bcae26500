"""What a config says about testing: preparation, class names."""
import numpy as np
import pytest
from helpers.square_detector import square_config
from mmengine.config import Config

from mmstep.apis import class_ids, class_names, config_reading, window_layout
from mmstep.apis.config_reading import split_preparation
from mmstep.apis.detection.window_layout import has_native_frames
from mmstep.errors import LaunchError


def pipeline(*transforms):
    return Config(dict(test_pipeline=[dict(type=item) if isinstance(item, str) else item for item in transforms]))


NATIVE = dict(type='mmstep.SampleClipWindow', clip_len=6, num_clips=3, temporal_stride=2)


def test_layout_is_that_of_the_data_contract():
    layout = window_layout(square_config())
    assert layout.clip_seconds == 1
    times = layout.frame_times()
    assert len(times) == 36 and times[18] == 0 and times[0] == -1.5
    # Frames 12..15, 16..19 and 20..23 of the window.
    np.testing.assert_allclose(layout.tube_times(), [-4.5 / 12, -0.5 / 12, 3.5 / 12])


@pytest.mark.parametrize('wanted,stride', [(None, 1), (0.5, 0.5), (0.4, 5 / 12), (0.001, 1 / 12), (10.03, 10)])
def test_strides_are_whole_frames(wanted, stride):
    assert window_layout(square_config()).round_stride(wanted) == pytest.approx(stride)


def test_class_names_from_config_label_map_or_numbers(tmp_path):
    assert class_names(square_config()) == ['left', 'right']
    label_file = tmp_path / 'l.pbtxt'
    label_file.write_text(''.join(f'item {{\n  name: "n{i}"\n  id: {i}\n}}\n' for i in (1, 2, 3, 5)))
    dataset = dict(label_file=str(label_file), custom_classes=[2, 5])
    assert class_names(Config(dict(test_dataloader=dict(dataset=dict(dataset=dataset))))) == ['n2', 'n5']
    dataset = dict(label_file=str(label_file), num_classes=6)
    assert class_names(Config(dict(test_dataloader=dict(dataset=dataset)))) == ['n1', 'n2', 'n3', 'class 4', 'n5']
    assert class_names(Config(dict(label_file='nowhere.pbtxt'))) is None


def test_names_are_numbers_where_the_label_map_is_missing(monkeypatch):
    said = []
    monkeypatch.setattr(config_reading, 'print_log', lambda message, **_: said.append(message))
    model = dict(roi_head=dict(bbox_head=[dict(num_classes=2)] * 3))
    assert class_names(Config(dict(label_file='nowhere.pbtxt', model=model))) == ['class 1', 'class 2']
    assert len(said) == 1 and 'nowhere.pbtxt' in said[0] and 'class_names' in said[0]


def test_numbers_in_the_label_map():
    dataset = dict(dataset=dict(custom_classes=[11, 4]))
    assert class_ids(Config(dict(test_dataloader=dict(dataset=dataset))), 2) == [11, 4]
    assert class_ids(Config(dict()), 3) == [1, 2, 3]


def test_window_is_found_in_the_test_data_too():
    cfg = square_config()
    dataset = dict(type='RepeatDataset', dataset=dict(pipeline=cfg.test_pipeline))
    assert window_layout(Config(
        dict(test_dataloader=dict(dataset=dataset)))) == window_layout(cfg) == (12, 3, 12, 4, 0)


def test_native_frames_take_the_rate_that_is_given():
    cfg = pipeline(NATIVE)
    assert has_native_frames(cfg) and not has_native_frames(square_config())
    assert window_layout(cfg, 25) == (6, 3, 25, 2, 0)
    assert window_layout(pipeline(dict(NATIVE, num_flows=5)), 25) == (6, 3, 25, 2, 5)
    for wrong in (None, 0, -1, float('nan'), 1001):
        with pytest.raises(LaunchError, match=f'model_fps={wrong}.*native frames'):
            window_layout(cfg, wrong)
    with pytest.raises(LaunchError, match='model_fps=25: .*sets 12 frames a second itself'):
        window_layout(square_config(), 25)


def test_preparation_is_cut_between_frames_and_packing():
    each, packing = split_preparation(square_config())
    assert [type(item).__name__ for item in each.transforms] == ['Resize']
    assert [type(item).__name__ for item in packing.transforms] == ['FormatShape', 'PackTubeInputs']
    scale = dict(scale=(8, 8), keep_ratio=False)
    each, packing = split_preparation(pipeline('FlowFramesDecode', dict(type='TubeResize', **scale), 'PackTubeInputs'))
    assert [type(item).__name__
            for item in (*each.transforms, *packing.transforms)] == ['TubeResize', 'PackTubeInputs']


@pytest.mark.parametrize('transforms,said', [
    (('Resize', 'FormatShape'), 'no transform whose name ends with "Decode": Resize, FormatShape'),
    (('WindowDecode', 'Resize'), 'no FormatShape: WindowDecode, Resize'),
    (('FlowFramesDecode', 'TubeResize'), 'no PackTubeInputs: FlowFramesDecode, TubeResize'),
    (('WindowDecode', 'ThreeCrop', 'FormatShape'), 'ThreeCrop in the test pipeline; boxes'),
    (('WindowDecode', 'mmaction.Flip', 'FormatShape'), 'Flip in the test pipeline'),
])
def test_preparation_that_cannot_be_cut(transforms, said):
    with pytest.raises(LaunchError, match=said):
        split_preparation(pipeline(*transforms))
