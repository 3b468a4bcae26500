from pathlib import Path

import cv2
import numpy as np
import pytest
from example_videos import find_examples, playable_copy
from helpers.square_detector import square_left, write_square_video

from mmstep.apis import VideoError, VideoSource, VideoWriter


@pytest.fixture
def folders(tmp_path):
    """Where the videos are and where copies go."""
    for name in ('videos', 'copies'):
        (tmp_path / name).mkdir()
    return tmp_path / 'videos', tmp_path / 'copies'


def codec(path):
    return int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FOURCC)).to_bytes(4, 'little')


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
    assert copy == str(copies / 'ä b.webm') and codec(copy) == b'VP80' and codec(video) != b'VP80'
    source = VideoSource(copy)
    assert (source.width, source.height, len(source.times)) == (96, 80, 12)
    assert source.fps == pytest.approx(24, abs=0.1)
    for index in (0, 11):
        row = source.frames_at([source.times[index]])[0][50, :, 0]
        assert abs(np.where(row > 127)[0].min() - square_left(index / 24)) <= 2


def test_what_browsers_play_is_not_copied(folders):
    videos, copies = folders
    with VideoWriter(str(videos / 'a.webm'), 10, (64, 48)) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert playable_copy(writer.path, str(copies)) == writer.path
    assert find_examples(str(videos), str(copies)) == [writer.path] and not list(copies.iterdir())


def test_example_that_is_no_video_is_named(folders):
    videos, copies = folders
    (videos / 'text.mp4').write_text('text')
    with pytest.raises(VideoError, match=r'text\.mp4 is not a video that can be read'):
        find_examples(str(videos), str(copies))
    assert not list(copies.iterdir())
