"""Where each way of temporal extension puts its boxes, and what that does to the last step's figures.

    python tools/analysis_tools/extension_boxes.py configs/step/step_tiny_mini-ava.py CHECKPOINT

The same weights are run on the config's test windows with anticipation (if the model anticipates), linear
extrapolation, the mean box repeated, and the *annotated* boxes of the neighbouring clips, which no model has: an
upper bound for where boxes can be. For each, two things are printed: how much its boxes in the neighbouring clips
overlap those of the person whom the tube follows (mean IoU over tubes that overlap somebody by at least 0.5 in the
middle), and the metric. If the annotated boxes do no better than the mean box, these weights have no use for boxes
that follow a person; if they do better, and anticipation does not, it is anticipation that falls short. Weights are
used to the boxes that they were trained with, so that others may do worse for that reason alone.
"""
import argparse
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import torch
from mmdet.structures.bbox import bbox_overlaps
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner
from rich.progress import track
from torch import Tensor

import mmstep  # noqa: F401  registers the components
from mmstep.apis import init_detector
from mmstep.engine.arguments import add_config_argument
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.models.task_modules.temporal_extension import (BaseTemporalExtension, LinearExtrapolation,
                                                           LocationAnticipation, Replicate)
from mmstep.structures import middle_frames, tube_iou

FOLLOWS = 0.5  # a tube follows the person whom it overlaps at least by this much


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    add_config_argument(parser, 'config with one extension; or name of a model')
    parser.add_argument('checkpoint', help='weights of the model')
    return parser.parse_args()


class Truth(NamedTuple):
    """What is annotated in a window.

    Attributes:
        boxes (Tensor): Boxes of every person in pixels of the network's input, shape (G, T, 4).
        valid (Tensor): Where they are annotated, bool, shape (G, T).
    """
    boxes: Tensor
    valid: Tensor

    def neighbours(self, tubes: Tensor, clip_feats: int) -> Tuple[Tensor, Tensor]:
        """The persons whom tubes follow, in the frames that an extension adds.

        Args:
            tubes (Tensor): Tubes before their extension, shape (N, T', 4).
            clip_feats (int): Feature frames that the extension adds on either side.

        Returns:
            tuple[Tensor, Tensor]: Boxes (N, T' + 2 * clip_feats, 4), and which of them are of a person whom the tube
            follows, annotated and outside of the tube: bool, (N, T' + 2 * clip_feats).
        """
        frames = tubes.shape[1] + 2 * clip_feats
        if len(self.boxes) == 0 or len(tubes) == 0:
            return tubes.new_zeros(len(tubes), frames, 4), torch.zeros(len(tubes), frames, dtype=torch.bool)
        boxes, valid = middle_frames(self.boxes, frames), middle_frames(self.valid, frames)
        middle = slice(clip_feats, frames - clip_feats)
        overlap, person = tube_iou(tubes, boxes[:, middle], valid[:, middle]).max(dim=1)
        known = valid[person] & (overlap >= FOLLOWS)[:, None]
        known[:, middle] = False
        return boxes[person], known


class AnnotatedBoxes(Replicate):
    """Takes the annotated boxes of the person whom a tube follows; the mean box where there are none.

    Attributes:
        truth (Truth): What is annotated in the window; to be set before each.
    """
    truth: Truth

    def __call__(self,
                 tubes: Tensor,
                 clip_feats: int,
                 prev_boxes: Optional[Tensor] = None,
                 next_boxes: Optional[Tensor] = None) -> Tensor:
        boxes, known = self.truth.neighbours(tubes, clip_feats)
        return torch.where(known[..., None], boxes, super().__call__(tubes, clip_feats))


class WatchedExtension(BaseTemporalExtension):
    """Another extension, with a note of how much its boxes overlap the annotated ones.

    Args:
        extension (BaseTemporalExtension): What extends.

    Attributes:
        truth (Truth): What is annotated in the window; to be set before each.
        overlaps (list[Tensor]): For each call the IoU of all added boxes whose person is known with that person, (n,).
    """
    truth: Truth

    def __init__(self, extension: BaseTemporalExtension) -> None:
        self.extension = extension
        self.overlaps: List[Tensor] = []

    def __call__(self,
                 tubes: Tensor,
                 clip_feats: int,
                 prev_boxes: Optional[Tensor] = None,
                 next_boxes: Optional[Tensor] = None) -> Tensor:
        if isinstance(self.extension, AnnotatedBoxes):
            self.extension.truth = self.truth
        extended = self.extension(tubes, clip_feats, prev_boxes, next_boxes)
        boxes, known = self.truth.neighbours(tubes, clip_feats)
        self.overlaps.append(bbox_overlaps(extended[known], boxes[known], is_aligned=True))
        return extended


def run_with(model: Any, cfg: Config, extension: BaseTemporalExtension, name: str) -> Tuple[float, Dict[str, float]]:
    """Runs a detector on its test windows with another extension.

    Args:
        model (nn.Module): The detector, in evaluation mode. Its extension is replaced.
        cfg (Config): Its config; the data set has to be on disk.
        extension (BaseTemporalExtension): What extends.
        name (str): For the progress line.

    Returns:
        tuple[float, dict[str, float]]: Mean overlap of the neighbouring clips' boxes (0..1), and the metric's figures.
    """
    loader = Runner.build_dataloader(dict(cfg.test_dataloader, batch_size=1, num_workers=0, persistent_workers=False))
    evaluator = Evaluator(cfg.test_evaluator)
    evaluator.dataset_meta = loader.dataset.metainfo
    watched = model.roi_head.temporal_extension = WatchedExtension(extension)
    for batch in track(loader, description=name, transient=True):
        gt_tubes = batch['data_samples'][0].gt_tubes
        watched.truth = Truth(gt_tubes.bboxes, gt_tubes.valid)
        with torch.no_grad():
            evaluator.process(model.test_step(batch), batch)
    return float(torch.cat(watched.overlaps).mean()), evaluator.evaluate(len(loader.dataset))


def main() -> None:
    """Prints the table."""
    args = parse_args()
    model = init_detector(args.config, args.checkpoint, 'cpu')
    head = getattr(model, 'roi_head', None)
    if not getattr(head, 'extend_at', ()):
        raise LaunchError(f'{args.config} extends at no step (extend_at), so that there is nothing to compare')
    extensions: Dict[str, BaseTemporalExtension] = {
        'linear extrapolation': LinearExtrapolation(),
        'mean box repeated': Replicate(),
        'annotated boxes': AnnotatedBoxes()
    }
    if any(head.anticipates):
        extensions = {'anticipation': LocationAnticipation(), **extensions}
    rows = {name: run_with(model, model.cfg, extension, name) for name, extension in extensions.items()}
    last = f'step{head.num_steps}/'
    names = [name for name in next(iter(rows.values()))[1] if name.startswith(last) and '/AP/' not in name]
    print('| extension | mean IoU beside the target clip | ' + ' | '.join(names) + ' |')
    print('| --- |' + ' --: |' * (1 + len(names)))
    for name, (overlap, figures) in rows.items():
        print(f'| {name} | {overlap:.3f} | ' + ' | '.join(f'{100 * figures[each]:.2f}' for each in names) + ' |')


if __name__ == '__main__':
    run_tool(main)
