"""The data set of windows: linking by entity id, evaluated seconds, classes, and messages for what is wrong."""
import pickle
import time

import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.dataset import ClassBalancedDataset

from mmstep.datasets import AVAWindowDataset, window_seconds

LABEL_MAP = ''.join(f'item {{\n  name: "class{i}"\n  id: {i}\n}}\n' for i in (1, 2, 5))


@pytest.fixture
def build(tmp_path):
    """Builds a data set of an annotation file; makes an empty video file for every video in it."""

    def build_(ann_file, videos=('a.mp4', 'b.mkv'), **kwargs):
        folder = tmp_path / 'videos'
        folder.mkdir(exist_ok=True)
        for name in videos:
            (folder / name).touch()
        kwargs = {'num_classes': 6, 'use_frames': False, 'timestamp_start': 0, **kwargs}
        return AVAWindowDataset(ann_file, pipeline=[], data_prefix=dict(img=str(folder)), **kwargs)

    return build_


@pytest.fixture
def label_file(tmp_path):
    path = tmp_path / 'map.pbtxt'
    path.write_text(LABEL_MAP)
    return str(path)


def box_of(value):
    """A box that tells who and when it was."""
    return f'{value:g},{value:g},0.9,0.95'


def test_neighbours_are_found_by_entity_id(build, write_csv):
    # Actor 7 is there in all three seconds, actor 8 at 5 and 6, actor 9 not at the key second.
    dataset = build(
        write_csv(f'a,4,{box_of(.1)},1,7', f'a,5,{box_of(.3)},2,8', f'a,5,{box_of(.2)},1,7', f'a,5,{box_of(.2)},3,7',
                  f'a,6,{box_of(.4)},1,7', f'a,6,{box_of(.5)},1,8', f'a,6,{box_of(.6)},1,9', f'b,4,{box_of(.7)},1,8'))
    info = dataset.get_data_info(1)
    assert info['img_key'] == 'a,0005'
    np.testing.assert_array_equal(info['entity_ids'], [8, 7])
    np.testing.assert_array_equal(info['gt_times'], [-2, -1, 0, 1, 2])
    np.testing.assert_array_equal(info['gt_valid'],
                                  [[False, False, True, True, False], [False, True, True, True, False]])
    np.testing.assert_allclose(info['gt_bboxes'][1, 1:4], [[v, v, .9, .95] for v in (.1, .2, .4)], rtol=1e-6)
    np.testing.assert_allclose(info['gt_bboxes'][0, 1:4], [[0] * 4, [.3, .3, .9, .95], [.5, .5, .9, .95]], rtol=1e-6)
    np.testing.assert_array_equal(info['gt_labels'], [[0, 0, 1, 0, 0, 0], [0, 1, 0, 1, 0, 0]])
    assert info['gt_bboxes'].dtype == info['gt_labels'].dtype == np.float32 and info['gt_valid'].dtype == bool
    assert info['filename'].endswith('videos/a.mp4') and info['timestamp'] == 5 and info['modality'] == 'RGB'


def test_boxes_tell_actors_of_one_second_apart(build, write_csv):
    dataset = build(write_csv(f'a,1,{box_of(.1)},1,7', f'a,1,{box_of(.2)},2,7', f'a,2,{box_of(.3)},1,7'))
    first, second = dataset.get_data_info(0), dataset.get_data_info(1)
    np.testing.assert_array_equal(first['entity_ids'], [7, 7])
    np.testing.assert_allclose(first['gt_bboxes'][:, 2, 0], [.1, .2], rtol=1e-6)
    np.testing.assert_allclose(second['gt_bboxes'][0, 1, 0], .1, rtol=1e-6)  # the look-up takes the first


def test_negative_entity_ids_are_not_followed(build, write_csv):
    info = build(write_csv(f'a,1,{box_of(.1)},1,-1', f'a,2,{box_of(.2)},1,-1')).get_data_info(1)
    np.testing.assert_array_equal(info['gt_valid'], [[False, False, True, False, False]])


def test_order_does_not_depend_on_that_of_the_lines(build, write_csv):
    dataset = build(write_csv(f'b,3,{box_of(.1)},1,0', f'a,9,{box_of(.1)},1,0', f'a,2,{box_of(.1)},1,0'))
    assert [dataset.get_data_info(i)['img_key'] for i in range(3)] == ['b,0003', 'a,0002', 'a,0009']


@pytest.mark.parametrize('num_clips, clip_duration, expected', [
    (3, 1.0, [-2, -1, 0, 1, 2]),
    (1, 1.0, [-1, 0, 1]),
    (3, 0.5, [-1, 0, 1]),
    (5, 0.5, [-2, -1, 0, 1, 2]),
    (3, 2.0, [-4, -3, -2, -1, 0, 1, 2, 3]),
    (1, 1.5, [-1, 0, 1]),
])
def test_seconds_of_a_window(num_clips, clip_duration, expected):
    np.testing.assert_array_equal(window_seconds(num_clips, clip_duration), expected)


