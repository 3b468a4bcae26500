"""Draws the figures of the paper from runs of this project.

    python tools/analysis_tools/paper_figures.py 4 --config CONFIG --checkpoint CHECKPOINT

| figure | shows | made from |
|---|---|---|
| 4 | how much the tubes that go into each step overlap the annotated ones | a checkpoint, on its test windows |
| 5 | frame-mAP over the steps, with and without temporal extension | the results of the study ``extension`` |
| 6a | speed against the number of steps, with and without extension | random weights, measured |
| 6b | accuracy and speed against the number of initial tubes | the results of the study ``tubes``; measured |
| 7 | what each step detects: red where it is right, blue where not | a checkpoint, on its test windows |
| 8 | the smallest actors: initial tubes in red, detections in orange | a checkpoint, on its test windows |

Figures go to docs/figures/figure<NUMBER>.png unless ``--out`` says otherwise.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from studies.intervals import mean_and_spread
from studies.plots import plot_overlaps, plot_speed, plot_steps, plot_tubes, save_figure, save_small
from studies.results import RESULTS, figure, read_results
from studies.speed import number_of_tubes, window_seconds, with_steps
from studies.step_pictures import small_actors_picture, smallest_actor, steps_picture
from studies.study_file import ROOT, read_study, resolve_config
from studies.windows import trace_windows

import mmstep  # noqa: F401  registers the components
from mmstep.apis import init_detector
from mmstep.engine.arguments import config_path
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError

FIGURES = ('4', '5', '6a', '6b', '7', '8')
COLUMNS = 4  # windows in figures 7 and 8
STEPS = (1, 2, 3, 4)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('figure', choices=FIGURES, help='number of the figure in the paper')
    parser.add_argument(
        '--config', type=config_path, default='configs/step/step_tiny_mini-ava.py', help='config of the model')
    parser.add_argument('--checkpoint', help='its weights, for figures 4, 7 and 8')
    parser.add_argument('--every', type=int, default=1, help='every so many test windows, for figures 4, 7 and 8')
    parser.add_argument('--results', type=Path, default=RESULTS, help='the results file, for figures 5 and 6b')
    parser.add_argument('--out', type=Path, help='the picture')
    args = parser.parse_args()
    if args.figure in ('4', '7', '8') and not args.checkpoint:
        parser.error(f'figure {args.figure} needs --checkpoint')
    args.out = args.out or ROOT / f'docs/figures/figure{args.figure}.png'
    return args


def draw_overlaps(args: argparse.Namespace) -> None:
    """Figure 4."""
    model = init_detector(args.config, args.checkpoint, 'cpu')
    traced = [window.overlaps() for window in trace_windows(model, model.cfg, args.every)]
    overlaps = [torch.cat(step).numpy() for step in zip(*traced)]
    save_figure(plot_overlaps(overlaps), args.out)
    for number, values in enumerate(overlaps, 1):
        name = f'into step {number}' if number < len(overlaps) else 'out of the last step'
        print(f'{name}: mean IoU {values.mean():.3f}, {100 * (values > 0.5).mean():.1f} % over 0.5')


def draw_extension(args: argparse.Namespace) -> None:
    """Figure 5."""
    save_figure(plot_steps(read_study('extension'), read_results(args.results)), args.out)


def draw_speed(args: argparse.Namespace) -> None:
    """Figure 6(a)."""
    cfg = Config.fromfile(str(ROOT / 'configs/step/step_tiny_mini-ava_no-extension.py'))
    curves = dict([('without extension', False), ('with extension', True)])
    configs = {f'{name} {steps}': with_steps(cfg, steps, extended) for name, extended in curves.items()
               for steps in STEPS}  # yapf: disable
    seconds = window_seconds(configs)
    for name, value in seconds.items():
        print(f'{name} steps: {value:.4f} CPU seconds a window')
    save_figure(
        plot_speed({name: [(steps, 1 / seconds[f'{name} {steps}']) for steps in STEPS]
                    for name in curves}), args.out)


def draw_tubes(args: argparse.Namespace) -> None:
    """Figure 6(b)."""
    study, results = read_study('tubes'), read_results(args.results)
    configs = {name: resolve_config(variant) for name, variant in study.variants.items()}
    seconds = window_seconds(configs)
    points = []
    for name, cfg in configs.items():
        found = [figure(results, study.name, name, seed, study.figure) for seed in study.seeds]
        scores = [value for value in found if value is not None]
        points.append((number_of_tubes(cfg), mean_and_spread(scores)[0] if scores else np.nan, 1 / seconds[name]))
        print(f'{points[-1][0]} tubes: {seconds[name]:.4f} CPU seconds a window, frame-mAP {points[-1][1]:.1f}')
    save_figure(plot_tubes(points), args.out)


def draw_steps(args: argparse.Namespace) -> None:
    """Figure 7: windows spread evenly over those with at least two persons."""
    model = init_detector(args.config, args.checkpoint, 'cpu')
    windows = [window for window in trace_windows(model, model.cfg, args.every) if len(window.gt_boxes) > 1]
    if not windows:
        raise LaunchError('no test window has two persons')
    chosen = [windows[i] for i in np.linspace(0, len(windows) - 1, min(COLUMNS, len(windows))).astype(int)]
    save_small(steps_picture(chosen, model.cfg.class_names), args.out)


def draw_small_actors(args: argparse.Namespace) -> None:
    """Figure 8: the windows with the smallest persons, of a video one."""
    model = init_detector(args.config, args.checkpoint, 'cpu')
    best: dict = {}
    for window in trace_windows(model, model.cfg, args.every):
        video = window.name.split(',')[0]
        if video not in best or smallest_actor(window) < smallest_actor(best[video]):
            best[video] = window
    save_small(small_actors_picture(sorted(best.values(), key=smallest_actor)[:COLUMNS]), args.out)


def main() -> None:
    """Draws the figure."""
    args = parse_args()
    drawn = dict(zip(FIGURES, (draw_overlaps, draw_extension, draw_speed, draw_tubes, draw_steps, draw_small_actors)))
    drawn[args.figure](args)
    print(args.out)


if __name__ == '__main__':
    run_tool(main)
