"""Frames of a folder are counted by their names: other files do not count, a wrong beginning or a gap is named."""
import pytest

from mmstep.datasets.frame_folders import count_frames


@pytest.fixture
def folder(tmp_path):

    def fill(numbers, *others, template='img_{:05d}.jpg'):
        for name in (*map(template.format, numbers), *others):
            (tmp_path / name).touch()
        return str(tmp_path)

    return fill


def test_other_files_do_not_count(folder):
    path = folder(range(1, 8), '._img_00001.jpg', 'flow_x_00001.jpg', 'flow_y_00001.jpg', 'thumb.jpg', 'img_8.jpg')
    assert count_frames(path, 'img_{:05d}.jpg', 1) == 7


@pytest.mark.parametrize('template', ['{:05}.jpg', 'img_{:06d}.png', '{}.jpg', 'frame{:d}.jpeg'])
def test_templates(folder, template):
    assert count_frames(folder(range(98, 103), template=template), template, 98) == 5


def test_what_is_wrong_is_named(folder):
    path = folder([0, 1, 2, 4, 5])
    with pytest.raises(ValueError, match=r'begins with img_00000.jpg, and start_index=1 .* Set start_index=0'):
        count_frames(path, 'img_{:05d}.jpg', 1)
    with pytest.raises(FileNotFoundError, match='lacks img_00003.jpg, and has frames up to img_00005.jpg'):
        count_frames(path, 'img_{:05d}.jpg', 0)
    with pytest.raises(FileNotFoundError, match=r'holds no frame \({:05d}.jpg\)'):
        count_frames(path, '{:05d}.jpg', 0)
    with pytest.raises(FileNotFoundError, match='nowhere does not exist'):
        count_frames(path + '/nowhere', '{:05d}.jpg', 0)
