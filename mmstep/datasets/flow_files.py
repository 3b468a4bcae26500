"""Optical flow on the disk: a folder per video with a pair of grey JPEGs per frame.

``flow_x_00001.jpg`` and ``flow_y_00001.jpg`` hold the flow from frame 1 to frame 2; the last frame's repeats the one
before. A value v of 1..255 stands for (v - 128) / 127 * range pixels of the video, so that no motion is kept exactly.
``flow.json`` (:class:`FlowInfo`) is written last: a folder without it is unfinished.
"""
import json
import os
import os.path as osp
from typing import Any, NamedTuple

import cv2
import numpy as np

from mmstep.errors import DataError, MissingDataError
from mmstep.utils import cannot_write, write_text

NAMES = ('flow_x_{:05d}.jpg', 'flow_y_{:05d}.jpg')
INFO = 'flow.json'


class FlowInfo(NamedTuple):
    """What ``flow.json`` says.

    Attributes:
        range (float): Largest displacement that is kept, in pixels.
        method (str): How the flow was estimated.
        num_frames (int): Frames of the video, as many pairs of pictures.
        width (int): Pixels.
        height (int): Pixels.
        quality (int): Of the JPEGs, 1..100.
    """
    range: float
    method: str
    num_frames: int
    width: int
    height: int
    quality: int


def quantise(flow: np.ndarray, limit: float) -> np.ndarray:
    """Flow as bytes.

    Args:
        flow (np.ndarray): Pixels, any shape.
        limit (float): Displacements are clipped to +-limit pixels.

    Returns:
        np.ndarray: uint8, same shape; 128 is no motion.
    """
    return np.rint((flow / limit).clip(-1, 1) * 127 + 128).astype(np.uint8)


def dequantise(values: np.ndarray, limit: float) -> np.ndarray:
    """The inverse of :func:`quantise`, float32, up to limit / 254 pixels off."""
    return (values.astype(np.float32) - 128) * np.float32(limit / 127)


def stored_flow(flow: np.ndarray, limit: float, quality: int) -> np.ndarray:
    """Flow as it comes back from the disk, without writing it: what a detector that learnt from files has to see.

    Args:
        flow (np.ndarray): (H, W, 2) pixels.
        limit (float): Range in pixels.
        quality (int): JPEG quality, 1..100.

    Returns:
        np.ndarray: (H, W, 2) float32 pixels, the same to the last bit as by :func:`write_pair` and :func:`read_pair`.
    """
    planes: Any = [cv2.imdecode(_encode(flow[..., axis], limit, quality), cv2.IMREAD_GRAYSCALE) for axis in range(2)]
    return dequantise(np.stack(planes, axis=2), limit)


def _encode(plane: np.ndarray, limit: float, quality: int) -> np.ndarray:
    """One axis of a flow map as the bytes of a grey JPEG."""
    return cv2.imencode('.jpg', quantise(plane, limit), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]


def write_pair(folder: str, number: int, flow: np.ndarray, limit: float, quality: int) -> None:
    """Writes the flow of one frame, each picture whole or not at all.

    Args:
        folder (str): Folder of the video.
        number (int): Frame, from 1.
        flow (np.ndarray): (H, W, 2) pixels.
        limit (float): Range in pixels.
        quality (int): JPEG quality, 1..100.

    Raises:
        LaunchError: If a file cannot be written.
    """
    for axis, name in enumerate(NAMES):
        path = osp.join(folder, name.format(number))
        draft = osp.join(folder, f'.{name.format(number)}')
        content = _encode(flow[..., axis], limit, quality)
        try:
            with open(draft, 'wb') as file:  # which, unlike OpenCV, takes any name and says why it fails
                file.write(content.tobytes())
            os.replace(draft, path)  # not through a link to another file
        except OSError as error:
            if osp.lexists(draft):
                os.remove(draft)
            raise cannot_write(path, error) from error


def write_info(folder: str, info: FlowInfo) -> None:
    """Writes ``flow.json``, whole or not at all."""
    write_text(osp.join(folder, INFO), json.dumps(info._asdict()))


def read_info(folder: str) -> FlowInfo:
    """Reads ``flow.json``.

    Args:
        folder (str): Folder of one video.

    Returns:
        FlowInfo: Its content.

    Raises:
        FileNotFoundError: If the flow of the video is missing or unfinished.
        ValueError: If the file is damaged.
    """
    path = osp.join(folder, INFO)
    if not osp.isfile(path):
        raise MissingDataError(f'{path} does not exist: the optical flow of this video is missing or unfinished. Run '
                               'python tools/data/extract_flow.py VIDEOS FLOW again; it goes on where it stopped')
    with open(path, encoding='utf-8') as file:
        try:
            return FlowInfo(**json.load(file))
        except (ValueError, TypeError) as error:
            raise DataError(f'{path} is damaged ({error}). Delete it and run tools/data/extract_flow.py '
                            'again') from error


def read_pair(folder: str, number: int) -> np.ndarray:
    """Reads the flow of one frame.

    Args:
        folder (str): Folder of the video.
        number (int): Frame, from 1.

    Returns:
        np.ndarray: (H, W, 2) uint8, see :func:`dequantise`.

    Raises:
        FileNotFoundError: If a picture is missing or damaged.
    """
    planes = []
    for name in NAMES:
        path = osp.join(folder, name.format(number))
        plane = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
        if plane is None:
            raise MissingDataError(f'{path} is missing or damaged. Delete {osp.join(folder, INFO)} and run '
                                   'tools/data/extract_flow.py again')
        planes.append(plane)
    return np.stack(planes, axis=2)
