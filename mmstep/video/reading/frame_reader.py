"""Decodes the frames of a video file by number: on from the last one, or from the key frame before a wanted one."""
from typing import Any, Callable, Mapping, Optional, Sequence, Set, Tuple, cast
from weakref import WeakMethod

import av
import cv2
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from mmstep.errors import VideoError
from .container import Decoder, open_container
from .disposable import disposable_test
from .frame_index import FrameIndex

SHORT_WAY = 8  # frames that are decoded rather than sought over


class DecodeError(Exception):
    """Frame ``index`` cannot be decoded."""

    def __init__(self, index: int) -> None:
        super().__init__(f'frame {index} cannot be decoded')
        self.index = index


class FrameReader:
    """Decodes frames by number; fastest in ascending order. It holds the frames that the decoder does, no more.

    A decoded frame is known by its stamp, so that seeking cannot give a wrong one. Pictures come as ``ffmpeg`` shows
    them: upright, and of the first frame's size should the size change on the way.

    Args:
        path (str): The file.
        index (FrameIndex): Its frames.
        parallel (bool): Whether several threads decode, see :func:`open_container`. Defaults to False.
        size (tuple[int, int], optional): Width and height of the first stored frame, as another reader of the file
            had it in :attr:`size`; without it that frame is decoded once more.

    Attributes:
        size (tuple[int, int]): See above.

    Raises:
        VideoError: If the file cannot be opened or not a frame can be decoded.
    """

    def __init__(self,
                 path: str,
                 index: FrameIndex,
                 parallel: bool = False,
                 size: Optional[Tuple[int, int]] = None) -> None:
        self._path, self._index = path, index
        # A decoder with threads tells of damage later, and may take healthy frames along.
        self._parallel = parallel and not index.errors
        self._reformatter = VideoReformatter()
        self._expected: Optional[Set[int]] = None
        self._end = 0  # the last of them
        self._waiting: Optional[VideoFrame] = None
        self._open()
        if size is None:
            first = next(self._frames, None)
            if first is None:
                raise VideoError(f'{path}: not one frame can be decoded, the file is damaged. Get it again')
            size = first.width, first.height
            self._waiting = first
        self.size = size

    def _open(self) -> None:
        self._container, self._stream = open_container(self._path, self._parallel)
        self._disposable = None
        if self._index.stamps is not None and not self._parallel and not self._index.errors:
            self._disposable = disposable_test(self._stream)
        self._decode_from_here()
        self._astray = False  # whether the decoder stands elsewhere than before ``_next``
        self._next = 0

    def _decode_from_here(self) -> None:
        self._decoder = Decoder(self._container, self._stream,
                                _weakly(self._is_unwanted) if self._disposable else None)
        self._frames = self._decoder.frames()
        self._waiting = None

    def expect(self, numbers: Sequence[int]) -> None:
        """Says which frames are read next, so that others are decoded only where these depend on them.

        What is read is the same with and without it. Between this call and the next one, only these frames are read.

        Args:
            numbers (Sequence[int]): Ascending; none ends it.
        """
        if self._disposable is None:
            return
        stamps = cast(np.ndarray, self._index.stamps)
        if self._expected is not None and self._next < len(stamps) and stamps[self._next] <= self._end:
            self._astray = True  # frames from here on may have been left out
        self._expected = None
        if len(numbers):
            chosen = stamps[list(numbers)].tolist()
            self._expected, self._end = set(chosen), chosen[-1]

    def _is_unwanted(self, packet: Packet) -> bool:
        # Later frames than the last expected one may be asked for next. Seeking arrives at key frames; where all
        # are key frames that is at the expected one.
        if (self._expected is None or self._disposable is None or packet.pts is None or packet.pts >= self._end
                or packet.pts in self._expected):
            return False
        return self._disposable(bytes(packet))

    def read(self, number: int) -> np.ndarray:
        """Decodes a frame.

        Args:
            number (int): 0..n-1.

        Returns:
            np.ndarray: (H, W, 3) uint8, RGB.

        Raises:
            DecodeError: If the frame, or one on the way to it, cannot be decoded.
        """
        if not 0 <= number < len(self._index.times):
            raise DecodeError(number)
        if self._expected is not None:
            frame = self._read_expected(number)
            if frame is not None:
                return self._picture(frame)
            self._expected = None
            self._astray = True
        self._go_near(number)
        while True:
            frame = self._take()
            if frame is None:
                self._astray = True
                raise DecodeError(self._next)
            self._next += 1
            if self._next > number:
                return self._picture(frame)

    def _read_expected(self, number: int) -> Optional[VideoFrame]:
        """A frame on the way to which others are left out; None if anything is odd: then all of them are decoded."""
        self._go_near(number)
        self._next = number
        frame = self._take()
        if frame is None or self._decoder.errors:
            return None
        if frame.interlaced_frame:  # its two fields may be packets of their own
            self._disposable = None
            return None
        self._next += 1
        return frame

    def close(self) -> None:
        """Lets go of the file."""
        self._waiting = None
        self._container.close()

    def __del__(self) -> None:
        # Container and streams of PyAV hold each other: without this the file stays open, and the decoder's pictures
        # in memory, until Python looks for such circles. A worker that opens many files came to a gigabyte.
        if hasattr(self, '_container'):
            self.close()

    def _take(self) -> Optional[VideoFrame]:
        """The frame of number ``_next``; None if another one comes in its place, or none."""
        if self._waiting is None:
            self._waiting = next(self._frames, None)
        if self._index.stamps is not None:
            expected = self._index.stamps[self._next]
            while self._waiting is not None and _stamp(self._waiting) < expected:
                self._waiting = next(self._frames, None)  # not in the index: before what an edit list shows
            if self._waiting is None or _stamp(self._waiting) > expected:
                return None
        frame, self._waiting = self._waiting, None
        return frame

    def _go_near(self, number: int) -> None:
        """Puts the decoder before a frame: where it stands, at a key frame, or at the beginning."""
        keys = self._index.keys
        at = int(np.searchsorted(keys, number, side='right')) - 1
        back = number < self._next
        if not back and not self._astray and (at < 0 or keys[at] <= self._next + SHORT_WAY):
            return
        for key in keys[max(at - 1, 0):at + 1][::-1].tolist():
            # Some containers land behind the key frame; the one before will do then.
            if key and self._seek(key):
                return
        if back or self._astray:
            self._container.close()
            self._open()

    def _seek(self, key: int) -> bool:
        """Seeks to a key frame; False if the file does not lead there."""
        if self._index.stamps is None:
            return False
        stamp = int(self._index.stamps[key])
        self._astray = True
        try:
            self._container.seek(stamp, stream=self._stream)
        except av.FFmpegError:
            return False
        self._decode_from_here()
        frame = next(self._frames, None)
        while frame is not None and _stamp(frame) < stamp:
            frame = next(self._frames, None)
        self._waiting = frame
        if frame is None or _stamp(frame) != stamp:
            return False
        self._next, self._astray = key, False
        return True

    def _picture(self, frame: VideoFrame) -> np.ndarray:
        """The frame as an upright RGB picture; swscale's bicubic is what ffmpeg and decord convert with."""
        picture = self._reformatter.reformat(
            frame, *self.size, 'rgb24', interpolation=Interpolation.BICUBIC, threads=1).to_ndarray()
        matrix = cast(Mapping[str, Any], frame.side_data).get('DISPLAYMATRIX')
        if matrix is not None:
            picture = turn_upright(picture, np.frombuffer(bytes(matrix), np.int32))
        return np.ascontiguousarray(picture)  # without what swscale pads the rows with


def _weakly(method: Callable[[Packet], bool]) -> Callable[[Packet], bool]:
    """A method without its object, which would else hold itself."""
    reference = WeakMethod(method)

    def call(packet: Packet) -> bool:
        found = reference()
        return found is not None and found(packet)

    return call


def _stamp(frame: VideoFrame) -> float:
    """A frame's own time in steps of its stream; of one without time an early one."""
    stamp = frame.dts if frame.pts is None else frame.pts
    return float('-inf') if stamp is None else stamp


def turn_upright(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Turns a picture as its display matrix says, to quarter turns and mirrors; phones store one.

    Args:
        picture (np.ndarray): (H, W, 3) uint8.
        matrix (np.ndarray): (9,) the matrix of FFmpeg: a, b, u, c, d, v, x, y, w; a stored point (p, q) is shown at
            (a p + c q, b p + d q).

    Returns:
        np.ndarray: (H, W, 3) or (W, H, 3).
    """
    a, b, _, c, d = matrix[:5].astype(np.int64).tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        picture, a, d = cv2.transpose(picture), c, b  # NumPy takes several times as long to copy it
    if a < 0 or d < 0:
        picture = cv2.flip(picture, -1 if a < 0 and d < 0 else int(a < 0))
    return picture
