"""Annotated tubes from ACT's layout and from pyannot.pkl."""
import pickle
from pathlib import Path

import numpy as np
import pytest
from helpers.file_faults import faults_of, pickled

from mmstep.datasets.tube_annotations import UCF101_24_CLASSES, read_tube_annotations
from mmstep.errors import DataError

MINI = Path(__file__).parents[2] / 'tools' / 'data' / 'mini'


def write(path, content):
    path.write_bytes(pickle.dumps(content))
    return str(path)


def pyannot(**changes):
    """Two videos; the boxes of the first one run over in uint8."""
    boxes = np.array([[200, 100, 120, 140], [1, 1, 10, 20]], np.uint8)
    tube = dict(label=2, sf=np.uint8(3), ef=np.uint8(5), boxes=boxes) | changes
    other = dict(label=23, sf=0, ef=1, boxes=np.array([[5, 6, 7, 8]], np.uint16))
    return {
        'Biking/v_Biking_g02': dict(annotations=[tube], numf=np.uint8(200), label=2),
        'WalkingWithDog/v_a.b': dict(annotations=[other, other], numf=np.uint16(300), label=23)
    }


@pytest.fixture
def test_list(tmp_path):
    path = tmp_path / 'testlist01.txt'
    path.write_text('Biking/v_Biking_g02.avi 3\n\n')
    return str(path)


class TestACT:

    def test_arrays(self, write_act):
        path = write_act(dict(b=9, a=12), dict(a=[(1, 5, 8), (0, 2, 3)], b=[(1, 9, 9)]))
        truth = read_tube_annotations(path, 1, 'train')
        assert truth.labels == ['jump', 'run'] and truth.videos == ['a', 'b']
        assert truth.nframes.tolist() == [12, 9] and truth.resolution.tolist() == [[80, 100]] * 2
        assert truth.tube_video.tolist() == [0, 0, 1] and truth.tube_label.tolist() == [0, 1, 1]
        assert truth.row_tube.tolist() == [0, 0, 1, 1, 1, 1, 2]
        assert truth.rows[:, 0].tolist() == [2, 3, 5, 6, 7, 8, 9]
        assert (truth.rows[:, 1:] == (10, 20, 29, 59)).all()

    def test_splits(self, write_act):
        path = write_act(
            dict(a=3, b=3, c=3), {}, train_videos=[['a', 'b'], ['c']], test_videos=[['c'], ['b', 'a', 'a']])
        videos = {
            (split, half): read_tube_annotations(path, split, half).videos
            for split in (1, 2)
            for half in ('train', 'test')
        }
        assert videos == {(1, 'train'): ['a', 'b'], (1, 'test'): ['c'], (2, 'train'): ['c'], (2, 'test'): ['a', 'b']}

    def test_strings_of_python_2(self, write_act, tmp_path):
        content = Path(write_act(dict(v=5), dict(v=[(0, 1, 5)]))).read_bytes()
        for word in (b'labels', b'gttubes', b'nframes', b'resolution', b'train_videos', b'test_videos', b'jump', b'v'):
            content = content.replace(b'X%c\0\0\0%b' % (len(word), word), b'U%c%b' % (len(word), word))
        assert b'U\6labels' in content
        (tmp_path / 'py2.pkl').write_bytes(content)
        truth = read_tube_annotations(str(tmp_path / 'py2.pkl'))
        assert truth.videos == ['v'] and truth.labels[0] == 'jump' and len(truth.rows) == 5

    def test_no_tube_at_all(self, write_act):
        truth = read_tube_annotations(write_act(dict(a=3), {}))
        assert truth.rows.shape == (0, 5) and truth.tube_video.shape == truth.tube_label.shape == (0, )

    @pytest.mark.parametrize('changes, message', [
        (dict(gttubes={'a': {
            2: [np.ones((1, 5))]
        }}), 'gt.pkl: a, tube 0 has the label 2, and there are 2 classes'),
        (dict(gttubes={'a': {
            -1: [np.ones((1, 5))]
        }}), 'a, tube 0 has the label -1'),
        (dict(gttubes={'a': {
            'run': [np.ones((1, 5))]
        }}), "a has the label 'run'; it must be the number of the class"),
        (dict(gttubes={'a': [np.ones((1, 5))]}), 'a has a list for tubes, not a dict from label'),
        (dict(gttubes={'a': {
            0: [np.ones((1, 4))]
        }}), r'a, tube 0 has the shape \(1, 4\), not \(n, 5\)'),
        (dict(gttubes={'a': {
            0: [np.ones((0, 5))]
        }}), r'a, tube 0 has the shape \(0, 5\)'),
        (dict(gttubes={'a': {
            1: [[[1, 2], [3]]]
        }}), 'a, tube 0 of label 1 is not an array of numbers'),
        (dict(gttubes={'a': {
            0: [np.array([[1, 5, 5, 4, 9]])]
        }}), r'a, tube 0 has the row \[1.0, 5.0, 5.0, 4.0, 9.0\]'),
        (dict(gttubes={'a': {
            0: [np.array([[0, 1, 1, 2, 2]])]
        }}), 'frames must ascend from 1'),
        (dict(gttubes={'a': {
            0: [np.ones((1, 5)), np.ones((2, 5))]
        }}), 'a, tube 1 .*frames must ascend'),
        (dict(gttubes={'a': {
            0: [np.array([[1, 1, 1, np.nan, 2]])]
        }}), 'a, tube 0 has the row'),
        (dict(gttubes={}), '1 test videos of split 1 are not in its "gttubes": a'),
        (dict(nframes={}), 'are not in its "nframes": a'),
        (dict(resolution={}), 'are not in its "resolution": a'),
        (dict(resolution={'a': (80, 0)}), r'a has 3 frames of the size \(80, 0\)'),
        (dict(nframes={'a': 0}), 'a has 0 frames'),
        (dict(test_videos=[[]]), 'no video in this part of the split'),
    ])
    def test_what_is_wrong_is_named(self, write_act, changes, message):
        path = write_act(dict(a=3), {}, **changes)
        with pytest.raises(ValueError, match=message) as caught:
            read_tube_annotations(path)
        assert path in str(caught.value)

    def test_missing_keys_and_splits(self, write_act, tmp_path):
        path = write_act(dict(a=3), {})
        with pytest.raises(ValueError, match=r'has the splits 1\.\.1, and split=2 was asked for'):
            read_tube_annotations(path, 2)
        with pytest.raises(ValueError, match="subset='val' is unknown"):
            read_tube_annotations(path, 1, 'val')
        with pytest.raises(ValueError, match='lacks nframes, resolution of ACT'):
            read_tube_annotations(
                write(tmp_path / 'b.pkl', dict(labels=[], gttubes={}, train_videos=[], test_videos=[])))


