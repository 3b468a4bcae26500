"""Seconds of one window for what can run a detector, side by side.

    python tools/analysis_tools/benchmark_inference.py configs/step/step_i3d_ava.py [CHECKPOINT]
    ... --baseline ../older_checkout --peer --growth

Needs no data: the window is made, and without a checkpoint the weights are random. Each row (ROWS of
inference_rows.py) is a process of its own, so that its peak memory is its own; one runs at a time, all take turns, and
a time is the median over the rounds, so that a machine that slows down slows all. Prints Markdown tables: seconds,
their ratio to eager fp32, the largest difference of the steps' scores and tubes to it, peak memory. Making ready, the
8-bit row above all, takes minutes; the times of each round are said as they come.
"""
import argparse
import json
import os
import os.path as osp
import statistics
import subprocess
import sys
import tempfile
from typing import Any, Dict, List, Optional, Tuple

import mmengine
import torch
from benchmark_step import input_size, window_size
from mmaction.registry import MODELS
from mmengine.config import Config
from torch import nn

import mmstep
from mmstep.apis.flow_settings import flow_settings
from mmstep.engine.arguments import add_config_argument
from mmstep.engine.config_files import load_config
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError

FIRST = 'eager fp32'
OWN_ROWS = (FIRST, 'eager bf16', 'compile fp32', 'compile bf16', 'onnxruntime fp32', 'openvino fp32', 'openvino bf16',
            'openvino int8', 'backbone', 'context', 'heads')
CHECKOUT = osp.dirname(osp.dirname(osp.abspath(mmstep.__file__)))
# Scales and overlaps of the initial tubes, of the configs with so many.
GRIDS = {
    11: ((1, 4 / 3, 2), (0, 0, 1 / 2)),
    34: ((4 / 3, 2), (5 / 6, 3 / 4)),
    100: ((1, 4 / 3, 2, 3), (0, 5 / 6, 7 / 8, 0)),
}


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    add_config_argument(parser, nargs='?', default=osp.join(CHECKOUT, 'configs/step/step_i3d_ava.py'))
    parser.add_argument('checkpoint', nargs='?', help='weights (default: random ones)')
    parser.add_argument('--rows', nargs='+', choices=OWN_ROWS, default=OWN_ROWS, help=f'beside {FIRST}')
    parser.add_argument('--rounds', type=int, default=5, help='timed runs of each row (default: 5)')
    parser.add_argument('--batch-size', type=int, default=1, help='windows at once (default: 1)')
    parser.add_argument('--baseline', metavar='DIR', help='another checkout of the project, to run beside this one')
    parser.add_argument(
        '--peer', action='store_true', help="MMAction2's Faster R-CNN and SlowOnly 4x16 on the same window, random")
    parser.add_argument(
        '--growth', action='store_true', help='time against tubes, steps, batch and frames, with random weights')
    args = parser.parse_args()
    for name in ('rounds', 'batch_size'):
        if getattr(args, name) < 1:
            parser.error(f'--{name.replace("_", "-")} must be at least 1')
    if args.baseline is not None and not osp.isdir(osp.join(args.baseline, 'mmstep')):
        parser.error(f'--baseline {args.baseline}: there is no folder mmstep in it')
    return args


class Row:
    """One row of the table, in its process.

    Args:
        title (str): What it is called.
        settings (dict): See ``inference_rows.run_row``.
    """

    def __init__(self, title: str, settings: Dict[str, Any]) -> None:
        self.title = title
        self.seconds: List[float] = []
        self.outputs: List[Tuple[torch.Tensor, torch.Tensor]] = []
        self.peak = 0
        self._file = settings['outputs']
        checkout = settings['checkout']
        self._process = subprocess.Popen(
            [sys.executable,
             osp.join(osp.dirname(osp.abspath(__file__)), 'inference_rows.py'),
             json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=checkout,
            env=dict(os.environ, PYTHONPATH=os.pathsep.join([checkout, *filter(None, [os.getenv('PYTHONPATH')])])))
        self.left_out: Optional[str] = self._answer().get('left_out')

    def _answer(self) -> Dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LaunchError(f'row {self.title} failed with exit code {self._process.wait()}; the reason is above')
        return json.loads(line)

    def ask(self, order: str) -> Dict[str, Any]:
        """Tells the process something and waits for its answer."""
        assert self._process.stdin is not None
        print(order, file=self._process.stdin, flush=True)
        return self._answer()

    def end(self) -> None:
        """Ends the process, with its peak memory and its outputs."""
        if self.left_out is None:
            self.peak = self.ask('end')['peak']
        self._process.wait()

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        self._process.wait()

    def save(self) -> None:
        """Lets the process put out scores and tubes; a row that has none leaves them out."""
        if self.ask('save')['steps']:
            self.outputs = torch.load(self._file, weights_only=True)

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)


