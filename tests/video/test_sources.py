"""Tests of mmstep.video.sources: whatever a user points at, as a source of frames."""
import os

import numpy as np
import pytest
from helpers.square_detector import write_square_video
from helpers.video_files import grey_pictures, write_frames

from mmstep.apis import ArraySource, StreamSource, VideoError, VideoSource, open_source
from mmstep.video import Recording, SeekableSource, SequentialSource, sources
from mmstep.video.sources import file_stems, input_name, list_inputs


def test_names_of_files():
    assert file_stems(['a/clip.mp4', 'b/Clip.avi', 'clip', 'camera 0', 'rtsp://host:554/live?x=1/2',
                       'http://host/']) == ['clip', 'Clip_2', 'clip_3', 'camera_0', 'live', 'host']
    assert list_inputs(0) == [0] and list_inputs(('a', 'b')) == ['a', 'b']


def test_kind_of_source_follows_from_the_input(tmp_path, monkeypatch):
    path = tmp_path / 'a.mp4'
    write_square_video(path, seconds=0)
    assert isinstance(open_source(path), VideoSource)
    array = open_source(np.zeros((2, 4, 6, 3), np.uint8), fps=5)
    assert isinstance(array, ArraySource) and array.duration == 0.4
    opened = []
    monkeypatch.setattr(sources, 'StreamSource', lambda *args: opened.append(args))
    open_source('rtsp://host/a', max_seconds=3)
    open_source(1)
    assert opened == [('rtsp://host/a', 3), (1, None)]
    with pytest.raises(VideoError, match='does not exist'):
        open_source(str(tmp_path / 'nowhere.mp4'))
    with pytest.raises(ValueError, match='need fps='):
        open_source(np.zeros((2, 4, 6, 3), np.uint8))


def test_names_in_messages_tell_no_password(tmp_path):
    names = [input_name(what) for what in (tmp_path / 'a.mp4', 2, 'rtsp://me:secret@host/a', np.zeros(1))]
    assert names == [str(tmp_path / 'a.mp4'), StreamSource.name(2), 'rtsp://host/a', 'array']


def test_folder_gives_its_files_by_name(tmp_path):
    for name in ('b.mp4', 'a.mp4', 'ä.mp4'):
        (tmp_path / name).touch()
    (tmp_path / 'aa').mkdir()
    expected = [os.path.join(tmp_path, name) for name in ('a.mp4', 'b.mp4', 'ä.mp4')]
    assert list_inputs(str(tmp_path)) == list_inputs(tmp_path) == expected
    assert list_inputs('nowhere.mp4') == ['nowhere.mp4']


def test_second_name_does_not_take_one_that_is_there():
    assert file_stems(['a_2.mp4', 'a.mp4', 'b/a.mp4', 'c/a.avi']) == ['a_2', 'a', 'a_3', 'a_4']


def test_files_and_arrays_can_be_asked_for_any_time(tmp_path):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(3))
    for source in (VideoSource(path), ArraySource(np.zeros((2, 4, 6, 3), np.uint8), 25)):
        assert isinstance(source, SeekableSource) and not isinstance(source, SequentialSource)


def test_streams_are_read_once(tmp_path):
    stream = StreamSource(f'file://{write_frames(tmp_path / "a.mp4", grey_pictures(3))}')
    for source in (stream, Recording(stream, str(tmp_path / 'b.mp4'))):
        assert isinstance(source, SequentialSource) and not isinstance(source, SeekableSource)
    stream.close()
