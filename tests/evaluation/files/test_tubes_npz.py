"""Tests of mmstep.evaluation.detections_npz.

Annotations and detections of tubes as .npz files, in which any project can write them.
"""
import zipfile

import numpy as np
import pytest
from helpers.file_faults import faults_of, mutate_bytes
from helpers.tube_cases import random_case

from mmstep.errors import DataError
from mmstep.evaluation.files import read_detections_npz, read_truth_npz, write_npz


@pytest.fixture
def arrays(tmp_path):
    """Writes a valid file with some arrays replaced (or, if None, left out) and gives its path."""
    write_npz(str(tmp_path / 'all.npz'), *random_case(0))
    with np.load(tmp_path / 'all.npz') as file:
        valid = dict(file)

    def write(**changes):
        path = str(tmp_path / 'changed.npz')
        np.savez(path, **{key: value for key, value in {**valid, **changes}.items() if value is not None})
        return path

    write.valid = valid
    return write


@pytest.mark.parametrize('specific', [False, True])
def test_round_trip(tmp_path, specific):
    truth, tubelets = random_case(1, specific=specific)
    path = str(tmp_path / 'all.npz')
    write_npz(path, truth, tubelets)
    read = read_truth_npz(path)
    for name in truth._fields:
        assert np.array_equal(getattr(read, name), getattr(truth, name)), name
    for written, found in zip(tubelets, read_detections_npz(path, read)):
        assert written is found is None or np.array_equal(written, found)


def test_rows_in_any_order(arrays):
    order = np.random.default_rng(0).permutation(len(arrays.valid['gt_rows']))
    path = arrays(gt_rows=arrays.valid['gt_rows'][order], gt_tube=arrays.valid['gt_tube'][order])
    assert np.array_equal(read_truth_npz(path).rows, arrays.valid['gt_rows'])


def changed(array, index, value):
    array = array.copy()
    array[index] = value
    return array