def test_every_second_of_the_evaluated_range(build, write_csv):
    path = write_csv(f'a,2,{box_of(.1)},1,0', f'a,5,{box_of(.1)},1,0', f'b,3,{box_of(.1)},1,0')
    excluded = write_csv('a,0004', 'zzz,1', name='ex.csv')
    dataset = build(path, all_key_frames=True, exclude_file=excluded)
    keys = [dataset.get_data_info(i)['img_key'] for i in range(len(dataset))]
    assert keys == ['a,0002', 'a,0003', 'a,0005', 'b,0003']
    dataset = build(path, all_key_frames=True, eval_seconds=(3, 4))
    keys = [dataset.get_data_info(i)['img_key'] for i in range(len(dataset))]
    assert keys == ['a,0003', 'a,0004', 'b,0003', 'b,0004']
    empty = dataset.get_data_info(0)
    assert empty['gt_bboxes'].shape == (0, 5, 4) and empty['gt_valid'].shape == (0, 5)
    assert empty['gt_labels'].shape == (0, 6) and empty['entity_ids'].shape == (0, )
    assert len(build(path, exclude_file=excluded)) == 3


def test_custom_classes_are_renumbered_and_others_dropped(build, write_csv, label_file):
    path = write_csv(f'a,1,{box_of(.1)},5,0', f'a,1,{box_of(.1)},1,0', f'a,1,{box_of(.2)},4,1',
                     f'a,2,{box_of(.3)},4,0')
    dataset = build(path, label_file=label_file, custom_classes=[5, 2], num_classes=3)
    assert len(dataset) == 1
    info = dataset.get_data_info(0)
    np.testing.assert_array_equal(info['gt_labels'], [[0, 1, 0]])
    # Where the actor is, whatever it does there.
    np.testing.assert_array_equal(info['gt_valid'], [[False, False, True, True, False]])


def test_one_label_per_actor(build, write_csv):
    info = build(write_csv(f'a,1,{box_of(.1)},3,0', f'a,1,{box_of(.2)},5,1'), multilabel=False).get_data_info(0)
    np.testing.assert_array_equal(info['gt_labels'], [2, 4])  # softmax counts from 0
    assert info['gt_labels'].dtype == np.int64
    with pytest.raises(ValueError, match=r'ann.csv:2: an actor has the actions \[3, 5\]'):
        build(write_csv(f'a,1,{box_of(.1)},3,0', f'a,1,{box_of(.1)},5,0'), multilabel=False)


def test_folders_of_frames(tmp_path, write_csv):
    (tmp_path / 'frames' / 'a').mkdir(parents=True)
    write_csv(f'a,902,{box_of(.1)},1,0')
    dataset = DATASETS.build(
        dict(
            type='AVAWindowDataset',
            ann_file='ann.csv',
            data_root=str(tmp_path),
            data_prefix=dict(img='frames'),
            pipeline=[],
            fps=25))
    assert dataset.get_data_info(0)['frame_dir'] == str(tmp_path / 'frames' / 'a')


def test_proposals_come_through_the_safe_loader(build, write_csv, tmp_path):
    path = tmp_path / 'proposals.pkl'
    path.write_bytes(pickle.dumps({'a,0001': np.array([[0.1, 0.1, 0.5, 0.5, 0.95], [0.1, 0.1, 0.6, 0.5, 0.2]])}))
    dataset = build(write_csv(f'a,1,{box_of(.1)},1,0', f'a,2,{box_of(.1)},1,0'), proposal_file=str(path))
    np.testing.assert_allclose(dataset.get_data_info(0)['proposals'], [[0.1, 0.1, 0.5, 0.5]])
    np.testing.assert_allclose(dataset.get_data_info(1)['proposals'], [[0, 0, 1, 1]])
    path.write_bytes(pickle.dumps({'a,0001': np.zeros((0, 5))}))
    dataset = build(write_csv(f'a,1,{box_of(.1)},1,0'), proposal_file=str(path))
    assert dataset.get_data_info(0)['proposals'].shape == (0, 4)
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(pickle.UnpicklingError, match='proposals.pkl.*print'):
        build(write_csv(f'a,1,{box_of(.1)},1,0'), proposal_file=str(path))


