"""Pictures as files."""
import os
import os.path as osp
from typing import Union

import cv2
import numpy as np

from mmstep.errors import LaunchError
from .atomic_file import AtomicFile


def write_image(path: Union[str, os.PathLike], picture: np.ndarray) -> None:
    """Writes an RGB picture, whole or not at all.

    Args:
        path (str or Path): The file; its extension says the format.
        picture (np.ndarray): (H, W, 3) uint8.

    Raises:
        LaunchError: If it cannot be written, or OpenCV does not know the format.
    """
    extension = osp.splitext(path)[1]
    if not extension or not cv2.haveImageWriter(f'x{extension}'):
        raise LaunchError(f'{os.fspath(path)} cannot be written: the name of a picture ends with .png or .jpg.')
    whole, content = cv2.imencode(extension, picture[..., ::-1])
    if not whole:
        raise LaunchError(f'{os.fspath(path)} cannot be written: OpenCV cannot encode a picture of '
                          f'{picture.shape[1]}x{picture.shape[0]} pixels as {extension}.')
    with AtomicFile(path) as name, open(name, 'wb') as file:
        file.write(content.tobytes())
