"""Whatever a user points at, as a source of frames."""
import os
import os.path as osp
from typing import Iterator, List, Optional, Protocol, Sequence, Tuple, Union, cast, runtime_checkable

import numpy as np

from mmstep.utils.overwriting import printable, shorten_name
from .array_source import ArraySource
from .picture_folder import PictureFolder, list_pictures
from .stream_source import StreamSource, is_stream
from .video_source import VideoSource

VIDEO_EXTENSIONS = ('.mp4', '.mkv', '.webm', '.avi', '.mov')
Source = Union[VideoSource, ArraySource, PictureFolder, StreamSource]
Input = Union[str, int, np.ndarray]


class FrameSource(Protocol):
    """What every source tells.

    Attributes:
        path (str): Its name in results and messages.
        width, height (int): Size of the frames in pixels.
        fps (float): Frames a second.
        broken_from (float, optional): From which second on it is known to be damaged or cut off.
    """
    path: str
    width: int
    height: int
    fps: float
    broken_from: Optional[float]


@runtime_checkable
class SeekableSource(FrameSource, Protocol):
    """A source whose frames can be asked for by time: :class:`VideoSource`, :class:`ArraySource`.

    Attributes:
        times (np.ndarray): (n,) start times of the frames, seconds from the first one, ascending.
    """
    times: np.ndarray

    @property
    def duration(self) -> float:
        """Seconds from the first frame's start to the last one's end."""

    def frames_at(self, times: Sequence[float]) -> List[np.ndarray]:
        """The pictures on the screen at some times.

        Args:
            times (Sequence[float]): (m,) seconds from the first frame.

        Returns:
            list[np.ndarray]: m frames (H, W, 3) uint8, RGB.
        """


@runtime_checkable
class SequentialSource(FrameSource, Protocol):
    """A source that is read once from its beginning: :class:`StreamSource`, :class:`Recording`."""

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields (frame (H, W, 3) uint8 RGB, seconds from the first frame), times ascending."""


def open_source(what: Input, fps: Optional[float] = None, max_seconds: Optional[float] = None) -> Source:
    """Opens an input.

    Args:
        what (str | int | np.ndarray): Path of a video or of a folder of numbered pictures, index of a camera, address
            of a stream, or frames (T, H, W, 3) uint8, RGB.
        fps (float, optional): Frames a second of frames in memory and of pictures, which need it.
        max_seconds (float, optional): How long a stream is read at most.

    Returns:
        VideoSource | ArraySource | PictureFolder | StreamSource: The source.

    Raises:
        VideoError: If it cannot be read.
        ValueError: If frames in memory are of another form, or ``fps`` is missing.
    """
    if isinstance(what, np.ndarray):
        return ArraySource(what, fps)
    if is_stream(what):
        return StreamSource(what, max_seconds)
    if osp.isdir(what):
        return PictureFolder(os.fspath(cast(str, what)), fps)
    return VideoSource(os.fspath(cast(str, what)))


def input_name(what: Input) -> str:
    """The name of an input in messages and results, whether or not it can be opened."""
    if isinstance(what, np.ndarray):
        return 'array'
    return printable(StreamSource.name(what) if is_stream(what) else os.fspath(cast(str, what)))


def list_inputs(inputs: Union[Input, Sequence[Input]]) -> List[Input]:
    """Makes a list of what a user gives.

    Args:
        inputs (str | int | np.ndarray | Sequence): One input or several; of a folder the files in it that are not
            hidden, by name, or the folder itself if it holds pictures and no video.

    Returns:
        list: The inputs.

    Raises:
        VideoError: If the folder cannot be read.
    """
    if isinstance(inputs, (list, tuple)):
        return list(inputs)
    if isinstance(inputs, (str, os.PathLike)) and osp.isdir(inputs):
        pictures = list_pictures(os.fspath(inputs))
        names = [name for name in sorted(os.listdir(inputs)) if not name.startswith('.')]
        if pictures and not any(name.lower().endswith(VIDEO_EXTENSIONS) for name in names):
            return [cast(Input, inputs)]
        return [path for path in (osp.join(inputs, name) for name in names) if not osp.isdir(path)]
    return [cast(Input, inputs)]


def files_of_input(what: Input) -> List[str]:
    """The files that are read of an input, which nothing may be written over.

    Args:
        what (str | int | np.ndarray): See :func:`open_source`.

    Returns:
        list[str]: The video, the pictures of a folder, or nothing.
    """
    if not isinstance(what, (str, os.PathLike)) or is_stream(what):
        return []
    path = os.fspath(what)
    return [osp.join(path, name) for name in list_pictures(path)] if osp.isdir(path) else [path]


def file_stems(names: List[str]) -> List[str]:
    """Names for the files of results, no two alike.

    Args:
        names (list[str]): Of the inputs.

    Returns:
        list[str]: File names without folder and extension; ``_2``, ``_3`` ... where one comes again.

    Example:
        >>> file_stems(['a/clip.mp4', 'b/clip.avi', 'camera 0', 'rtsp://host:554/live'])
        ['clip', 'clip_2', 'camera_0', 'live']
    """
    stems: List[str] = []
    for name in names:
        stem = osp.splitext(osp.basename(name.split('?')[0].rstrip('/')))[0] if '/' in name or '.' in name else name
        stem = shorten_name(stem.replace(' ', '_') if name.startswith('camera ') else stem or 'video')
        taken, number, unique = {item.lower() for item in stems}, 1, stem
        while unique.lower() in taken:
            number += 1
            unique = f'{stem}_{number}'
        stems.append(unique)
    return stems
