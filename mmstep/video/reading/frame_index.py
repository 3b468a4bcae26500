"""The frames of a video file by number: their times, and how fast they follow each other."""
from array import array
from fractions import Fraction
from typing import List, NamedTuple, Optional, Tuple, cast

import av
import numpy as np
from av.container import InputContainer
from av.format import Flags
from av.video.stream import VideoStream

from mmstep.errors import VideoError
from .container import Decoder, open_container

LONGEST_FRAME = 3600.0  # seconds; a file that claims more for a frame, as damaged headers do, is not believed
LONGEST_VIDEO = 30 * 86400.0  # seconds, likewise of a whole file
MOST_FPS = 1000.0


class FrameIndex(NamedTuple):
    """Which frames a file has.

    Attributes:
        times (np.ndarray): (n,) float64 start times of the frames in seconds from the first one, ascending, n > 0.
        stamps (np.ndarray, optional): (n,) int64 times of the frames as the file has them, ascending, by which a
            decoded frame is known; None if the file's own times do not tell its frames apart.
        start (float): The first frame's time by the file's own clock, seconds.
        keys (np.ndarray): (k,) int64 numbers of the frames that decoding can start at, ascending; none if the file
            cannot be sought.
        nominal_fps (float): What the file says of its frame rate; 0 if it does not say.
        promised (float): How long the file claims to be, seconds; 0 if it does not say.
        decoded (bool): Whether all of them are known to be decodable.
        errors (int): How many packets could not be decoded, if that is known.
    """
    times: np.ndarray
    stamps: Optional[np.ndarray]
    start: float
    keys: np.ndarray
    nominal_fps: float
    promised: float
    decoded: bool
    errors: int


def index_frames(path: str) -> FrameIndex:
    """Lists the frames of a file by taking it apart without decoding, or if its times say too little by decoding.

    Args:
        path (str): The file.

    Returns:
        FrameIndex: The frames that the file promises.

    Raises:
        VideoError: If the file cannot be opened, has no video, or not a frame can be decoded.
    """
    container, stream = open_container(path)
    with container:
        stamps, keys = array('q'), array('q')
        known = True
        try:
            for packet in container.demux(stream):
                if not packet.size or packet.is_discard:  # discarded: outside of what an edit list shows
                    continue
                if packet.pts is None:
                    known = False
                    break
                stamps.append(packet.pts)
                if packet.is_keyframe:
                    keys.append(packet.pts)
        except av.FFmpegError:
            pass  # what lies behind is lost, and the promised length tells
        ordered = np.sort(np.array(stamps, dtype=np.int64))
        if known and len(ordered) and _ascending(ordered):
            return _index(container, stream, ordered, np.sort(np.array(keys, dtype=np.int64)))
    return index_by_decoding(path)


def index_by_decoding(path: str) -> FrameIndex:
    """Lists the frames of a file by decoding it once, which alone tells how many can be decoded.

    Args:
        path (str): The file.

    Returns:
        FrameIndex: The decodable frames.

    Raises:
        VideoError: If the file cannot be opened, has no video, or not a frame can be decoded.
    """
    container, stream = open_container(path)
    with container:
        decoder = Decoder(container, stream)
        stamps: List[Optional[int]] = []
        keys: List[Optional[int]] = []
        for frame in decoder.frames():
            stamp = frame.dts if frame.pts is None else frame.pts
            stamps.append(stamp)
            if frame.key_frame:
                keys.append(stamp)
        if not stamps:
            raise VideoError(f'{path}: not one frame can be decoded, the file is damaged. Get it again')
        if None not in stamps and _ascending(np.array(stamps, dtype=np.int64)):
            # Behind damage, what is decoded depends on where decoding started.
            return _index(container, stream, np.array(stamps, dtype=np.int64),
                          np.array([] if decoder.errors else keys, dtype=np.int64))._replace(
                              decoded=True, errors=decoder.errors)
        own = np.array([np.nan if stamp is None else stamp for stamp in stamps]) * float(_time_base(stream))
        return FrameIndex(
            spread_times(own, nominal_fps(stream)), None, 0.0, np.array([], dtype=np.int64), nominal_fps(stream),
            _promised(container, stream, believed=False), True, decoder.errors)


