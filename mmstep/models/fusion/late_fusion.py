"""Fusion of what several detectors found in one window (section 3.5, two-stream fusion)."""
from typing import Any, Dict, Optional, Sequence, Tuple

import torch
from mmaction.utils import ConfigType
from mmengine.structures import InstanceData
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from mmstep.structures import tube_iou
from ..roi_heads.post_processing import DEFAULT_NMS, select_detections

Stream = Tuple[Tensor, Tensor]  # tubes (n, T, 4), scores (n, C)

IOU_THR = 0.5  # tubes of two streams that overlap so much are taken for one
# The streams have left out low scores already, and a mean may be lower still.
TEST_CFG = dict(score_thr=0., nms=DEFAULT_NMS, max_per_img=-1)


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


def fused_test_cfg(stream_cfgs: Sequence[ConfigType], test_cfg: Optional[ConfigType] = None) -> Dict[str, Any]:
    """Settings of the post-processing of fused tubes.

    Args:
        stream_cfgs (Sequence[dict]): ``test_cfg`` of the RoI head of each stream, of which ``nms`` counts.
        test_cfg (dict, optional): What the fusion sets itself: ``score_thr``, ``nms``, ``max_per_img``.

    Returns:
        dict: ``nms`` is that of the streams, ``score_thr`` 0 and ``max_per_img`` -1 (all), unless ``test_cfg`` says
        otherwise.

    Raises:
        ValueError: If the streams have different ``nms`` and ``test_cfg`` has none.
    """
    settings = {**TEST_CFG, **(test_cfg or {})}
    if 'nms' not in (test_cfg or {}):
        found = [dict(cfg.get('nms') or DEFAULT_NMS) for cfg in stream_cfgs]
        if any(nms != found[0] for nms in found):
            raise ValueError(f'the streams have different NMS: {found}; set nms in the test_cfg of the fusion')
        settings['nms'] = found[0]
    return settings


def fuse_instances(streams: Sequence[InstanceData],
                   mode: str,
                   img_shape: Tuple[int, int],
                   test_cfg: Optional[ConfigType] = None) -> InstanceData:
    """Fuses the predictions of one window.

    Args:
        streams (Sequence[InstanceData]): Of each stream ``tubes`` (n, T, 4) in pixels of the network input and
            ``scores`` (n, C + 1), column 0 unused.
        mode (str): 'mean' or 'union'.
        img_shape (tuple[int, int]): Height and width of the network input.
        test_cfg (dict, optional): ``score_thr``, ``nms`` and ``max_per_img``. Defaults to all, after NMS at 0.4.

    Returns:
        InstanceData: As the RoI head gives it, see :func:`~mmstep.models.roi_heads.post_processing.select_detections`.

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
    return select_detections(scores, tubes, img_shape, **{**TEST_CFG, **(test_cfg or {})})


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
