"""Tests of mmstep.datasets.annotation_formats.annotated_tracks: boxes between those that a person drew."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmstep.datasets.annotation_formats import AnnotatedTrack, AnnotatedVideo, KeyBox, classes_of, fill_frames
from mmstep.datasets.annotation_formats.annotated_tracks import runs
from mmstep.errors import DataError

WALK, STAND = frozenset(['walk']), frozenset(['stand'])


def test_boxes_go_in_a_straight_line_and_actions_hold():
    track = fill_frames(3, [KeyBox(10, (0, 0, 10, 10), WALK), KeyBox(14, (8, 4, 18, 14), STAND)])
    assert track.frames.tolist() == [10, 11, 12, 13, 14]
    assert track.boxes[1].tolist() == [2, 1, 12, 11]
    assert track.actions == [WALK] * 4 + [STAND]


def test_who_leaves_is_away_until_the_next_box():
    box = (0, 0, 1, 1)
    track = fill_frames(0, [KeyBox(0, box), KeyBox(2, box, ends=True), KeyBox(5, box), KeyBox(6, box, ends=True)])
    assert track.frames.tolist() == [0, 1, 5]


def test_the_last_box_holds_to_the_end_of_the_video():
    assert fill_frames(0, [KeyBox(1, (0, 0, 1, 1))], last=3).frames.tolist() == [1, 2, 3]
    assert fill_frames(0, [KeyBox(5, (0, 0, 1, 1))], last=3).frames.tolist() == [5]


def test_nobody():
    track = fill_frames(0, [])
    assert len(track.frames) == 0 and track.boxes.shape == (0, 4) and track.actions == []


@pytest.mark.parametrize('key', [
    KeyBox(-1, (0, 0, 1, 1)),
    KeyBox(10**12, (0, 0, 1, 1)),
    KeyBox(0, (0, 0, float('nan'), 1)),
])
def test_impossible_boxes(key):
    with pytest.raises(DataError, match='track 4'):
        fill_frames(4, [key])


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=8))
def test_frames_ascend_and_every_key_box_is_met(keys):
    boxes = [KeyBox(frame, (frame, 0, frame + 1, 1), ends=ends) for frame, ends in keys]
    track = fill_frames(0, boxes)
    assert (np.diff(track.frames) > 0).all()
    last = {box.frame: box for box in boxes}
    for frame, box in last.items():
        assert (frame in track.frames) == (not box.ends)
        if not box.ends:
            assert track.boxes[track.frames.tolist().index(frame)].tolist() == list(box.box)


def test_runs_break_where_the_action_or_the_frames_do():
    track = AnnotatedTrack(0, np.array([1, 2, 3, 7, 8]), np.zeros((5, 4)), [WALK, WALK, STAND, WALK, WALK | STAND])
    assert [run.tolist() for run in runs(track, 'walk')] == [[0, 1], [3, 4]]
    assert [run.tolist() for run in runs(track, 'stand')] == [[2], [4]]
    assert list(runs(track, 'jump')) == []


def test_classes():
    track = AnnotatedTrack(0, np.array([1, 2]), np.zeros((2, 4)), [WALK, STAND])
    assert classes_of([AnnotatedVideo('a', 8, 8, [track])]) == ['stand', 'walk']
    with pytest.raises(DataError, match='no box names an action'):
        classes_of([AnnotatedVideo('a', 8, 8, [])])
