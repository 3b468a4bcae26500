"""Folder of one video of 30 frames at 10 frames a second, 64x48."""
import pytest
from helpers.video_files import grey_pictures, write_frames

from mmstep.datasets.annotation_formats import VideoFolder


@pytest.fixture(scope='session')
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    write_frames(folder / 'yard.mp4', grey_pictures(30), fps=10)
    return VideoFolder(folder)
