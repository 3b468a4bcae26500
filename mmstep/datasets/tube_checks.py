"""Checks of annotated tubes: what cannot be is refused, what is odd is counted."""
from typing import Callable, List, Optional, Sequence

import numpy as np

from mmstep.structures import TubeGroundTruth

# A file may lack so many of the frames that its annotation counts: decoders differ at the end of a file.
FRAME_SLACK = 5
# From this share of boxes on that leave the picture by more than OUTSIDE of its size, they are those of another size;
# some boxes do in every data set, of people who walk out.
OTHER_SIZE = 0.75
SWAPPED = 0.25
OUTSIDE = 0.1
# No picture is so large; areas of larger boxes are no numbers any more.
MOST_PIXELS = 10**5

OnFault = Callable[[str], None]


def tube_fault(label: int, rows: np.ndarray, num_labels: int, nframes: int) -> Optional[str]:
    """Says what is wrong with a tube.

    Args:
        label (int): Class, 0..num_labels - 1.
        rows (np.ndarray): (n, 5): frame, x1, y1, x2, y2.
        num_labels (int): Number of classes.
        nframes (int): Frames of the video.

    Returns:
        str: What is wrong, or None.
    """
    if rows.ndim != 2 or rows.shape[1] != 5 or not len(rows):
        return f'has the shape {rows.shape}, not (n, 5) with n > 0'
    if not 0 <= label < num_labels:
        return f'has the label {label}, and there are {num_labels} classes, 0..{num_labels - 1}'
    frames = rows[:, 0]
    bad = ~np.isfinite(rows).all(1)
    with np.errstate(invalid='ignore'):  # of what is not finite
        bad |= np.append(False, np.diff(frames) <= 0) | (frames < 1) | (frames != np.floor(frames))
    bad |= (rows[:, 3] < rows[:, 1]) | (rows[:, 4] < rows[:, 2])
    if bad.any():
        return (f'has the row {rows[bad.argmax()].tolist()} (frame, x1, y1, x2, y2): frames must ascend from 1, and a '
                'box must not be turned inside out')
    far = (np.abs(rows[:, 1:]) > MOST_PIXELS).any(axis=1)
    if far.any():
        return f'has the row {rows[far.argmax()].tolist()} (frame, x1, y1, x2, y2), over {MOST_PIXELS} pixels'
    if frames[-1] > nframes + FRAME_SLACK:
        return f'goes on to frame {frames[-1]:.0f}, and the video has {nframes} (nframes)'
    return None


def check_boxes(truth: TubeGroundTruth, on_fault: OnFault) -> None:
    """Looks for boxes in other units, for heights and widths that are swapped, and for tubes outside of the picture.

    Args:
        truth (TubeGroundTruth): Tubes that are right one by one.
        on_fault (Callable): Is called with each fault.
    """
    tube_video = truth.tube_video[truth.row_tube]
    corners = truth.rows[:, 1:]
    for video, boxes in _by_group(corners, tube_video):
        if boxes.min() >= 0 and boxes.max() <= 1 and (boxes % 1 != 0).any():
            on_fault(f'{truth.videos[video]}: the boxes are fractions of the frame, for instance {boxes[0].tolist()}. '
                     'They must be pixels: multiply x by the width and y by the height')
            return
    sizes = truth.resolution[tube_video]
    beyond = _leave(corners, sizes)
    if not len(beyond):
        return
    example = truth.videos[tube_video[beyond.argmax()]], *sizes[beyond.argmax()].tolist()
    if beyond.mean() >= SWAPPED and not _leave(corners, sizes[:, ::-1]).any():
        on_fault('{}: boxes leave the picture of height {} and width {}, and would not if the two were swapped. '
                 'resolution is (height, width)'.format(*example))
    elif beyond.mean() >= OTHER_SIZE:
        on_fault('{}: nearly all boxes leave the picture of height {} and width {}, which "resolution" says. They '
                 'must be pixels of a picture of that size'.format(*example))
    else:
        visible = visible_rows(truth)
        first = np.searchsorted(truth.row_tube, np.arange(len(truth.tube_video)))
        for tube in np.flatnonzero(np.bincount(truth.row_tube, visible, len(truth.tube_video)) == 0):
            on_fault(f'{tube_names(truth)[tube]}: no box of it is in the picture, the first is '
                     f'{truth.rows[first[tube]].tolist()} (frame, x1, y1, x2, y2)')


def visible_rows(truth: TubeGroundTruth) -> np.ndarray:
    """Which annotated boxes have at least a pixel in the picture.

    Args:
        truth (TubeGroundTruth): M boxes.

    Returns:
        np.ndarray: (M,) bool.
    """
    return in_picture(truth.rows[:, 1:], truth.resolution[truth.tube_video[truth.row_tube]])


def in_picture(boxes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Which boxes have at least a pixel in the picture, along both sides.

    Args:
        boxes (np.ndarray): (M, 4) x1, y1, x2, y2 in pixels, x2 and y2 inclusive.
        sizes (np.ndarray): (M, 2) or (2,), height and width.

    Returns:
        np.ndarray: (M,) bool.

    Example:
        >>> in_picture(np.array([[90, 0, 120, 9], [100, 0, 120, 9]]), np.array([80, 100]))
        array([ True, False])
    """
    far = np.minimum(boxes[:, 2:] + 1, np.asarray(sizes)[..., ::-1])
    return (far - boxes[:, :2].clip(0) >= 1).all(axis=1)


def oddities(truth: TubeGroundTruth) -> List[str]:
    """What is allowed, and still worth a sentence.

    Args:
        truth (TubeGroundTruth): Tubes.

    Returns:
        list[str]: Sentences.
    """
    found = []
    hidden = np.flatnonzero(~visible_rows(truth))
    if len(hidden):
        found.append(
            f'{len(hidden)} of {len(truth.rows)} boxes are wholly outside of the picture and are not trained, '
            f'the first: {_place(truth, hidden[0])}')
    late = np.flatnonzero(truth.rows[:, 0] > truth.nframes[truth.tube_video[truth.row_tube]])
    if len(late):
        found.append(f'{len(late)} boxes are of frames after the end of their video (nframes), the first: '
                     f'{_place(truth, late[0])}')
    return found


def tube_names(truth: TubeGroundTruth) -> List[str]:
    """Names of the tubes for messages: the video and the number of the tube in it, from 0."""
    first = np.searchsorted(truth.tube_video, truth.tube_video)
    numbers = np.arange(len(first)) - first
    return [f'{truth.videos[video]}, tube {number}' for video, number in zip(truth.tube_video, numbers)]


def _place(truth: TubeGroundTruth, row: int) -> str:
    return f'{tube_names(truth)[truth.row_tube[row]]}, frame {truth.rows[row, 0]:.0f}'


def _leave(boxes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Which boxes reach beyond the picture, right or below, by more than :data:`OUTSIDE` of its size."""
    return np.asarray((boxes[:, 2:] > sizes[:, ::-1] * (1 + OUTSIDE)).any(axis=1))


def _by_group(values: np.ndarray, group: np.ndarray) -> Sequence[tuple]:
    """(group, its rows) for ascending groups; nothing for no row."""
    starts = np.flatnonzero(np.append(True, np.diff(group) != 0)) if len(group) else np.zeros(0, dtype=np.int64)
    return [(group[start], part) for start, part in zip(starts, np.split(values, starts[1:]))]
