"""Plain arrays of annotated and detected tubes: what evaluation takes, whoever made the detections."""
from typing import Iterator, List, NamedTuple, Optional, Tuple

import numpy as np


class TubeGroundTruth(NamedTuple):
    """Annotated tubes of a set of V videos.

    Boxes are in pixels, 0-based, x1, y1, x2, y2, and x2, y2 still belong to the box. Frames are counted from 1.

    Attributes:
        labels (list[str]): Names of the L classes.
        videos (list[str]): Names of the V videos.
        nframes (np.ndarray): (V,) int64, frames of each video.
        resolution (np.ndarray): (V, 2) int64, height and width to which the boxes refer.
        rows (np.ndarray): (M, 5) float64, one annotated box a row: frame, x1, y1, x2, y2.
        row_tube (np.ndarray): (M,) int64, the tube of each row, 0..T-1.
        tube_video (np.ndarray): (T,) int64, the video of each tube, 0..V-1.
        tube_label (np.ndarray): (T,) int64, the class of each tube, 0..L-1.
    """
    labels: List[str]
    videos: List[str]
    nframes: np.ndarray
    resolution: np.ndarray
    rows: np.ndarray
    row_tube: np.ndarray
    tube_video: np.ndarray
    tube_label: np.ndarray


class Tubelets(NamedTuple):
    """Detected tubelets: boxes of K consecutive frames with scores.

    Coordinates are those of :class:`TubeGroundTruth`.

    Attributes:
        video (np.ndarray): (N,) int64, 0..V-1.
        start (np.ndarray): (N,) int64, frame of the first box, from 1.
        boxes (np.ndarray): (N, K, 4) float.
        scores (np.ndarray): (N, L), a score for every class, without background; or (N,) with ``label``.
        label (np.ndarray, optional): (N,) int64, the class of each tubelet, if its boxes belong to one class.
    """
    video: np.ndarray
    start: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    label: Optional[np.ndarray] = None


class ActionTube(NamedTuple):
    """A tube over consecutive frames of one video, of one class.

    Attributes:
        label (int): Class, 0..L-1.
        score (float): Its score.
        start (int): Frame of the first box, from 1.
        boxes (np.ndarray): (n, 4) float, as in :class:`TubeGroundTruth`.
    """
    label: int
    score: float
    start: int
    boxes: np.ndarray


def select_tubelets(tubelets: Tubelets, rows: np.ndarray) -> Tubelets:
    """Some of the tubelets.

    Args:
        tubelets (Tubelets): N of them.
        rows (np.ndarray): (n,) indices, or (N,) bool.

    Returns:
        Tubelets: n of them.
    """
    label = None if tubelets.label is None else tubelets.label[rows]
    return Tubelets(tubelets.video[rows], tubelets.start[rows], tubelets.boxes[rows], tubelets.scores[rows], label)


def tubelets_by_video(tubelets: Tubelets, num_videos: int) -> Iterator[Tuple[int, Tubelets]]:
    """Tubelets video by video.

    Args:
        tubelets (Tubelets): Of all videos, in any order.
        num_videos (int): Number V of videos.

    Yields:
        tuple[int, Tubelets]: Index of the video and its tubelets, for every video, also those without any.
    """
    order = np.argsort(tubelets.video, kind='stable')
    ends = np.cumsum(np.bincount(tubelets.video, minlength=num_videos))
    for video, rows in enumerate(np.split(order, ends[:-1])):
        yield video, select_tubelets(tubelets, rows)