def difference(row: Row, first: Row) -> Optional[Tuple[float, float]]:
    """Largest difference of scores and of the tubes' coordinates in pixels, over the steps; None without outputs."""
    if not row.outputs:
        return None
    scores, tubes = [], []
    for (score, tube), (wanted, reference) in zip(row.outputs, first.outputs):
        # Another version may regress more frames of the last step.
        length = min(tube.shape[1], reference.shape[1])
        tube, reference = (part[:, (part.shape[1] - length) // 2:][:, :length] for part in (tube, reference))
        scores.append(float((score - wanted).abs().max()))
        tubes.append(float((tube - reference).abs().max()))
    return max(scores), max(tubes)


def measure(rows: Dict[str, Dict[str, Any]], rounds: int) -> List[Row]:
    """Times rows by turns.

    Args:
        rows (dict[str, dict]): Settings by title.
        rounds (int): Runs of each.

    Returns:
        list[Row]: In the same order, with their figures.
    """
    found: List[Row] = []
    try:
        for title, settings in rows.items():
            found.append(Row(title, settings))
            print(f'{title}: {found[-1].left_out or "ready"}', file=sys.stderr, flush=True)
        if found[0].left_out is not None:
            raise LaunchError(found[0].left_out)
        running = [row for row in found if row.left_out is None]
        for _ in range(rounds):
            for row in running:
                row.seconds.append(row.ask('run')['seconds'])
                print(f'{row.title}: {row.seconds[-1]:.3f} s', file=sys.stderr, flush=True)
        for row in running:
            row.save()
        for row in found:
            row.end()
    finally:
        for row in found:
            row.kill()
    return found


def random_weights(cfg: Config, path: str) -> None:
    """Writes weights that keep the size of what passes through, so that differences mean something."""
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Conv3d)):
            nn.init.kaiming_normal_(module.weight)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.001)
    torch.save(dict(state_dict=model.state_dict()), path)


def list_rows(args: argparse.Namespace, cfg: Config, weights: str, folder: str) -> Dict[str, Dict[str, Any]]:
    """Settings of the main table's rows, by title."""
    frames, (width, height) = window_size(cfg)[0], input_size(cfg)
    window = dict(batch=args.batch_size, frames=frames, height=height, width=width)
    config = osp.abspath(args.config)
    common: Dict[str, Any] = dict(config=config, weights=weights, cfg_options={}, window=window, checkout=CHECKOUT)
    rows = {name: dict(common, row=name) for name in dict.fromkeys([FIRST, *args.rows])}
    if args.baseline is not None:
        checkout = osp.abspath(args.baseline)
        # A config belongs to its version.
        older = osp.join(checkout, osp.relpath(config, CHECKOUT))
        rows['baseline, eager fp32'] = dict(
            common, row=FIRST, checkout=checkout, config=older if osp.isfile(older) else config)
    if args.peer:
        rows['Faster R-CNN + SlowOnly'] = dict(common, row='peer')
    return {title: dict(row, outputs=osp.join(folder, f'{n}.pth')) for n, (title, row) in enumerate(rows.items())}


def growth_of(cfg: Config, base: Dict[str, Any]) -> Dict[str, Dict[str, Dict[str, Any]]]:
    """Settings by what grows and by its value; each group has the config's own value."""
    base = dict(base, weights=None)
    window, head = base['window'], 'model.roi_head.'
    groups: Dict[str, Dict[str, Dict[str, Any]]] = dict(tubes={}, steps={}, batch={}, frames={})
    for tubes, (scales, overlaps) in GRIDS.items():
        options = {f'{head}prior_generator.scales': scales, f'{head}prior_generator.overlaps': overlaps}
        groups['tubes'][str(tubes)] = dict(base, cfg_options=options)
    for steps in (2, 3, 4):
        extended = cfg.model.roi_head.get('extend_at') or ()
        options = {
            f'{head}num_steps': steps,
            f'{head}extend_at': [steps] * len(extended[:1]),
            f'{head}train_cfg': None
        }
        groups['steps'][str(steps)] = dict(base, cfg_options=options)
    for batch in (1, 2):
        groups['batch'][str(batch)] = dict(base, window=dict(window, batch=batch))
    for factor in (1, 2, 3):
        frames = factor * window['frames']
        groups['frames'][str(frames)] = dict(base, window=dict(window, frames=frames))
    return groups


def print_table(rows: List[Row]) -> None:
    """Prints the main table."""
    first = rows[0]
    print('| row | s | x eager fp32 | scores differ | px differ | peak GiB |\n|:--|--:|--:|--:|--:|--:|')
    for row in rows:
        if row.left_out is not None:
            print(f'| {row.title} | left out: {row.left_out} | | | | |')
            continue
        differs = difference(row, first)
        text = '| |' if differs is None else f'{differs[0]:.1e} | {differs[1]:.2g} |'
        print(f'| {row.title} | {row.median:.3f} | {row.median / first.median:.2f} | {text} {row.peak / 2**30:.2f} |')


def main() -> None:
    """Measures and prints."""
    args = parse_args()
    cfg = load_config(args.config)
    if flow_settings(cfg) is not None:
        raise LaunchError(
            f'{args.config} sees optical flow: take tools/analysis_tools/benchmark_stream.py, or an RGB config')
    device = 'CUDA' if torch.cuda.is_available() else f'CPU, {torch.get_num_threads()} threads'
    print(f'{args.config}, batch {args.batch_size}, {args.rounds} rounds, torch {torch.__version__}, '
          f'mmengine {mmengine.__version__}, {device}\n')
    with tempfile.TemporaryDirectory(prefix='mmstep_') as folder:
        weights = osp.abspath(args.checkpoint) if args.checkpoint else osp.join(folder, 'random.pth')
        if not args.checkpoint:
            random_weights(cfg, weights)
        rows = list_rows(args, cfg, weights, folder)
        print_table(measure(rows, args.rounds))
        if not args.growth:
            return
        print('\n| grows | value | s | x first |\n|:--|--:|--:|--:|')
        for name, group in growth_of(cfg, rows[FIRST]).items():
            print(f'growth of {name}', file=sys.stderr, flush=True)
            found = measure(group, args.rounds)
            for row in found:
                print(f'| {name} | {row.title} | {row.median:.3f} | {row.median / found[0].median:.2f} |')


if __name__ == '__main__':
    run_tool(main)
