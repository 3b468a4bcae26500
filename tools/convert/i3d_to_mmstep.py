"""Converts backbones: ``python tools/convert/i3d_to_mmstep.py IN OUT.pth``.

IN is one of

- I3D trained on Kinetics-400, RGB or optical flow, with layers named ``conv3d_1a_7x7.batch3d`` or
  ``Conv3d_1a_7x7.bn``: OUT fills InceptionI3D, I3DSceneContext and I3DGlobalBranch;
- VGG16 trained on ImageNet, as torchvision, MMCV or OpenMMLab's classifiers name it: OUT fills FrameVGG,
  ``--in-channels 10`` for optical flow or 13 for early fusion.

Strict in both directions, but for the classifier, which no detector has and which is left out. The backbones load IN
directly, too: ``init_cfg=dict(type='Pretrained', checkpoint=IN)``, if it holds nothing but weights.
"""
import argparse
import os.path as osp
from typing import Dict, List, Optional, Tuple

import torch
from torch import Tensor

import mmstep  # noqa: F401  repairs the stack
from mmstep.checkpoints import (Kind, Renamed, describe, fill_counters, i3d_from_file, i3d_kind, i3d_settings,
                                identify, inflate_first_layer, list_differences, unwrap, vgg_from_file)
from mmstep.checkpoints.foreign_checkpoint import read_foreign
from mmstep.checkpoints.save_weights import check_output, save_weights
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.models import FrameVGG, InceptionI3D

STEM = 'conv3d_1a_7x7.conv3d.weight'
FIRST = 'features.0.weight'


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Convert I3D or VGG16 weights')
    parser.add_argument('source', metavar='IN', help='the file of I3D or VGG16')
    parser.add_argument('out', metavar='OUT.pth', help='the checkpoint to write')
    parser.add_argument(
        '--in-channels', type=int, choices=[3, 10, 13], help='of VGG16: 3 RGB (default), 10 optical flow, 13 both')
    return parser.parse_args()


def convert_i3d(weights: Dict[str, Tensor]) -> Tuple[Renamed, Dict[str, Tensor], List[str]]:
    """Renames I3D weights; returns them, what InceptionI3D wants, and what its config has to say."""
    renamed = i3d_from_file(weights)
    channels = renamed.weights[STEM].shape[1] if STEM in renamed.weights else 3
    with torch.device('meta'):
        wanted = InceptionI3D(in_channels=channels, final_endpoint='Mixed_5c').state_dict()
    return renamed, wanted, [
        f"backbone=dict(type='InceptionI3D', in_channels={channels}, init_cfg=dict(type='Pretrained', "
        "checkpoint='{out}'), ...)", 'Made with, and to be set in InceptionI3D, I3DSceneContext and I3DGlobalBranch '
        f'alike: {i3d_settings(i3d_kind(weights))}.'
    ]


def convert_vgg(weights: Dict[str, Tensor], in_channels: int) -> Tuple[Renamed, Dict[str, Tensor], List[str]]:
    """Renames VGG16 weights and inflates the first layer; returns the same three."""
    renamed = vgg_from_file(weights)
    if FIRST in renamed.weights:
        renamed.weights[FIRST] = inflate_first_layer(renamed.weights[FIRST], in_channels)
    with torch.device('meta'):
        wanted = FrameVGG(in_channels=in_channels).state_dict()
    return renamed, wanted, [
        f"backbone=dict(type='FrameVGG', in_channels={in_channels}, init_cfg=dict(type='Pretrained', "
        "checkpoint='{out}'))"
    ]


def convert(kind: Kind, weights: Dict[str, Tensor],
            in_channels: Optional[int]) -> Tuple[Renamed, Dict[str, Tensor], List[str]]:
    """Chooses by kind; see above."""
    if kind.name == 'VGG':
        try:
            return convert_vgg(weights, in_channels or 3)
        except ValueError as error:
            raise LaunchError(f'--in-channels: {error}') from error
    if in_channels is not None:
        raise LaunchError(f'--in-channels is for VGG16, and this is {kind.what}, whose input stays as it is.')
    return convert_i3d(weights)


def main() -> None:
    """Converts."""
    args = parse_args()
    check_output(args.source, args.out)
    file = read_foreign(args.source)
    kind, weights = identify(file.content), unwrap(file.content)
    if kind.name not in ('I3D', 'VGG'):
        raise LaunchError(f'{args.source} is {kind.what}, not I3D or VGG16.\n{kind.advice.format(path=args.source)}\n'
                          f'It holds: {describe(file.content)}.')
    renamed, wanted, lines = convert(kind, weights, args.in_channels)
    differences = list_differences(wanted, renamed)
    if differences:
        raise LaunchError('\n'.join([
            f'{args.source} is {kind.what}, but not whole or not of the known widths. '
            'Nothing is written.', *differences
        ]))
    added = fill_counters(wanted, renamed.weights)
    save_weights(args.out, renamed.weights, dict(source=osp.basename(args.source), kind=kind.what))
    head = [
        f'{args.source} is {kind.what}; all of its {len(weights)} weights are used' +
        (f', but for the classifier ({", ".join(renamed.left_out)}).' if renamed.left_out else '.')
    ]
    if file.foreign:
        head.append(f'Objects that were named and not loaded: {", ".join(file.foreign)}')
    if added:
        head.append(f'{added} counters of batch norm, which the file lacks and no result depends on, start at 0.')
    print('\n'.join([*head, f'{args.out} is written. In a config:', *(line.format(out=args.out) for line in lines)]))


if __name__ == '__main__':
    run_tool(main)
