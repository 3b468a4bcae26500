"""Fusion of what several detectors found in one window (section 3.5, two-stream fusion)."""
from typing import Sequence, Tuple

import torch
from mmengine.structures import InstanceData
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from mmstep.structures import multiclass_tube_nms, tube_iou

Stream = Tuple[Tensor, Tensor]  # tubes (n, T, 4), scores (n, C)

IOU_THR = 0.5  # tubes of two streams that overlap so much are taken for one
NMS = dict(type='nms', iou_threshold=0.4)


def fuse_mean(streams: Sequence[Stream]) -> Stream:
    """Late fusion by mean, as in ACT ("mean fusion [17]").

    ACT averages the scores of the same anchor in either stream. Tubes that each stream has refined by itself are
    matched instead: one to one, with a mean IoU of at least 0.5, such that their scores agree best. Boxes are averaged
    over the streams that have them, scores over all streams; one that lacks a tube scores it 0.

    Args:
        streams (Sequence[tuple[Tensor, Tensor]]): Of each stream the tubes (n, T, 4) and the scores (n, C), all of one
            window. n may differ and be 0.

    Returns:
        tuple[Tensor, Tensor]: Tubes (m, T, 4) and scores (m, C).
    """
    tubes, scores = streams[0]
    members = scores.new_ones(len(scores))
    for other_tubes, other_scores in streams[1:]:
        rows, columns = _match(tubes, scores, other_tubes, other_scores)
        tubes, scores, members = tubes.clone(), scores.clone(), members.clone()
        share = (1 / (members[rows] + 1)).view(-1, 1, 1)
        tubes[rows] += (other_tubes[columns] - tubes[rows]) * share
        scores[rows] += other_scores[columns]
        members[rows] += 1
        rest = torch.ones(len(other_tubes), dtype=torch.bool, device=tubes.device)
        rest[columns] = False
        tubes = torch.cat([tubes, other_tubes[rest]])
        scores = torch.cat([scores, other_scores[rest]])
        members = torch.cat([members, members.new_ones(int(rest.sum()))])
    return tubes, scores / len(streams)


def fuse_union(streams: Sequence[Stream]) -> Stream:
    """Late fusion by union ("union fusion [30]"): the tubes of all streams; NMS afterwards removes duplicates.

    Args:
        streams (Sequence[tuple[Tensor, Tensor]]): As in :func:`fuse_mean`.

    Returns:
        tuple[Tensor, Tensor]: Tubes (m, T, 4) and scores (m, C).
    """
    tubes, scores = zip(*streams)
    return torch.cat(tubes), torch.cat(scores)


FUSIONS = dict(mean=fuse_mean, union=fuse_union)


def fuse_instances(streams: Sequence[InstanceData], mode: str, img_shape: Tuple[int, int]) -> InstanceData:
    """Fuses the predictions of one window.

    Args:
        streams (Sequence[InstanceData]): Of each stream ``tubes`` (n, T, 4) in pixels of the network input and
            ``scores`` (n, C + 1), column 0 unused.
        mode (str): 'mean' or 'union'.
        img_shape (tuple[int, int]): Height and width of the network input.

    Returns:
        InstanceData: As the RoI head gives it, after NMS per class at 0.4.

    Raises:
        ValueError: If the mode is unknown, or the streams differ in the frames of a tube or the number of classes.
    """
    if mode not in FUSIONS:
        raise ValueError(f'fusion {mode!r} is unknown; choose {" or ".join(FUSIONS)}')
    for what, numbers in (('feature frames a tube', [item.tubes.shape[1] for item in streams]),
                          ('classes', [item.scores.shape[1] - 1 for item in streams])):
        if len(set(numbers)) > 1:
            raise ValueError(f'the streams have {", ".join(map(str, numbers))} {what}; only detectors of the same '
                             'windows and classes can be fused')
    tubes, scores = FUSIONS[mode]([(item.tubes, item.scores[:, 1:]) for item in streams])
    boxes = tubes[:, tubes.shape[1] // 2]
    kept, rows = multiclass_tube_nms(boxes, scores, 0., NMS)
    height, width = img_shape
    return InstanceData(
        bboxes=boxes[rows] / boxes.new_tensor([width, height, width, height]),
        scores=torch.nn.functional.pad(kept[rows], (1, 0)),
        tubes=tubes[rows])


def _match(tubes: Tensor, scores: Tensor, other_tubes: Tensor, other_scores: Tensor) -> Tuple[Tensor, Tensor]:
    """Pairs of rows that are one tube in two streams."""
    empty = torch.zeros(0, dtype=torch.long, device=tubes.device)
    if not len(tubes) or not len(other_tubes):
        return empty, empty
    overlap = tube_iou(tubes, other_tubes)
    # Suppression in each stream may have left of a person several tubes with some classes each.
    agreement = torch.einsum('nc,mc->nm', scores.sqrt(), other_scores.sqrt()) + 1e-3 * overlap
    worth = torch.where(overlap >= IOU_THR, agreement, 0.)
    rows, columns = (
        torch.from_numpy(index).to(tubes.device)
        for index in linear_sum_assignment(worth.cpu().numpy(), maximize=True))
    good = worth[rows, columns] > 0
    return rows[good], columns[good]