def _index(container: InputContainer, stream: VideoStream, stamps: np.ndarray, keys: np.ndarray) -> FrameIndex:
    """The index of frames with stamps of their own."""
    times = (stamps - stamps[0]) * float(_time_base(stream))
    believed = len(times) < 2 or np.diff(times).max() <= LONGEST_FRAME and times[-1] <= LONGEST_VIDEO
    if not believed:
        times = spread_times(times, nominal_fps(stream))
    # Bare streams get their times while they are read, from the beginning.
    unseekable = Flags.no_timestamps | Flags.generic_index
    seekable = not container.format.flags & cast(int, unseekable.value)
    return FrameIndex(times, stamps, float(stamps[0] * _time_base(stream)),
                      np.searchsorted(stamps, keys if seekable else keys[:0]), nominal_fps(stream),
                      _promised(container, stream, believed), False, 0)


def spread_times(times: np.ndarray, nominal: float) -> np.ndarray:
    """Times for frames whose own are of no use, at the nominal rate, or without one at that of the usual interval.

    Args:
        times (np.ndarray): (n,) the frames' own times, seconds, in any order; NaN if there is none.
        nominal (float): Frames a second according to the file; 0 if it does not say.

    Returns:
        np.ndarray: (n,) seconds from 0 on, ascending.

    Example:
        >>> spread_times(np.array([0, 0.2, 0.1, 0.3]), 10)
        array([0. , 0.1, 0.2, 0.3])
    """
    steps = np.diff(np.sort(times))
    steps = steps[(steps > 0) & (steps <= LONGEST_FRAME)]
    usual = float(np.median(steps)) if len(steps) else 0.04
    return np.arange(len(times)) * (1 / nominal if nominal else usual)


def nominal_fps(stream: VideoStream) -> float:
    """Frames a second that a stream's header tells of, 0 if it tells of none that can be believed."""
    rate = float(stream.guessed_rate or stream.average_rate or 0)
    return rate if 1 / LONGEST_FRAME <= rate <= MOST_FPS else 0.0


def _promised(container: InputContainer, stream: VideoStream, believed: bool) -> float:
    """How long the header says that the video is, seconds; 0 if it does not say, or not ``believed`` as the frames'
    own times are of no use: then the length, which some containers compute from them, is of none either."""
    size, rate = container.size, nominal_fps(stream)
    if container.format.name == 'avi' and rate and 0 < stream.frames <= size:
        return stream.frames / rate  # FFmpeg shortens the length, not this number, to what is there
    if not believed:
        return 0.0
    if stream.duration:
        return float(stream.duration * _time_base(stream))
    # Matroska keeps the length of each track in a tag, as 00:00:02.966000000.
    parts = stream.metadata.get('DURATION', '').strip().split(':')
    try:
        if len(parts) == 3:
            return 3600 * float(parts[0]) + 60 * float(parts[1]) + float(parts[2])
    except ValueError:
        pass  # a tag of another kind
    # The length of the whole may be that of the sound.
    return container.duration / 1e6 if container.duration and len(container.streams) == 1 else 0.0


def _time_base(stream: VideoStream) -> Fraction:
    """Seconds a step of a stream's stamps; :func:`open_container` refuses streams without."""
    return cast(Fraction, stream.time_base)


def _ascending(stamps: np.ndarray) -> bool:
    """Whether the stamps of frames ascend, each larger than the one before."""
    return bool((np.diff(stamps) > 0).all())


def frame_rate(times: np.ndarray, nominal: float) -> Tuple[float, bool]:
    """The frame rate of a file: what its frame times say, or the nominal value where it agrees with them.

    Args:
        times (np.ndarray): (n,) start times of the frames, seconds, ascending.
        nominal (float): Frames a second according to the file's header.

    Returns:
        tuple[float, bool]: Frames a second; with a variable rate that of its usual interval, 120 at most. And whether
            the rate is variable.

    Example:
        >>> frame_rate(np.array([0, 0.033, 0.067, 0.1]), 30.)
        (30.0, False)
    """
    plausible = 0 < nominal <= MOST_FPS
    if len(times) < 2:
        return (nominal if plausible else 25.0), False
    intervals = np.diff(times)
    usual = float(np.median(intervals))
    # Times are rounded to milliseconds in some containers.
    if np.abs(intervals - usual).max() > 0.5 * usual + 0.002:
        return min(1 / max(usual, 1e-3), 120.0), True
    measured = len(intervals) / float(times[-1] - times[0])
    # The nominal value is the exact one if following it ends less than half a frame off.
    if plausible and abs(nominal / measured - 1) * len(times) < 0.5:
        return nominal, False
    return measured, False
