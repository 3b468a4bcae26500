"""Files of some videos' annotations."""
import numpy as np
import pytest

from mmstep.datasets import read_tube_annotations, select_videos, write_tube_annotations
from mmstep.structures import TubeGroundTruth


@pytest.fixture
def truth():
    """Video b without a tube; c with two tubes of different classes."""
    rows = np.array([[1, 0, 0, 9, 9], [2, 1, 0, 9, 9], [4, 2, 2, 5, 6], [3, 0, 1, 7, 8], [4, 0, 1, 7, 8.5]])
    return TubeGroundTruth(
        labels=['jump', 'run'],
        videos=['x/a', 'x/b', 'y/c'],
        nframes=np.array([5, 6, 7]),
        resolution=np.array([[10, 20], [10, 20], [30, 40]]),
        rows=rows,
        row_tube=np.array([0, 0, 1, 2, 2]),
        tube_video=np.array([0, 2, 2]),
        tube_label=np.array([1, 0, 1]))


def assert_same(left, right):
    for name, value in left._asdict().items():
        np.testing.assert_array_equal(value, getattr(right, name), err_msg=name)


def test_selected_videos_keep_their_tubes(truth):
    part = select_videos(truth, ['y/c', 'z/unknown'])
    assert part.videos == ['y/c'] and part.labels == truth.labels and part.nframes.tolist() == [7]
    assert part.tube_video.tolist() == [0, 0] and part.tube_label.tolist() == [0, 1]
    assert part.row_tube.tolist() == [0, 1, 1]
    np.testing.assert_array_equal(part.rows, truth.rows[2:])
    assert_same(select_videos(truth, truth.videos), truth)


def test_nothing_selected(truth):
    part = select_videos(truth, [])
    assert part.videos == [] and part.rows.shape == (0, 5) and len(part.tube_video) == 0


def test_written_tubes_are_read_again(truth, tmp_path):
    train = select_videos(truth, ['x/a', 'x/b'])
    write_tube_annotations(tmp_path / 'some.pkl', train, truth)
    assert_same(read_tube_annotations(str(tmp_path / 'some.pkl'), subset='train'), train)
    assert_same(read_tube_annotations(str(tmp_path / 'some.pkl'), subset='test'), truth)


def test_rows_of_tubes_may_be_mixed(truth, tmp_path):
    mixed = np.array([4, 0, 2, 1, 3])
    mixed = mixed[np.argsort(truth.rows[mixed, 0], kind='stable')]
    other = truth._replace(rows=truth.rows[mixed], row_tube=truth.row_tube[mixed])
    write_tube_annotations(tmp_path / 'some.pkl', other, other)
    assert_same(read_tube_annotations(str(tmp_path / 'some.pkl')), truth)


def test_other_classes(truth, tmp_path):
    with pytest.raises(ValueError, match='2 classes and the test videos 1'):
        write_tube_annotations(tmp_path / 'some.pkl', truth, truth._replace(labels=['run']))
