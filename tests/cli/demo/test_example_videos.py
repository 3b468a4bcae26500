"""Example videos of the page: which ones, and copies of those that browsers do not play."""
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.square_detector import square_left, write_square_video

from mmstep.apis import VideoError, VideoSource, VideoWriter
from mmstep.cli.demo.example_videos import find_examples, is_playable, playable_copy


@pytest.fixture
def folders(tmp_path):
    """Where the videos are and where copies go."""
    for name in ('videos', 'copies'):
        (tmp_path / name).mkdir()
    return tmp_path / 'videos', tmp_path / 'copies'


def codec(path):
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.name


def encode(path, codec, pix_fmt='yuv420p', times=range(5)):
    """A video of 64x48 with a frame at each of these times, in tenths of a second; brighter each time."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * number + 20, np.uint8), format='rgb24')
            frame.pts, frame.time_base = time, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return str(path)


def test_few_examples_and_held_out_ones_first(folders):
    videos, copies = folders
    for name in ('a2.mp4', 'a0.mp4', 'a3.MP4', 'a1.avi', 'heldout_1.mp4'):
        write_square_video(videos / name, seconds=0, size=(64, 80))
    (videos / 'notes.txt').touch()
    examples = find_examples(str(videos), str(copies))
    assert [Path(path).name for path in examples] == ['heldout_1.webm', 'a0.webm', 'a1.webm', 'a2.webm']
    # No copy is made of what is not shown.
    assert sorted(str(path) for path in copies.iterdir()) == sorted(examples)


def test_no_folder_and_no_video_are_no_examples(folders):
    videos, copies = folders
    assert find_examples(str(videos / 'nowhere'), str(copies)) == find_examples(str(videos), str(copies)) == []


def test_copy_is_playable_and_has_the_frames_of_its_video(folders):
    videos, copies = folders
    video = write_square_video(videos / 'ä b.mp4', seconds=0.5, size=(96, 80))
    copy = playable_copy(video, str(copies))
    assert copy == str(copies / 'ä b.webm') and codec(copy) == 'vp9' and codec(video) == 'mpeg4'
    source = VideoSource(copy)
    assert (source.width, source.height, len(source.times)) == (96, 80, 12)
    assert source.fps == pytest.approx(24, abs=0.1)
    for index in (0, 11):
        row = source.frames_at([source.times[index]])[0][50, :, 0]
        assert abs(np.where(row > 127)[0].min() - square_left(index / 24)) <= 2


@pytest.mark.parametrize('name', ['a.webm', 'a.mp4'])
def test_what_browsers_play_is_not_copied(folders, name):
    videos, copies = folders
    with VideoWriter(str(videos / name), 10, (64, 48)) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert playable_copy(writer.path, str(copies)) == writer.path
    assert find_examples(str(videos), str(copies)) == [writer.path] and not list(copies.iterdir())


@pytest.mark.parametrize('name,codec,pix_fmt,plays', [
    ('a.mp4', 'libx264', 'yuv420p', True),
    ('a.mp4', 'libx264', 'yuv420p10le', False),
    ('a.mp4', 'libx264', 'yuv444p', False),
    ('a.mp4', 'mpeg4', 'yuv420p', False),
    ('a.mkv', 'libx264', 'yuv420p', False),
    ('a.webm', 'libvpx', 'yuv420p', True),
    ('a.mp4', 'libvpx-vp9', 'yuv420p', True),
    ('a.avi', 'mjpeg', 'yuvj420p', False),
])
def test_what_browsers_play(tmp_path, name, codec, pix_fmt, plays):
    assert is_playable(encode(tmp_path / name, codec, pix_fmt)) is plays


def test_what_is_no_video_does_not_play(tmp_path):
    (tmp_path / 'a.mp4').write_text('text')
    assert not is_playable(str(tmp_path / 'a.mp4')) and not is_playable(str(tmp_path / 'nowhere.mp4'))


def test_copy_of_a_variable_rate_keeps_its_times(folders):
    videos, copies = folders
    video = encode(videos / 'a.mkv', 'mpeg4', times=(0, 1, 2, 6, 7))
    source = VideoSource(playable_copy(video, str(copies)))
    shown = [round((source.frames_at([time / 10])[0].mean() - 20) / 40) for time in (0, 1, 2, 5, 6, 7)]
    assert shown == [0, 1, 2, 2, 3, 4]


def test_example_that_is_no_video_is_named(folders):
    videos, copies = folders
    (videos / 'text.mp4').write_text('text')
    with pytest.raises(VideoError, match=r'text\.mp4 is not a video that can be read'):
        find_examples(str(videos), str(copies))
    assert not list(copies.iterdir())