class TestPyannot:

    def test_boxes_of_few_bits_do_not_run_over(self, tmp_path, test_list):
        path = write(tmp_path / 'pyannot.pkl', pyannot())
        truth = read_tube_annotations(path, 1, 'test', test_list)
        assert truth.labels == list(UCF101_24_CLASSES) and truth.labels[truth.tube_label[0]] == 'Biking'
        assert truth.videos == ['Biking/v_Biking_g02'] and truth.nframes.tolist() == [200]
        assert truth.nframes.dtype == np.int64 and truth.resolution.tolist() == [[240, 320]]
        assert truth.rows.tolist() == [[4, 199, 99, 319, 239], [5, 0, 0, 10, 20]]

    def test_the_others_are_for_training(self, tmp_path, test_list):
        truth = read_tube_annotations(write(tmp_path / 'pyannot.pkl', pyannot()), 1, 'train', test_list)
        assert truth.videos == ['WalkingWithDog/v_a.b'] and truth.tube_label.tolist() == [23, 23]
        assert truth.rows.tolist() == [[1, 4, 5, 11, 13]] * 2 and truth.row_tube.tolist() == [0, 1]

    @pytest.mark.parametrize('changes, message', [
        (dict(label=24), 'v_Biking_g02, tube 0 has the label 24, and there are 24 classes'),
        (dict(ef=6), r'boxes of the shape \(2, 4\) for the frames sf=3 to ef=6 \(exclusive\), which need \(3, 4\)'),
        (dict(ef=3, boxes=np.zeros((0, 4))), r'which need \(0, 4\), at least one box'),
        (dict(boxes=np.ones((2, 5))), r'boxes of the shape \(2, 5\)'),
        (dict(boxes=np.array([[5, 5, -1, 5], [1, 1, 5, 5]])), 'v_Biking_g02, tube 0 has the row'),
    ])
    def test_what_is_wrong_is_named(self, tmp_path, test_list, changes, message):
        path = write(tmp_path / 'pyannot.pkl', pyannot(**changes))
        with pytest.raises(ValueError, match=message) as caught:
            read_tube_annotations(path, 1, 'test', test_list)
        assert path in str(caught.value)

    def test_missing_parts(self, tmp_path, test_list):
        content = pyannot()
        del content['Biking/v_Biking_g02']['annotations'][0]['ef']
        path = write(tmp_path / 'pyannot.pkl', content)
        with pytest.raises(ValueError, match='v_Biking_g02, tube 0 lacks ef'):
            read_tube_annotations(path, 1, 'test', test_list)
        with pytest.raises(ValueError, match='give test_list'):
            read_tube_annotations(path)
        with pytest.raises(ValueError, match='is split 1 only, and split=2'):
            read_tube_annotations(path, 2, 'test', test_list)
        with pytest.raises(FileNotFoundError, match='nowhere.txt does not exist'):
            read_tube_annotations(path, 1, 'test', str(tmp_path / 'nowhere.txt'))
        Path(test_list).write_text('Biking/v_Biking_g99\n')
        with pytest.raises(ValueError, match='1 videos of .*testlist01.txt are not in .*: Biking/v_Biking_g99'):
            read_tube_annotations(path, 1, 'test', test_list)


