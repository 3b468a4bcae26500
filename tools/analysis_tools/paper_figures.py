"""Draws the figures of the paper from runs of this project.

    python tools/analysis_tools/paper_figures.py 4 7 8 --config CONFIG --checkpoint CHECKPOINT

| figure | shows | made from |
|---|---|---|
| 4 | how much the tubes that go into each step overlap the annotated ones | a checkpoint, on its test windows |
| 5 | frame-mAP over the steps, with and without temporal extension | the results of the study ``extension`` |
| 6a | speed against the number of steps, with and without extension | random weights, measured |
| 6b | accuracy and speed against the number of initial tubes | the results of the study ``tubes``; measured |
| 7 | what each step detects: red where it is right, blue where not | a checkpoint, on its test windows |
| 8 | the smallest actors: initial tubes in red, detections in orange | a checkpoint, on its test windows |

They become docs/figures/figure<NUMBER>.png, or lie in the folder ``--out``.
"""
import argparse
from pathlib import Path
from typing import Any, List, Optional

import numpy as np
import torch
from mmengine.config import Config
from studies.intervals import mean_and_spread
from studies.plots import plot_overlaps, plot_speed, plot_steps, plot_tubes, save_figure, save_small
from studies.results import RESULTS, figure, read_results
from studies.speed import number_of_tubes, window_seconds, with_steps
from studies.step_pictures import small_actors_picture, smallest_actor, steps_picture
from studies.study_file import ROOT, read_study, resolve_config
from studies.windows import TracedWindow, trace_windows

import mmstep  # noqa: F401  registers the components
from mmstep.apis import init_detector
from mmstep.engine.config_files import config_path
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError

FIGURES = ('4', '5', '6a', '6b', '7', '8')
TRACED = ('4', '7', '8')
COLUMNS = 3  # windows in figures 7 and 8
COLORS = 192  # of their files: red and blue lines have to stay apart
STEPS = (1, 2, 3, 4)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('figures', nargs='+', choices=FIGURES, metavar='FIGURE', help=', '.join(FIGURES))
    parser.add_argument(
        '--config', type=config_path, default='configs/step/step_tiny_mini-ava.py', help='config of the model')
    parser.add_argument('--checkpoint', help='its weights, for figures 4, 7 and 8')
    parser.add_argument('--every', type=int, default=1, help='every so many test windows, for figures 4, 7 and 8')
    parser.add_argument('--results', type=Path, default=RESULTS, help='the results file, for figures 5 and 6b')
    parser.add_argument('--out', type=Path, default=ROOT / 'docs/figures', help='folder of the pictures')
    args = parser.parse_args()
    if set(args.figures) & set(TRACED) and not args.checkpoint:
        parser.error(f'figures {", ".join(TRACED)} need --checkpoint')
    return args


def draw_overlaps(windows: List[TracedWindow], out: Path) -> None:
    """Figure 4."""
    overlaps = [torch.cat(step).numpy() for step in zip(*[window.overlaps() for window in windows])]
    save_figure(plot_overlaps(overlaps), out)
    for number, values in enumerate(overlaps, 1):
        name = f'into step {number}' if number < len(overlaps) else 'out of the last step'
        print(f'{name}: mean IoU {values.mean():.3f}, {100 * (values > 0.5).mean():.1f} % over 0.5')


def draw_steps(windows: List[TracedWindow], names: List[str], out: Path) -> None:
    """Figure 7: windows spread evenly over those with at least two persons."""
    crowded = [window for window in windows if len(window.gt_boxes) > 1]
    if not crowded:
        raise LaunchError('no test window has two persons')
    chosen = [crowded[i] for i in np.linspace(0, len(crowded) - 1, min(COLUMNS, len(crowded))).astype(int)]
    save_small(steps_picture(chosen, names), out, COLORS)


def draw_small_actors(windows: List[TracedWindow], out: Path) -> None:
    """Figure 8: the windows with the smallest persons, one of a video."""
    best: dict = {}
    for window in windows:
        video = window.name.split(',')[0]
        if video not in best or smallest_actor(window) < smallest_actor(best[video]):
            best[video] = window
    save_small(small_actors_picture(sorted(best.values(), key=smallest_actor)[:COLUMNS]), out, COLORS)


def draw_speed(out: Path) -> None:
    """Figure 6(a)."""
    cfg = Config.fromfile(str(ROOT / 'configs/step/step_tiny_mini-ava_no-extension.py'))
    curves = {'without extension': False, 'with extension': True}
    configs = {
        f'{name} {steps}': with_steps(cfg, steps, extended)
        for name, extended in curves.items()
        for steps in STEPS
    }
    seconds = window_seconds(configs)
    for name, value in seconds.items():
        print(f'{name} steps: {value:.4f} CPU seconds a window')
    save_figure(
        plot_speed({name: [(steps, 1 / seconds[f'{name} {steps}']) for steps in STEPS]
                    for name in curves}), out)


def draw_tubes(results: dict, out: Path) -> None:
    """Figure 6(b)."""
    study = read_study('tubes')
    configs = {name: resolve_config(variant) for name, variant in study.variants.items()}
    seconds = window_seconds(configs)
    points = []
    for name, cfg in configs.items():
        found = [figure(results, study.name, name, seed, study.figure) for seed in study.seeds]
        scores = [value for value in found if value is not None]
        points.append((number_of_tubes(cfg), mean_and_spread(scores)[0] if scores else np.nan, 1 / seconds[name]))
        print(f'{points[-1][0]} tubes: {seconds[name]:.4f} CPU seconds a window, frame-mAP {points[-1][1]:.1f}')
    save_figure(plot_tubes(points), out)


def main() -> None:
    """Draws the figures."""
    args = parse_args()
    model: Optional[Any] = None
    windows: List[TracedWindow] = []
    if set(args.figures) & set(TRACED):
        model = init_detector(args.config, args.checkpoint, 'cpu')
        windows = list(trace_windows(model, model.cfg, args.every))
    for name in args.figures:
        out = args.out / f'figure{name}.png'
        if name == '4':
            draw_overlaps(windows, out)
        elif name == '5':
            save_figure(plot_steps(read_study('extension'), read_results(args.results)), out)
        elif name == '6a':
            draw_speed(out)
        elif name == '6b':
            draw_tubes(read_results(args.results), out)
        elif name == '7' and model is not None:
            draw_steps(windows, model.cfg.class_names, out)
        elif name == '8':
            draw_small_actors(windows, out)
        print(out)


if __name__ == '__main__':
    run_tool(main)
