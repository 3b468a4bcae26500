"""Measures how many ground truth tubes no positive sample is drawn for at the first step (section 3.4 of the paper).

    python tools/analysis_tools/benchmark_sampling.py configs/step/step_tiny_mini-ava.py
    python tools/analysis_tools/benchmark_sampling.py configs/step/step_tiny_mini-ava.py --initial-tubes 34

Assigns and samples among the initial tubes of the training windows, as training does, and prints by the number of
actors in a window the share of them that no drawn positive belongs to: with the sampler of the config, and with draws
by score alone, which give small actors' only candidates no precedence.
"""
import argparse
from collections import defaultdict
from typing import Dict, List

import torch
from mmaction.registry import DATASETS, TASK_UTILS
from mmdet.models.task_modules.samplers import SamplingResult
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from rich.progress import track

import mmstep  # noqa: F401  registers the components and repairs the stack
from mmstep.engine.arguments import add_cfg_options, add_config_argument
from mmstep.engine.config_files import load_config
from mmstep.engine.launch import run_tool
from mmstep.models.task_modules import HardAwareSampler
from mmstep.structures import middle_frames

# Side and overlap of the grids with so many tubes, see TubeGridGenerator.
GRIDS = {11: ((1, 4 / 3, 2), (0, 0, 1 / 2)), 34: ((4 / 3, 2), (5 / 6, 3 / 4))}


class DrawByScore(HardAwareSampler):
    """The sampler without precedence for each ground truth's own positive."""

    def _sample_pos(self, assign_result, num_expected, sampling_scores, **kwargs):
        return self._draw(assign_result.gt_inds > 0, sampling_scores, num_expected)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Measure ground truth without a positive sample')
    add_config_argument(parser, 'config file of the model, or its name')
    parser.add_argument('--initial-tubes', type=int, choices=list(GRIDS), help="default: the config's")
    parser.add_argument('--rounds', type=int, default=10, help='draws a window (default: 10)')
    add_cfg_options(parser)
    return parser.parse_args()


def left_out(result: SamplingResult, num_gts: int) -> int:
    """Number of ground truths that no drawn positive is assigned to."""
    return num_gts - len(result.pos_assigned_gt_inds.unique())


def main() -> None:
    """Runs the measurement."""
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    init_default_scope('mmaction')
    head = cfg.model.roi_head
    if args.initial_tubes:
        scales, overlaps = GRIDS[args.initial_tubes]
        head.prior_generator = dict(type='TubeGridGenerator', scales=scales, overlaps=overlaps)
    first = {key: value[0] if isinstance(value, list) else value for key, value in head.train_cfg.items()}
    settings = {key: value for key, value in first['sampler'].items() if key != 'type'}
    samplers = dict(config=TASK_UTILS.build(first['sampler']), by_score=DrawByScore(**settings))
    assigner, generator = TASK_UTILS.build(first['assigner']), TASK_UTILS.build(head.prior_generator)

    dataset_cfg = dict(cfg.train_dataloader.dataset)
    # What says where the boxes lie; nothing is decoded.
    names = [transform['type'] for transform in dataset_cfg['pipeline']]
    window = names.index('SampleTubeWindow') if 'SampleTubeWindow' in names else names.index('SampleClipWindow')
    dataset_cfg['pipeline'] = dataset_cfg['pipeline'][:window + 1]
    dataset = DATASETS.build(dataset_cfg)
    torch.manual_seed(0)
    missed: Dict[str, Dict[int, List[int]]] = {name: defaultdict(lambda: [0, 0]) for name in samplers}
    for index in track(range(len(dataset)), 'Windows'):
        item = dataset[index]
        boxes = torch.as_tensor(item['gt_bboxes'])
        clip_feats = boxes.shape[1] // cfg.model.num_clips
        truth = InstanceData(
            bboxes=middle_frames(boxes, clip_feats),
            valid=middle_frames(torch.as_tensor(item['gt_valid']), clip_feats),
            labels=torch.as_tensor(item['gt_labels']))
        if not len(truth):
            continue
        tubes = InstanceData(priors=generator(1, clip_feats, (1, 1), boxes.device)[0])
        assigned = assigner.assign(tubes, truth)
        for name, sampler in samplers.items():
            for _ in range(args.rounds):
                counts = missed[name][len(truth)]
                counts[0] += left_out(sampler.sample(assigned, tubes, truth), len(truth))
                counts[1] += len(truth)
    print(
        f'{generator.num_tubes} initial tubes, at most {settings.get("num_pos", 5)} positives a window; ground truth '
        'without a positive, %:')
    print(f'{"actors":>8}{"windows":>9}{"config":>9}{"by score":>10}')
    for count in sorted(missed['config']):
        total = missed['config'][count][1]
        shares = [100 * missed[name][count][0] / total for name in ('config', 'by_score')]
        print(f'{count:>8}{total // count // args.rounds:>9}{shares[0]:>9.1f}{shares[1]:>10.1f}')


if __name__ == '__main__':
    run_tool(main)
