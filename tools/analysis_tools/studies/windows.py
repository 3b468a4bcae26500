"""Test windows with what is annotated in them and what each step of a detector makes of the initial tubes."""
from typing import Any, Iterator, List, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch import Tensor

from mmstep.structures import middle_frames, tube_iou


class TracedWindow(NamedTuple):
    """A window on its way through the steps; boxes in pixels of the network's input.

    Attributes:
        name (str): Video and time.
        picture (np.ndarray): Its key frame, (H, W, 3) uint8, RGB.
        gt_boxes (Tensor): Annotated tubes in the target clip, shape (G, K / r, 4).
        gt_valid (Tensor): Where they are annotated, bool, shape (G, K / r).
        gt_labels (Tensor): Multi-hot without the unused column, bool, shape (G, C).
        tubes (list[Tensor]): The initial tubes and those of every step in the target clip, each (M, K / r, 4).
        scores (list[Tensor]): Of every step, (M, C).
    """
    name: str
    picture: np.ndarray
    gt_boxes: Tensor
    gt_valid: Tensor
    gt_labels: Tensor
    tubes: List[Tensor]
    scores: List[Tensor]

    def overlaps(self) -> List[Tensor]:
        """For the tubes that go into each step, and those that come out of the last one, the best overlap with an
        annotated tube; shape (M,) each."""
        if len(self.gt_boxes) == 0:
            return [tubes.new_zeros(len(tubes)) for tubes in self.tubes]
        return [tube_iou(tubes, self.gt_boxes, self.gt_valid).amax(dim=1) for tubes in self.tubes]


def trace_windows(model: Any, cfg: Config, every: int = 1) -> Iterator[TracedWindow]:
    """Runs a detector on the test windows of its config.

    Args:
        model (nn.Module): A detector with a :class:`ProgressiveRoIHead`, in evaluation mode.
        cfg (Config): Its config; the data set has to be on disk.
        every (int): Every so many windows. Defaults to 1.

    Yields:
        TracedWindow: Every window.
    """
    loader = dict(cfg.test_dataloader, num_workers=0, persistent_workers=False, batch_size=1)
    dataset = Runner.build_dataloader(loader).dataset
    collate = Runner.build_dataloader(dict(loader, dataset=dataset)).collate_fn
    clip_feats = cfg.clip_len // cfg.temporal_stride
    for index in range(0, len(dataset), every):
        batch = collate([dataset[index]])
        with torch.no_grad():
            data = model.data_preprocessor(batch, False)
            outputs = model(**data, mode='tensor')
        sample, img_shape = data['data_samples'][0], tuple(data['inputs'].shape[-2:])
        initial, = model.roi_head.prior_generator(1, clip_feats, img_shape, data['inputs'].device, [sample])
        gt = sample.gt_tubes
        num_classes = outputs[-1].scores.shape[1]
        labels = gt.labels[:, 1:] if gt.labels.dim() == 2 else torch.eye(num_classes)[gt.labels]
        frames = batch['inputs'][0]
        stride = frames.shape[1] // gt.bboxes.shape[1]
        key = gt.bboxes.shape[1] // 2 * stride + stride // 2
        yield TracedWindow(
            f'{sample.video_id}, {sample.get("timestamp") if sample.get("timestamp") is not None else index}',
            frames[:, key].permute(1, 2, 0).numpy().astype(np.uint8), middle_frames(gt.bboxes, clip_feats),
            middle_frames(gt.valid, clip_feats), labels.bool(),
            [middle_frames(tubes, clip_feats)
             for tubes in (initial, *(output.tubes for output in outputs))], [output.scores for output in outputs])