@pytest.mark.parametrize('key, change, message', [
    ('gt_rows', None, 'it lacks gt_rows; it has labels'),
    ('gt_rows', lambda a: a[:, :4], r'gt_rows has the shape .*must be \(any, 5\)'),
    ('gt_rows', lambda a: changed(a, (3, 1), np.nan), 'gt_rows, row 3: is not a finite number'),
    ('gt_rows', lambda a: changed(a, (3, 1), 999), r'gt_rows, row 3 .*has a box with x2 < x1 or y2 < y1'),
    ('gt_rows', lambda a: changed(a, (0, 0), 0), r'gt_rows, row 0 \(0.0\): is no frame'),
    ('gt_rows', lambda a: changed(a, (1, 0), a[0, 0]), 'a tube with two boxes in one frame'),
    ('gt_tube', lambda a: a[:-1], 'gt_tube has the shape'),
    ('gt_tube', lambda a: a + 0.5, 'gt_tube has the type float64, it must be integers'),
    ('gt_tube', lambda a: 0 * a + np.arange(len(a)) // 99, 'a tube with two boxes|has no row in gt_rows'),
    ('gt_video', lambda a: a + 9, r'gt_video, row 0 \(9\): is not among the 3 videos, 0..2'),
    ('gt_label', lambda a: a - 9, 'gt_label, row 0 .*is not among the 3 labels'),
    ('nframes', lambda a: a[1:], r'nframes has the shape \(2,\), it must be \(3\)'),
    ('nframes', lambda a: a / 2, 'nframes has the type float64'),
    ('resolution', lambda a: a[:, 0], 'resolution has the shape'),
    ('videos', lambda a: a[[0, 0, 1]], 'a name occurs twice in videos'),
    ('labels', lambda a: a[[0, 0, 1]], 'a name occurs twice in labels'),
    ('labels', lambda a: a.astype(object), 'is not a .npz of annotations'),
])
def test_wrong_annotations(arrays, key, change, message):
    path = arrays(**{key: change and change(arrays.valid[key])})
    with pytest.raises(ValueError, match=message) as error:
        read_truth_npz(path)
    assert path in str(error.value)


@pytest.mark.parametrize('key, change, message', [
    ('det_boxes', None, 'it lacks det_boxes'),
    ('det_boxes', lambda a: a.reshape(len(a), -1), r'must be \(any, any, 4\)|must be \(\d+, any, 4\)'),
    ('det_boxes', lambda a: changed(a, (5, 0, 0), np.inf), 'det_boxes, row 5: is not a finite number'),
    ('det_boxes', lambda a: a[..., [2, 3, 0, 1]], 'boxes are x1, y1, x2, y2'),
    ('det_scores', lambda a: a[:, :2], r'det_scores has the shape .*, it must be \(\d+, 3\)'),
    ('det_scores', lambda a: changed(a, (4, 1), np.nan), 'det_scores, row 4: is not a finite number'),
    ('det_start', lambda a: a - 1, r'det_start, row 0 \(0\): lies before 1 '),
    ('det_start', lambda a: a + 0.5, 'det_start has the type float64'),
    ('det_start', lambda a: a[1:], 'det_start has the shape'),
    ('det_video', lambda a: a + 3, 'det_video, row 0 .*is not among the 3 videos'),
])
def test_wrong_detections(arrays, key, change, message):
    path = arrays(**{key: change and change(arrays.valid[key])})
    with pytest.raises(ValueError, match=message) as error:
        read_detections_npz(path, read_truth_npz(path))
    assert path in str(error.value)


def test_labels_want_one_score_each(arrays):
    count = len(arrays.valid['det_video'])
    with pytest.raises(ValueError, match=r'det_scores has the shape'):
        path = arrays(det_label=np.zeros(count, int))
        read_detections_npz(path, read_truth_npz(path))
    path = arrays(det_label=np.full(count, 3), det_scores=np.ones(count))
    with pytest.raises(ValueError, match='is not among the 3 labels'):
        read_detections_npz(path, read_truth_npz(path))


def test_a_few_boxes_without_area_are_detections_too(arrays):
    boxes = changed(arrays.valid['det_boxes'], (0, 0), [9, 9, 3, 3])
    path = arrays(det_boxes=boxes)
    assert np.array_equal(read_detections_npz(path, read_truth_npz(path)).boxes, boxes)


def test_files_that_are_no_npz(tmp_path):
    with pytest.raises(FileNotFoundError, match='file of annotations .*none.npz does not exist'):
        read_truth_npz(str(tmp_path / 'none.npz'))
    (tmp_path / 'text.npz').write_text('no arrays')
    with pytest.raises(ValueError, match='text.npz is not a .npz of annotations'):
        read_truth_npz(str(tmp_path / 'text.npz'))


@pytest.mark.parametrize('key, value, message', [
    ('gt_video', np.int64(3), r'gt_video has the shape \(\), it must be \(any\)'),
    ('gt_rows', 'x', 'gt_rows has the shape'),
    ('nframes', lambda a: changed(a, 0, 10**12), 'nframes, row 0 .*lies before 1 or after 10000000'),
    ('resolution', lambda a: changed(a, 0, 0), 'resolution, row 0 .*lies before 1'),
    ('resolution', lambda a: a.astype(bool), 'resolution has the type bool'),
    ('gt_rows', lambda a: changed(a, (2, 0), np.nan), 'gt_rows, row 2 .*is no frame'),
    ('gt_rows', lambda a: changed(a, (2, 0), 1.5), 'gt_rows, row 2 .*is no frame'),
    ('gt_rows', lambda a: changed(a, (2, 3), 1e300), 'gt_rows, row 2 .*over 100000 pixels'),
    ('gt_rows', lambda a: a.astype(complex), 'gt_rows has the type complex128, it must be numbers'),
    ('labels', np.array(['a\nb', 'c']), r'labels has the name a\\nb'),
    ('labels', np.array([1.5]), 'labels has the type float64'),
    ('labels', np.array([None]), r'labels is an array of .* the type object'),
])
def test_odd_annotations(arrays, key, value, message):
    path = arrays(**{key: value(arrays.valid[key]) if callable(value) else value})
    with pytest.raises(DataError, match=rf'^\S*changed.npz\b.*{message}.*$'):
        read_truth_npz(path)


@pytest.mark.parametrize('key, value, message', [
    ('det_video', np.int64(3), r'det_video has the shape \(\)'),
    ('det_start', lambda a: changed(a, 0, 10**15), 'det_start, row 0 .*after 10000000'),
    ('det_boxes', lambda a: a[:, :0], 'det_boxes has tubelets of 0 frames'),
    ('det_boxes', lambda a: a.astype('U'), 'det_boxes has the type <U'),
    ('det_scores', lambda a: a.astype('S'), r'det_scores has the type \|S'),
])
def test_odd_detections(arrays, key, value, message):
    path = arrays(**{key: value(arrays.valid[key]) if callable(value) else value})
    with pytest.raises(DataError, match=rf'^\S*changed.npz\b.*{message}.*$'):
        read_detections_npz(path, read_truth_npz(path))


def test_no_detections_of_a_billion_frames(arrays):
    none = dict(det_video=np.zeros(0, int), det_start=np.zeros(0, int), det_scores=np.zeros((0, 3)))
    path = arrays(det_boxes=np.zeros((0, 10**9, 4)), **none)
    with pytest.raises(DataError, match='det_boxes has tubelets of 1000000000 frames'):
        read_detections_npz(path, read_truth_npz(path))


def rewritten(path, change, compression=zipfile.ZIP_DEFLATED):
    """The archive with the bytes of one member changed."""
    with zipfile.ZipFile(path) as file:
        members = {item.filename: file.read(item) for item in file.infolist()}
    with zipfile.ZipFile(path, 'w', compression) as file:
        for name, content in members.items():
            file.writestr(name, change(content) if name == 'gt_rows.npy' else content)
    return path


@pytest.mark.parametrize('change, message', [
    (lambda content: b'not an array', 'magic'),
    (lambda content: content[:-8], 'gt_rows is an array of the shape .* and has'),
    (lambda content: content.replace(b', 5)', b',99)'), 'gt_rows is an array of the shape'),
    (lambda content: content + bytes(2**30), 'would unfold to 1,07'),
    (lambda content: content.replace(b'NUMPY\x01', b'NUMPY\x03'), 'is of version'),
])
def test_damaged_archives(arrays, change, message):
    with pytest.raises(DataError, match=rf'^\S*changed.npz is not a .npz of annotations: .*{message}.*$'):
        read_truth_npz(rewritten(arrays(), change))


@pytest.mark.parametrize('content', [b'', b'PK', b'\x93NUMPY\x01\x00', b'\x80\x04]\x94.', b'a,b\n'])
def test_other_kinds_of_files(tmp_path, content):
    (tmp_path / 'x.npz').write_bytes(content)
    with pytest.raises(DataError, match=r'^\S*x.npz is not a .npz of annotations: .*$'):
        read_truth_npz(str(tmp_path / 'x.npz'))


def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path):
    write_npz(str(tmp_path / 'good.npz'), *random_case(0))
    good = (tmp_path / 'good.npz').read_bytes()
    assert faults_of(read_truth_npz, lambda rng: mutate_bytes(good, rng), tmp_path / 'x.npz', 150) == []
