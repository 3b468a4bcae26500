"""From the tubes of a window to its detections."""
from typing import Optional, Sequence, Tuple

import torch
from mmaction.utils import SampleList
from mmengine.structures import InstanceData
from torch import Tensor
from torch.nn.functional import pad

from mmstep.errors import LaunchError
from mmstep.structures import multiclass_tube_nms

DEFAULT_NMS = dict(type='nms', iou_threshold=0.4)
SELECTION = ('score_thr', 'nms', 'max_per_img')  # of a test_cfg, what select_detections takes


def select_detections(scores: Tensor,
                      tubes: Tensor,
                      img_shape: Tuple[int, int],
                      score_thr: float = 0.01,
                      nms: Optional[dict] = None,
                      max_per_img: int = 300) -> InstanceData:
    """Score threshold and per-class NMS on the key frame's boxes, of a detector's tubes or of several fused.

    Args:
        scores (Tensor): Probabilities of the action classes, shape (M, C).
        tubes (Tensor): Boxes in pixels, shape (M, T_s, 4).
        img_shape (tuple[int, int]): Height and width of the input.
        score_thr (float): Scores have to be higher than this, as in MMDetection's heads and in the published model.
            Defaults to 0.01.
        nms (dict, optional): Options of :func:`mmcv.ops.batched_nms`. Defaults to NMS at 0.4.
        max_per_img (int): Entries (a box with a class) at most, -1 for all. Defaults to 300.

    Returns:
        InstanceData: ``bboxes`` (n, 4): the middle feature frame's boxes as fractions of the frame, the form that
        MMAction2's AVAMetric takes; ``scores`` (n, C + 1): column 0 unused, zero where suppressed; ``tubes`` (n, T_s,
        4) in pixels; best first.
    """
    height, width = img_shape
    boxes = tubes[:, tubes.shape[1] // 2]
    kept, rows = multiclass_tube_nms(boxes, scores, score_thr, nms or DEFAULT_NMS, max_per_img)
    size = boxes.new_tensor([width, height, width, height])
    return InstanceData(bboxes=boxes[rows] / size, scores=pad(kept[rows], (1, 0)), tubes=tubes[rows])


def require_finite_outputs(outputs: Sequence[Tuple[Optional[Tensor], ...]],
                           data_samples: Optional[SampleList]) -> None:
    """Refuses logits and deltas that are not finite, of which finite results come: an infinite logit, as half
    precision gives it, is a score of 0 or 1, NaN falls under any threshold, and a box that is not finite is repaired.

    Args:
        outputs (Sequence[HeadOutput]): Of every step's head; of a model whose heads are out of reach, its scores and
            tubes.
        data_samples (list, optional): One for each window, for the message.

    Raises:
        LaunchError: Naming the windows of the batch.
    """
    if torch.compiler.is_compiling():  # an exported graph cannot raise
        return
    numbers = torch.cat([part.flatten() for output in outputs for part in output if part is not None])
    if torch.isfinite(numbers).all():
        return
    names = [
        f'{getattr(sample, "video_id", None) or getattr(sample, "img_key", "a window")} '
        f'{getattr(sample, "timestamp", "")}'.strip() for sample in data_samples or ()
    ]
    raise LaunchError(
        f'The model puts out scores or boxes that are not finite ({"; ".join(names[:4]) or "a window"}): '
        'weights or frames hold NaN or infinities, or the precision is too low for them (fp16 ends at 65504: run it '
        'in full precision or bfloat16).')
