"""Converts the published STEP weights: ``python tools/convert/nvlabs_to_mmstep.py IN.pth OUT.pth``.

IN is the published three-step AVA detector, which configs/step/step_i3d_ava_released.py loads, or the published
classification pre-training, for configs/step/step_i3d_ava_released_cls-pretrain.py. ``--config`` names another model:
that of weights which were trained by the same program for other classes, say.

Strict in both directions: every parameter and buffer of the model is filled and every weight of the file used, or the
difference is listed and nothing is written. What the file holds besides weights is named, never executed.
"""
import argparse
import os.path as osp
from pathlib import Path
from typing import Dict, List

import torch
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from torch import Tensor

import mmstep  # noqa: F401  registers the components
from mmstep.checkpoints import (describe, detector_from_published, fill_counters, identify, list_differences,
                                published_steps)
from mmstep.checkpoints.foreign_checkpoint import ForeignFile, StandIn, read_foreign
from mmstep.checkpoints.save_weights import check_output, save_weights
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.utils import refuse_overwriting

CONFIGS = Path(__file__).parents[2] / 'configs' / 'step'
CONFIG_OF = {
    'published detector': CONFIGS / 'step_i3d_ava_released.py',
    'published pre-training': CONFIGS / 'step_i3d_ava_released_cls-pretrain.py',
}
LICENCE = 'CC BY-NC-SA 4.0, as the published file'


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Convert the published STEP weights')
    parser.add_argument('source', metavar='IN.pth', help='the published file')
    parser.add_argument('out', metavar='OUT.pth', help='the checkpoint to write')
    parser.add_argument('--config', help='the model that the weights are of (default: the released one)')
    return parser.parse_args()


def read_published(path: str) -> ForeignFile:
    """Opens a file and refuses one that is not in the published form."""
    file = read_foreign(path)
    kind = identify(file.content)
    if kind.name not in CONFIG_OF:
        raise LaunchError(f'{path} is {kind.what}, not the published STEP weights.\n{kind.advice.format(path=path)}\n'
                          f'It holds: {describe(file.content)}.')
    parts = ['base_net', 'context_net', *published_steps(file.content)]
    odd = [
        f'{part}:{name}' for part in parts for name, value in file.content[part].items()
        if not isinstance(value, Tensor)
    ]
    if odd:
        raise LaunchError(f'{path} holds entries among its weights that are none: {", ".join(odd[:5])}.')
    return file


def wanted_weights(config: str) -> Dict[str, Tensor]:
    """The names and shapes of a config's model, without room for its numbers."""
    cfg = load_config(config)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, config), torch.device('meta'):
        return MODELS.build(cfg.model).state_dict()


def list_rest(file: ForeignFile) -> List[str]:
    """What a file holds besides weights, as lines for people."""
    parts = ['base_net', 'context_net', *published_steps(file.content)]
    rest = [
        f'{name} ({value.name}, not loaded)' if isinstance(value, StandIn) else str(name)
        for name, value in file.content.items() if name not in parts
    ]
    lines = [f'Not weights of the model, left out: {", ".join(rest)}'] if rest else []
    return lines + ([f'Objects that were named and not loaded: {", ".join(file.foreign)}'] if file.foreign else [])


def main() -> None:
    """Converts."""
    args = parse_args()
    check_output(args.source, args.out)
    refuse_overwriting([args.out], [args.config])
    file = read_published(args.source)
    kind = identify(file.content)
    config = args.config or osp.relpath(CONFIG_OF[kind.name])
    wanted, renamed = wanted_weights(config), detector_from_published(file.content)
    differences = list_differences(wanted, renamed)
    if differences:
        raise LaunchError('\n'.join([
            f'{args.source} is {kind.what}, but does not fit the model of {config}. Nothing is written.', *differences,
            'Weights trained for other classes or steps need their own config: --config'
        ]))
    added = fill_counters(wanted, renamed.weights)
    save_weights(args.out, renamed.weights,
                 dict(source=osp.basename(args.source), kind=kind.name, config=osp.basename(config), licence=LICENCE))
    lines = [f'{args.source} is {kind.what}; all of its {len(renamed.sources)} weights are used.', *list_rest(file)]
    if added:
        lines.append(f'{added} counters of batch norm, which the file lacks and no result depends on, start at 0.')
    lines += [f'{args.out} fills all {len(wanted)} parameters and buffers of {config}.', f'Licence: {LICENCE}.']
    if kind.name == 'published detector':
        lines += [
            f'Score:   python tools/test.py {config} {args.out}',
            f'Detect:  python demo/demo_video.py VIDEO {config} {args.out} --out out.mp4'
        ]
    print('\n'.join(lines))


if __name__ == '__main__':
    run_tool(main)
