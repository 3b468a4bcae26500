"""Compares STEP with MMAction2's two-stage way on the mini data set, at equal training time.

    python tools/analysis_tools/two_stage_study.py
    python tools/analysis_tools/two_stage_study.py --table

The two-stage way is a person detector of MMDetection, trained on the key frames of the same videos, and MMAction2's
detector on AVA, which classifies the boxes found. Each training is a process of its own with one thread; what is there
in --work-dir is not run again, and a training that was interrupted goes on. Figures go into
configs/step/studies/two_stage/results.json and from there into the table of that folder's README.md.
"""
import argparse
import json
from pathlib import Path
from typing import Any, Dict

import torch
from two_stage.key_frames import write_key_frames
from two_stage.scoring import score_step, score_two_stages
from two_stage.table import write_table
from two_stage.timing import test_seconds, train_seconds
from two_stage.training import CONFIGS, FOLDER, Training, build

import mmstep  # noqa: F401  registers the components
from mmstep.engine.launch import run_tool
from mmstep.utils import hold_lock, write_text

RESULTS = FOLDER / 'results.json'
STEP_ITERATIONS = 1200
# Iterations that take as long as STEP's training, and twice as long.
BUDGETS = {1: dict(persons=600, actions=2000), 2: dict(persons=1200, actions=4000)}


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2], help='seeds of the trainings')
    parser.add_argument(
        '--budgets',
        type=int,
        nargs='+',
        default=[1, 2],
        choices=sorted(BUDGETS),
        help="training times of the two-stage way, as multiples of STEP's")
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/two_stage'), help='folder of the runs')
    parser.add_argument('--table', action='store_true', help='run nothing, write the table from the figures')
    args = parser.parse_args()
    args.work_dir = args.work_dir.resolve()
    return args


def measure(args: argparse.Namespace) -> Dict[str, Any]:
    """Trains and scores what is missing.

    Args:
        args (Namespace): The command line's.

    Returns:
        dict: All figures.
    """
    torch.set_num_threads(1)
    for split in ('train', 'val'):
        write_key_frames(Path('data/mini'), split, Path('work_dirs/two_stage/key_frames'))
    parts: Dict[str, Training] = {}
    step: Dict[str, dict] = {}
    budgets = [dict(iterations=BUDGETS[budget], scores={}) for budget in args.budgets]
    for seed in args.seeds:
        parts['step'] = Training('step', seed, STEP_ITERATIONS, args.work_dir)
        parts['step'].run()
        step[str(seed)] = score_step(parts['step'])
        for budget in budgets:
            for part, iterations in budget['iterations'].items():
                parts[part] = Training(part, seed, iterations, args.work_dir)
                parts[part].run()
            budget['scores'][str(seed)] = score_two_stages(parts['persons'], parts['actions'])
    models = {part: build(config) for part, config in CONFIGS.items()}
    return dict(
        step=dict(iterations=STEP_ITERATIONS, scores=step),
        two_stage=budgets,
        parameters={
            part: sum(p.numel() for p in model.parameters())
            for part, model in models.items()
        },
        train_seconds=train_seconds(),
        test_seconds=test_seconds(parts))


def main() -> None:
    """Measures, and writes figures and table."""
    args = parse_args()
    if not args.table:
        with hold_lock(args.work_dir / 'running.txt', str(args.work_dir)):
            write_text(RESULTS, json.dumps(measure(args), indent=1) + '\n')
    write_table(json.loads(RESULTS.read_text(encoding='utf-8')))


if __name__ == '__main__':
    run_tool(main)
