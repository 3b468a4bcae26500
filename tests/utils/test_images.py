"""Pictures as files."""
import cv2
import numpy as np
import pytest

from mmstep.errors import LaunchError
from mmstep.utils import write_image


@pytest.mark.parametrize('extension', ['.png', '.PNG', '.jpg'])
def test_red_stays_red(extension, tmp_path):
    path = tmp_path / f'a{extension}'
    write_image(path, np.full((4, 6, 3), (255, 0, 0), np.uint8))
    assert cv2.imread(str(path))[..., ::-1].reshape(-1, 3).mean(0) == pytest.approx([255, 0, 0], abs=3)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize('name, reason', [('a', r'ends with \.png or \.jpg'), ('a.tube', r'ends with \.png or \.jpg'),
                                          ('no/a.png', 'the folder .*no does not exist')])
def test_what_cannot_be_written(name, reason, tmp_path):
    with pytest.raises(LaunchError, match=f'{name} cannot be written: .*{reason}'):
        write_image(str(tmp_path / name), np.zeros((4, 6, 3), np.uint8))
    assert not list(tmp_path.iterdir())
