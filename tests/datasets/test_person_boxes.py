"""Proposal files of a person detector."""
import pickle

import numpy as np
import pytest
from helpers.file_faults import faults_of, pickled

from mmstep.datasets.person_boxes import keys_without_boxes, read_person_boxes, select_person_boxes
from mmstep.errors import DataError

BOXES = np.array([[0, 0, .5, .5, .2], [.1, .1, .6, .6, .95], [.2, .2, 1, 1, .9]])


@pytest.fixture
def write(tmp_path):

    def write_(content):
        path = tmp_path / 'proposals.pkl'
        path.write_bytes(pickle.dumps(content))
        return str(path)

    return write_


def test_round_trip(write):
    content = {'v,0902': BOXES, 'v,0903': np.zeros((0, 5)), 'w,0001': BOXES[:, :4]}
    read = read_person_boxes(write(content))
    assert list(read) == list(content)
    for key, boxes in content.items():
        np.testing.assert_array_equal(read[key], boxes)


@pytest.mark.parametrize('boxes, message', [
    (np.zeros((2, 6)), r"'v,0902'.*\(2, 6\)"),
    (np.zeros(4), r"'v,0902'.*\(4,\)"),
    ([[0, 0, 1, 1]], "'v,0902'.*list"),
    (np.array([[0, 0, 320., 240.]]), r"'v,0902'.*fractions.*320"),
    (np.array([[.5, 0, .4, 1]]), "'v,0902'.*x1, y1, x2, y2"),
    (np.array([[np.nan, 0, .4, 1]]), "'v,0902'.*nan"),
])
def test_wrong_entries_are_named(write, boxes, message):
    with pytest.raises(ValueError, match=f'proposals.pkl: the boxes of {message}'):
        read_person_boxes(write({'v,0902': boxes}))


def test_other_pickles_are_refused(write):
    with pytest.raises(pickle.UnpicklingError, match='proposals.pkl holds a list'):
        read_person_boxes(write([BOXES]))
    with pytest.raises(pickle.UnpicklingError, match='proposals.pkl.*print'):
        read_person_boxes(write(print))


def test_boxes_over_the_score_are_taken():
    np.testing.assert_allclose(select_person_boxes(BOXES, .9, 10), BOXES[1:, :4])
    np.testing.assert_allclose(select_person_boxes(BOXES, .9, 1), BOXES[1:2, :4])


def test_the_best_is_taken_where_none_reaches_the_score():
    np.testing.assert_allclose(select_person_boxes(BOXES, .99, 10), BOXES[1:2, :4])


def test_without_scores_all_are_taken():
    assert select_person_boxes(BOXES[:, :4], .9, 10).shape == (3, 4)


@pytest.mark.parametrize('columns', [4, 5])
def test_an_empty_entry_means_nobody(columns):
    selected = select_person_boxes(np.zeros((0, columns)), .9, 10)
    assert selected.shape == (0, 4) and selected.dtype == np.float32


def test_no_entry_means_the_whole_frame():
    np.testing.assert_array_equal(select_person_boxes(None, .9, 10), [[0, 0, 1, 1]])


def test_keys_with_and_without_zeros(write):
    assert set(read_person_boxes(write({'v,7': BOXES, 'a,b, 0902': BOXES}))) == {'v,0007', 'a,b,0902'}
    for key in (('v', 7), 'v_7', 'v,x', 7):
        with pytest.raises(ValueError, match="has to be 'video_id,timestamp'"):
            read_person_boxes(write({key: BOXES}))


def test_key_seconds_that_the_file_does_not_know():
    entries = {'a,0001': BOXES, 'a,0002': BOXES}
    assert keys_without_boxes('p.pkl', entries, ['a,0002', 'a,0001']) == ''
    assert 'p.pkl has no boxes for 1 of 2 key seconds, for instance a,0003' in keys_without_boxes(
        'p.pkl', entries, ['a,0002', 'a,0003'])
    with pytest.raises(
            ValueError,
            match="for any of the 1 key seconds, for instance 'b,0001'; it has 2 others, for "
            "instance 'a,0001'"):
        keys_without_boxes('p.pkl', entries, ['b,0001'])


@pytest.mark.parametrize('content', [
    {'v,1': np.array([['a', 'b', 'c', 'd']])},
    {'v,1': np.array([[0, 0, 1, 1, np.nan]])},
    {'v,1': np.array([[True] * 4])},
    {'v,' + '9' * 30: np.zeros((1, 4))},
    {'v\n,1': np.zeros((1, 4))},
    {'x' * 10**5: np.zeros((1, 4))},
    {'v,1': np.full((10**4, 4), 2.)},
    {'v,1': np.zeros((2,) * 20)},
], ids=range(8))  # yapf: disable
def test_odd_entries_are_a_short_line(tmp_path, content):
    (tmp_path / 'p.pkl').write_bytes(pickle.dumps(content))
    with pytest.raises(DataError, match=r'^\S*p\.pkl: .{,300}$'):
        read_person_boxes(str(tmp_path / 'p.pkl'))


def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path):
    content = {f'v,{second:04d}': np.array([[.1, .2, .5, .9, .8], [0, 0, 1, 1, .3]]) for second in range(3)}
    assert faults_of(read_person_boxes, pickled([content]), tmp_path / 'boxes.pkl', 200) == []
