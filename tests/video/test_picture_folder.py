"""A folder of numbered pictures is one video."""
import os

import numpy as np
import pytest
from helpers.video_files import grey_pictures, number

from mmstep.utils import write_image
from mmstep.video import PictureFolder, VideoError, VideoSource, list_inputs, open_source


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures whose numbers have one digit or two."""
    path = tmp_path / 'frames'
    path.mkdir()
    for index, picture in enumerate(grey_pictures(12)):
        write_image(path / f'img_{index + 1}.png', picture)
    (path / '._img_1.png').write_bytes(b'what a file manager leaves')
    (path / 'notes.txt').write_text('no picture')
    return path


def test_frames_by_time_in_the_order_of_their_numbers(folder):
    source = open_source(str(folder), fps=4)
    assert isinstance(source, PictureFolder)
    assert (source.width, source.height, source.fps, source.duration) == (64, 48, 4, 3)
    assert [number(picture) for picture in source.frames_at([0, 0.24, 0.25, 2.5, 99])] == [0, 0, 1, 10, 11]
    colors = np.zeros((48, 64, 3), np.uint8)
    colors[..., 0] = 200
    write_image(folder / 'img_1.png', colors)
    np.testing.assert_array_equal(open_source(str(folder), fps=4).frames_at([0])[0], colors)


def test_the_folder_is_one_input_unless_a_video_is_in_it(folder):
    assert list_inputs(str(folder)) == [str(folder)]
    (folder / 'film.mp4').write_bytes(b'')
    assert str(folder / 'film.mp4') in list_inputs(str(folder)) and len(list_inputs(str(folder))) == 14


def test_what_is_no_video_is_named(folder, tmp_path):
    with pytest.raises(VideoError, match='frames is a folder of 12 pictures, taken for one video: give fps='):
        open_source(str(folder))
    with pytest.raises(VideoError, match='is a single picture. Give a video, or the folder'):
        VideoSource(str(folder / 'img_1.png'))
    with pytest.raises(VideoError, match='is a folder without pictures'):
        open_source(str(tmp_path), fps=4)
    write_image(folder / 'img_5.png', np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(VideoError, match=r'img_5.png has 8x8 pixels, those before 64x48'):
        open_source(str(folder), fps=4).frames_at([1])
    (folder / 'img_5.png').write_bytes(b'broken')
    with pytest.raises(VideoError, match=r'img_5.png is damaged'):
        open_source(str(folder), fps=4).frames_at([1])
    os.rename(folder / 'img_5.png', folder / 'flow_x_5.png')
    with pytest.raises(VideoError, match='pictures of several videos'):
        open_source(str(folder), fps=4)


def test_a_jpeg_alone_is_no_video(tmp_path):
    write_image(tmp_path / 'poster.jpg', np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(VideoError, match='is a single picture'):
        VideoSource(str(tmp_path / 'poster.jpg'))