def test_everything_that_is_missing_is_named_at_once(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        AVAWindowDataset(
            'ann/train.csv', [],
            exclude_file='ex.csv',
            label_file='map.pbtxt',
            data_root=str(tmp_path),
            data_prefix=dict(img='videos'))
    for name in (f'{tmp_path}/ann/train.csv', f'{tmp_path}/videos', 'ex.csv', 'map.pbtxt', 'tools/data/ava/README.md'):
        assert name in str(error.value)


def test_missing_videos_are_named_and_counted(build, write_csv):
    path = write_csv(*(f'v{i},1,{box_of(.1)},1,0' for i in range(9)), f'a,1,{box_of(.1)},1,0')
    message = r'9 of the 10 videos of .*ann.csv are not in .*videos: v0, v1, v2, v3, v4, \.\.\.\. Put video files'
    with pytest.raises(FileNotFoundError, match=message):
        build(path)


@pytest.mark.parametrize('line, kwargs, message', [
    (f'a,1,{box_of(.1)},6,0', dict(), r'ann.csv:1: action_id 6 is not in 1\.\.5 \(num_classes=6'),
    (f'a,1,{box_of(.1)},1,0', dict(timestamp_start=900),
     r'ann.csv:1: second 1 lies before timestamp_start=900.*timestamp_start=0'),
    (f'a,1,{box_of(.1)},1,0', dict(all_key_frames=True, eval_seconds=(5, 4)), 'leaves no window: empty data set'),
    (f'a,1,{box_of(.1)},1,0', dict(eval_seconds=(5, 8)), 'eval_seconds needs all_key_frames'),
    (f'a,1,{box_of(.1)},1,0', dict(num_clips=2), 'num_clips must be odd'),
    (f'a,1,{box_of(.1)},1,0', dict(clip_duration=0), 'clip_duration must be positive'),
    (f'a,1,{box_of(.1)},1,0', dict(custom_classes=[1]), 'custom_classes needs label_file'),
])
def test_wrong_settings(build, write_csv, line, kwargs, message):
    with pytest.raises(ValueError, match=message):
        build(write_csv(line), **kwargs)


def test_labels_must_fit_map_and_head(build, write_csv, label_file):
    path = write_csv(f'a,1,{box_of(.1)},4,0')
    with pytest.raises(ValueError, match='ann.csv:1: action_id 4 is not in the label map .*map.pbtxt'):
        build(path, label_file=label_file)
    with pytest.raises(ValueError, match='has id 5.*Set num_classes=6'):
        build(path, label_file=label_file, num_classes=4)
    with pytest.raises(ValueError, match=r'custom_classes \[3\] are not in the label map'):
        build(path, label_file=label_file, custom_classes=[3], num_classes=2)
    with pytest.raises(ValueError, match='num_classes=6 does not fit 1 custom_classes: set num_classes=2'):
        build(path, label_file=label_file, custom_classes=[1])


def test_empty_data_sets(build, write_csv, label_file):
    with pytest.raises(ValueError, match='ann.csv has no line: empty data set'):
        build(write_csv())
    path = write_csv(f'a,1,{box_of(.1)},4,0')
    with pytest.raises(ValueError, match='ann.csv leaves no window: empty data set'):
        build(path, exclude_file=write_csv('a,1', name='ex.csv'))
    with pytest.raises(ValueError, match=r'leaves no window: empty data set .*custom_classes=\[2\]'):
        build(path, label_file=label_file, custom_classes=[2], num_classes=2)


@pytest.mark.slow
def test_large_files_load_in_seconds(build, tmp_path, record_property):
    path = tmp_path / 'large.csv'
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 0.5, (200_000, 2))
    with open(path, 'w') as file:
        for i, (x, y) in enumerate(corners):
            box = f'{x:.3f},{y:.3f},{x + .4:.3f},{y + .4:.3f}'
            file.write(f'v{i // 20_000},{900 + i % 20_000 // 22},{box},{1 + i % 80},{i // 3 % 7}\n')
    start = time.process_time()
    dataset = build(str(path), videos=[f'v{i}.mp4' for i in range(10)], num_classes=81)
    seconds = time.process_time() - start
    record_property('seconds', seconds)
    print(f'{len(dataset)} windows of 200,000 lines in {seconds:.1f} s')
    assert seconds < 20


def balanced(dataset, threshold):
    """How often each window comes in MMEngine's class-balanced data set."""
    wrapped = ClassBalancedDataset(dataset, oversample_thr=threshold)
    return np.bincount(wrapped.repeat_indices, minlength=len(dataset)).tolist()


def test_classes_of_a_window(build, write_csv, label_file):
    lines = [f'a,{second},{box_of(.1)},1,7' for second in range(1, 5)]
    ann_file = write_csv(*lines, f'a,2,{box_of(.1)},5,7', f'a,2,{box_of(.2)},2,8', f'a,3,{box_of(.2)},1,8')
    dataset = build(ann_file)
    assert [dataset.get_cat_ids(index) for index in range(4)] == [[1], [1, 2, 5], [1], [1]]
    # Classes 2 and 5 are in a quarter of the windows: sqrt(1 / (1 / 4)).
    assert balanced(dataset, 1.) == [1, 2, 1, 1]
    some = build(ann_file, custom_classes=[2, 5], num_classes=3, label_file=label_file)
    assert [some.get_cat_ids(index) for index in range(len(some))] == [[1, 2]]
    one = build(write_csv(f'a,1,{box_of(.1)},5,7', f'a,1,{box_of(.2)},2,8'), multilabel=False)
    assert one.get_cat_ids(0) == sorted(one.get_data_info(0)['gt_labels'].tolist()) == [1, 4]


def test_a_second_without_actors_has_no_class(build, write_csv):
    dataset = build(write_csv(f'a,1,{box_of(.1)},1,7', f'a,3,{box_of(.1)},1,7'), all_key_frames=True)
    assert [dataset.get_cat_ids(index) for index in range(3)] == [[1], [], [1]]
    assert balanced(dataset, 0.5) == [1, 1, 1]