@pytest.mark.parametrize('content', [[], {}, {'a': 1}, {'a': {'b': 1}}])
def test_other_pickles(tmp_path, content):
    with pytest.raises(ValueError, match='neither of ACT'):
        read_tube_annotations(write(tmp_path / 'a.pkl', content))


def test_tubes_of_the_mini_data_set(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(MINI))
    from actions import ACTIONS
    from writers import Annotation, write_tubes
    tubes = {3: [np.array([[1, 0, 1, 20, 30], [2, 1, 1, 21, 30]], np.float32)]}
    items = {half: [Annotation(f'{half}_0000', [], 60, tubes)] for half in ('train', 'val', 'heldout')}
    write_tubes(items, 64, tmp_path / 'mini_tubes.pkl')
    truth = read_tube_annotations(str(tmp_path / 'mini_tubes.pkl'), 1, 'test')
    assert truth.videos == ['val_0000'] and truth.labels == list(ACTIONS) and truth.tube_label.tolist() == [3]
    assert truth.resolution.tolist() == [[64, 64]] and truth.rows.tolist() == [[1, 0, 1, 20, 30], [2, 1, 1, 21, 30]]


@pytest.mark.parametrize('changes, reason', [
    (dict(labels='run'), '"labels" must be a list of names, got run'),
    (dict(labels=['a\nb']), r'"labels" has a\\nb, which is no name'),
    (dict(labels=[[]]), r'"labels" has \[\], which is no name'),
    (dict(gttubes=dict(a={0: [np.ones((1, 5)) * 1j]})), 'is not an array of numbers'),
    (dict(gttubes=dict(a={0: [np.array([[1, 0, 0, 1e300, 1e300]])]})), 'over 100000 pixels'),
    (dict(nframes=dict(a=10**8)), 'a has 100000000 frames'),
    (dict(nframes=dict(a=np.array([3, 4]))), r'nframes=array\(\[3, 4\]\)'),
    (dict(resolution=dict(a=(2**70, 1))), 'a has .* frames of the size'),
    (dict(resolution=dict(a=3)), 'is neither of ACT'),
])
def test_values_of_other_types_are_named_in_a_line(tmp_path, write_act, changes, reason, recwarn):
    with pytest.raises(DataError, match=rf'^\S*gt.pkl\b.*{reason}.*$'):
        read_tube_annotations(write_act(dict(a=9), {}, **changes), subset='train')
    assert not recwarn.list


def test_names_on_several_lines_are_refused(write_act):
    with pytest.raises(DataError, match=r"^\S*gt.pkl: 'a\\nb' is no name of a video$"):
        read_tube_annotations(write_act({'a\nb': 9}, {}), subset='train')


def test_a_number_in_an_array_does_not_warn(write_act, recwarn):
    truth = read_tube_annotations(write_act(dict(a=9), {}, nframes=dict(a=np.array([[9.]]))), subset='train')
    assert truth.nframes.tolist() == [9] and not recwarn.list


def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path):
    rows = np.array([[i + 1, 10 + i, 20, 29 + i, 59] for i in range(5)], np.float32)
    content = dict(
        labels=['a', 'b'],
        gttubes=dict(v={0: [rows]}),
        nframes=dict(v=9),
        train_videos=[['v']],
        test_videos=[['v']],
        resolution=dict(v=(120, 160)))
    assert faults_of(read_tube_annotations, pickled([content]), tmp_path / 'gt.pkl', 200) == []
