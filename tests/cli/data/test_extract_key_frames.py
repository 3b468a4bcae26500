"""The command that writes the frames of whole seconds as pictures to annotate."""
import sys

import cv2
from helpers.video_files import grey_pictures, number, write_frames

from mmstep.cli.data import extract_key_frames


def test_pictures_of_whole_seconds(tmp_path, monkeypatch):
    path = write_frames(tmp_path / 'yard.mp4', grey_pictures(31), fps=10)
    monkeypatch.setattr(sys, 'argv', ['extract_key_frames.py', path, '--out', str(tmp_path / 'out'), '--every', '2'])
    extract_key_frames.main()
    assert sorted(item.name for item in (tmp_path / 'out').iterdir()) == ['yard_0000.jpg', 'yard_0002.jpg']
    assert number(cv2.imread(str(tmp_path / 'out' / 'yard_0002.jpg'))) == 20
