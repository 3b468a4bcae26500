"""Annotated tracks: what the files of annotation programs hold, whichever program wrote them."""
from typing import Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from mmstep.errors import DataError

NOTHING: FrozenSet[str] = frozenset()
MOST_FRAMES = 10**7  # four days; a larger number is a mistake that would fill the memory


class AnnotatedTrack(NamedTuple):
    """One person's boxes and actions.

    Attributes:
        id (int): Number of the person within the video; negative if the program has none.
        frames (np.ndarray): (n,) int64, from 0, ascending.
        boxes (np.ndarray): (n, 4) float64, x1, y1, x2, y2 in pixels, the edges of the box.
        actions (list[frozenset[str]]): n sets of names; empty for a person who does nothing that is named.
    """
    id: int
    frames: np.ndarray
    boxes: np.ndarray
    actions: List[FrozenSet[str]]


class AnnotatedVideo(NamedTuple):
    """The tracks of a video.

    Attributes:
        name (str): File name without folder and extension.
        width (int): Of a frame in pixels.
        height (int): The same.
        tracks (list[AnnotatedTrack]): Its persons.
        num_frames (int, optional): Number of frames, if known.
        fps (float, optional): Frames a second, if known.
    """
    name: str
    width: int
    height: int
    tracks: List[AnnotatedTrack]
    num_frames: Optional[int] = None
    fps: Optional[float] = None


class KeyBox(NamedTuple):
    """A box that a person drew, from which the next frames' follow.

    Attributes:
        frame (int): From 0.
        box (tuple[float]): x1, y1, x2, y2 in pixels.
        actions (frozenset[str]): From this frame to the next key box.
        ends (bool): The person is not there from this frame on to the next key box.
    """
    frame: int
    box: Tuple[float, float, float, float]
    actions: FrozenSet[str] = NOTHING
    ends: bool = False


def fill_frames(number: int, keys: Sequence[KeyBox], last: Optional[int] = None) -> AnnotatedTrack:
    """A box for every frame, as annotation programs show them: between two key boxes in a straight line.

    Args:
        number (int): Id of the track.
        keys (Sequence[KeyBox]): In any order; the last one of a frame counts.
        last (int, optional): Frame up to which the last key box holds, unless it ends. Defaults to its own.

    Returns:
        AnnotatedTrack: Every frame in which the person is there.

    Raises:
        DataError: If a frame is negative or above 10**7, or a number is not finite.

    Example:
        >>> track = fill_frames(0, [KeyBox(0, (0, 0, 4, 4)), KeyBox(2, (2, 0, 6, 4), ends=True)])
        >>> track.frames.tolist(), track.boxes[1].tolist()
        ([0, 1], [1.0, 0.0, 5.0, 4.0])
    """
    by_frame: Dict[int, KeyBox] = {key.frame: key for key in keys}
    ordered = [by_frame[frame] for frame in sorted(by_frame)]
    for key in ordered:
        if not 0 <= key.frame <= MOST_FRAMES:
            raise DataError(f'track {number} has the frame {key.frame}')
        if not np.isfinite(key.box).all():
            raise DataError(f'track {number}, frame {key.frame}: the box {key.box} is not finite')
    frames: List[int] = []
    boxes: List[np.ndarray] = []
    actions: List[FrozenSet[str]] = []
    for key, after in zip(ordered, [*ordered[1:], None]):
        if key.ends:
            continue
        stop = after.frame if after else max(min(last or 0, MOST_FRAMES), key.frame) + 1
        span = np.arange(key.frame, stop)
        start = np.asarray(key.box, dtype=np.float64)
        goal = start if after is None else np.asarray(after.box, dtype=np.float64)
        share = ((span - key.frame) / max(stop - key.frame, 1))[:, None]
        frames += span.tolist()
        boxes += list(start + share * (goal - start))
        actions += [key.actions] * len(span)
    return AnnotatedTrack(number, np.array(frames, dtype=np.int64), np.array(boxes).reshape(-1, 4), actions)


def classes_of(videos: Sequence[AnnotatedVideo]) -> List[str]:
    """All names of actions, sorted.

    Raises:
        DataError: If there are none.
    """
    names = sorted({name for video in videos for track in video.tracks for names in track.actions for name in names})
    if not names:
        raise DataError('no box names an action: label the boxes with actions, or give them an attribute with them')
    return names


def runs(track: AnnotatedTrack, action: str) -> Iterator[np.ndarray]:
    """Stretches of consecutive frames in which a person does something.

    Args:
        track (AnnotatedTrack): The person.
        action (str): Name of the action.

    Yields:
        np.ndarray: Indices into the track's frames.
    """
    does = np.flatnonzero([action in names for names in track.actions])
    if len(does):
        gaps = np.flatnonzero(np.diff(track.frames[does]) != 1) + 1
        yield from np.split(does, gaps)
