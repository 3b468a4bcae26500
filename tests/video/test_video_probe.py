"""Tests of mmstep.video.video_probe.

Videos are opened in a process of its own first, which a broken one may bring down.
"""
import pytest
from helpers.square_detector import write_square_video

from mmstep.apis import VideoError
from mmstep.video import video_probe
from mmstep.video.video_probe import VideoProbe


def test_a_video_that_ends_the_process_is_an_error_and_the_next_ones_pass(tmp_path, monkeypatch):
    program = tmp_path / 'program.py'
    program.write_text('import os, sys\n'
                       'for line in sys.stdin:\n'
                       '    if "deadly" in line:\n'
                       '        os.kill(os.getpid(), 6)\n'
                       '    print(flush=True)\n')
    monkeypatch.setattr(video_probe, 'PROGRAM', str(program))
    probe = VideoProbe()
    for _ in range(2):
        probe.check('good.mp4')
        with pytest.raises(VideoError, match=r'deadly\.mp4 is damaged .* \(exit code -6\)'):
            probe.check('deadly.mp4')
    probe.check('good.mp4')


def test_a_video_that_is_never_open_is_an_error(tmp_path, monkeypatch):
    (tmp_path / 'program.py').write_text('import time\ntime.sleep(100)\n')
    monkeypatch.setattr(video_probe, 'PROGRAM', str(tmp_path / 'program.py'))
    monkeypatch.setattr(video_probe, 'LONGEST_OPENING', 0.01)
    with pytest.raises(VideoError, match='exit code -9'):
        VideoProbe().check('a.mp4')


def test_videos_and_what_says_itself_that_it_is_none_pass(tmp_path):
    probe = VideoProbe()
    (tmp_path / 'text\n.mp4').write_text('no video')
    probe.check(str(tmp_path / 'text\n.mp4'))
    probe.check(str(tmp_path / 'nowhere.mp4'))
    probe.check(write_square_video(tmp_path / 'a ü.mp4', seconds=1))


def test_a_file_that_claims_a_billion_frames_is_an_error(tmp_path):
    path = tmp_path / 'a.mp4'
    content = bytearray(open(write_square_video(path, seconds=1), 'rb').read())
    count = content.index(b'stts') + 12  # how many frames have the first duration
    content[count] = 0x7f
    path.write_bytes(content)
    with pytest.raises(VideoError, match='brings down what opens it'):
        VideoProbe().check(str(path))
