"""Tests of mmstep.datasets.annotation_formats.ava: tracks to the boxes of whole seconds, and back."""
import numpy as np
import pytest

from mmstep.datasets.annotation_formats import (AnnotatedTrack, AnnotatedVideo, ava_lines, key_frames, read_ava,
                                                write_ava, write_label_map)
from mmstep.datasets.ava_csv import read_annotations, read_label_map
from mmstep.errors import DataError, MissingDataError

LABELS = ['walk', 'wave']


def track(number=4, start=0):
    frames = np.arange(10, 26)
    boxes = np.column_stack([frames - 10. + start, frames * 0., frames + 10., frames * 0 + 40.])
    return AnnotatedTrack(number, frames, boxes, [frozenset(['walk'])] * 10 + [frozenset(LABELS)] * 6)


def test_key_frames(videos):
    assert key_frames(AnnotatedVideo('yard', 64, 48, []), videos) == {0: 0, 1: 10, 2: 20}
    assert key_frames(AnnotatedVideo('else', 64, 48, [], 30, 10.)) == {0: 0, 1: 10, 2: 20}
    assert key_frames(AnnotatedVideo('else', 64, 48, [], 50, 24.5)) == {0: 0, 1: 24, 2: 49}
    with pytest.raises(MissingDataError, match='else is needed for the times of its frames'):
        key_frames(AnnotatedVideo('else', 64, 48, []))


def test_lines(videos):
    lines = ava_lines(AnnotatedVideo('yard', 64, 48, [track()], 30), LABELS, videos)
    assert [(line.timestamp, line.action_id, line.entity_id) for line in lines] == [(1, 1, 4), (2, 1, 4), (2, 2, 4)]
    assert (lines[0].x1, lines[0].x2, lines[0].y2) == ('0.000000', f'{20 / 64:.6f}', f'{40 / 48:.6f}')


def test_lines_between_whole_seconds_and_back(tmp_path, videos):
    lines = ava_lines(AnnotatedVideo('yard', 64, 48, [track()], 30), LABELS, videos, every=0.5)
    assert [(line.timestamp, line.action_id) for line in lines] == [(1, 1), ('1.5', 1), (2, 1), (2, 2), ('2.5', 1),
                                                                    ('2.5', 2)]
    write_ava(str(tmp_path / 'a.csv'), lines)
    write_label_map(str(tmp_path / 'a.pbtxt'), LABELS)
    video, = read_ava(str(tmp_path / 'a.csv'), str(tmp_path / 'a.pbtxt'), videos)
    assert [item.frames.tolist() for item in video.tracks] == [[10, 15, 20, 25]]
    assert ava_lines(video, LABELS, videos, every=0.5) == lines


def test_boxes_are_cut_at_the_edge_and_left_out_beyond(videos):
    outside = AnnotatedTrack(1, np.array([10, 20]), np.array([[-5., -5, 80, 20], [70, 0, 90, 20]]),
                             [frozenset(['walk'])] * 2)
    line, = ava_lines(AnnotatedVideo('yard', 64, 48, [outside], 30), LABELS, videos)
    assert (line.timestamp, line.x1, line.y1, line.x2) == (1, '0.000000', '0.000000', '1.000000')


def test_round_trip(tmp_path, videos):
    lines = ava_lines(AnnotatedVideo('yard', 64, 48, [track(), track(-1, 3)], 30), LABELS, videos)
    write_ava(str(tmp_path / 'a.csv'), lines)
    write_label_map(str(tmp_path / 'a.pbtxt'), LABELS)
    assert read_label_map(str(tmp_path / 'a.pbtxt')) == {1: 'walk', 2: 'wave'}
    video, = read_ava(str(tmp_path / 'a.csv'), str(tmp_path / 'a.pbtxt'), videos)
    # Who has no number is somebody else at each second.
    assert sorted((item.id, item.frames.tolist()) for item in video.tracks) == [(-1, [10]), (-1, [20]), (4, [10, 20])]
    assert sorted(ava_lines(video, LABELS, videos)) == sorted(lines)
    assert len(list(read_annotations(str(tmp_path / 'a.csv')))) == 6


def test_seconds_outside_of_the_video(tmp_path, videos):
    (tmp_path / 'a.csv').write_text('yard,9,0.1,0.1,0.2,0.2,1,0\n')
    write_label_map(str(tmp_path / 'a.pbtxt'), LABELS)
    with pytest.raises(DataError, match='a.csv: second 9 of yard lies outside of the video, which ends at 2.90 s'):
        read_ava(str(tmp_path / 'a.csv'), str(tmp_path / 'a.pbtxt'), videos)


def test_names_that_a_label_map_cannot_hold(tmp_path):
    with pytest.raises(DataError, match='rename the action'):
        write_label_map(str(tmp_path / 'a.pbtxt'), ['say "no"'])
