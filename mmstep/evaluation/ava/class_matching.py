"""Which detections on AVA are right, by the rules of MMAction2's AVAMetric."""
import numpy as np


def ava_iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """IoU of pairs of boxes in the arithmetic of MMAction2's ``np_box_ops``.

    That is, in float32 up to the sides and areas, from there in float64: an IoU near a threshold falls on the same
    side.

    Args:
        first (np.ndarray): (n, 4) float32, y1, x1, y2, x2.
        second (np.ndarray): (n, 4) float32.

    Returns:
        np.ndarray: (n,) float64; NaN for two boxes without area.
    """
    y1, x1, y2, x2 = first.T
    v1, u1, v2, u2 = second.T
    height = np.maximum(0, (np.minimum(y2, v2) - np.maximum(y1, v1)).astype(np.float64))
    width = np.maximum(0, (np.minimum(x2, u2) - np.maximum(x1, u1)).astype(np.float64))
    inter = height * width
    union = ((y2 - y1) * (x2 - x1) + (v2 - v1) * (u2 - u1)) - inter
    with np.errstate(divide='ignore', invalid='ignore'):
        return inter / union


def match_class(frame: np.ndarray,
                boxes: np.ndarray,
                truth_frame: np.ndarray,
                truth_boxes: np.ndarray,
                iou_thr: float = 0.5) -> np.ndarray:
    """Matches the detections of one class with its annotations.

    Each detection goes to the annotation of its frame that it overlaps most, the first of equal ones; of the
    detections that overlap an annotation enough the first is right.

    Args:
        frame (np.ndarray): (n,) int, frame of each detection, from 0; those of a frame best first.
        boxes (np.ndarray): (n, 4) float32, y1, x1, y2, x2.
        truth_frame (np.ndarray): (m,) int, frame of each annotation, ascending.
        truth_boxes (np.ndarray): (m, 4) float32.
        iou_thr (float): Least overlap.

    Returns:
        np.ndarray: (n,) bool, which detections are right.
    """
    hits = np.zeros(len(frame), dtype=bool)
    if not len(truth_frame) or not len(frame):
        return hits
    counts = np.bincount(truth_frame, minlength=int(frame.max()) + 1)
    first = np.cumsum(counts) - counts
    near = np.flatnonzero(counts[frame])
    count, begin = counts[frame[near]], first[frame[near]]
    best, target = np.full(len(near), -1.), np.zeros(len(near), dtype=np.int64)
    for offset in range(int(count.max(initial=0))):  # annotations of a frame
        there = np.flatnonzero(count > offset)
        index = begin[there] + offset
        iou = ava_iou(boxes[near[there]], truth_boxes[index])
        better = iou > best[there]
        best[there[better]], target[there[better]] = iou[better], index[better]
    enough = np.flatnonzero(best >= iou_thr)
    _, earliest = np.unique(target[enough], return_index=True)
    hits[near[enough[earliest]]] = True
    return hits
