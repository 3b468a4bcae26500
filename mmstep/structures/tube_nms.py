"""Non-maximum suppression of scored tubes."""
from typing import Tuple

from mmcv.ops import batched_nms
from torch import Tensor


def multiclass_tube_nms(boxes: Tensor,
                        scores: Tensor,
                        score_thr: float,
                        nms: dict,
                        max_num: int = -1) -> Tuple[Tensor, Tensor]:
    """Per-class NMS that keeps the scores as a matrix.

    Args:
        boxes (Tensor): Boxes x1y1x2y2 of the key frame, shape (N, 4).
        scores (Tensor): Shape (N, C), in [0, 1].
        score_thr (float): Scores have to be higher than this.
        nms (dict): Options of :func:`mmcv.ops.batched_nms`, for instance ``dict(type='nms', iou_threshold=0.4)``.
        max_num (int): How many entries (a box with a class) are kept at most, the best ones; -1 for all.

    Returns:
        tuple[Tensor, Tensor]: The kept scores, shape (N, C), with zeros where an entry was suppressed, and the indices
        of the rows that keep at least one class, best first.
    """
    rows, classes = (scores > score_thr).nonzero(as_tuple=True)
    kept_scores = scores.new_zeros(scores.shape)
    if rows.numel() == 0:
        return kept_scores, rows
    _, keep = batched_nms(boxes[rows], scores[rows, classes], classes, nms)
    if max_num >= 0:
        keep = keep[:max_num]
    rows, classes = rows[keep], classes[keep]
    kept_scores[rows, classes] = scores[rows, classes]
    best = kept_scores.amax(dim=1)
    order = best.argsort(descending=True, stable=True)
    return kept_scores, order[best[order] > 0]
