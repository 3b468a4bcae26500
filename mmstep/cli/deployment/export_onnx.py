"""Exports a detector with its whole loop: ``python tools/deployment/export_onnx.py CONFIG CHECKPOINT OUT.onnx``.

Backbone, all steps, temporal extension, update and decoding are one graph for any number of windows. Models with
``clip_features='independent'`` become two files, OUT.clips.onnx (features of a clip) and OUT.onnx (from the features
of a window's clips to tubes), so that a stream makes the features of each clip once; --one-file makes one of them.

The files are compared with the model first, on windows of --video or on pictures that are made up; the figures are
printed and written into OUT.json. If they differ by more than --tolerance nothing is written and the exit code is 1.
docs/deployment.rst tells what goes in, what comes out and what runs them.
"""
import argparse
import os.path as osp
from typing import Optional, Sequence

from mmstep.apis import init_detector
from mmstep.apis.deployment import OPSET, Tolerance, export_onnx, export_paths
from mmstep.checkpoints import check_output
from mmstep.engine.arguments import add_cfg_options, add_config_argument
from mmstep.utils import refuse_overwriting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Export a detector to ONNX'
    parser.epilog = 'example: %(prog)s CONFIG CHECKPOINT model.onnx --video video.mp4'
    add_config_argument(parser)
    parser.add_argument('checkpoint', help='checkpoint file of the model')
    parser.add_argument('out', metavar='OUT.onnx', help='the file to write')
    parser.add_argument('--nms', action='store_true', help="also the last step's scores after per-class suppression")
    parser.add_argument('--one-file', action='store_true', help='one file for a model of independent clips, too')
    parser.add_argument('--video', help='compare on windows of this file (default: pictures that are made up)')
    parser.add_argument(
        '--tolerance',
        type=float,
        nargs=2,
        default=tuple(Tolerance()),
        metavar=('SCORE', 'PX'),
        help='largest differences that are taken (default: %(default)s)')
    parser.add_argument('--opset', type=int, default=OPSET, help='version of ONNX operators (default: %(default)s)')
    add_cfg_options(parser)


def parse_args(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    if not args.out.endswith('.onnx'):
        parser.error(f'{args.out}: the name must end with .onnx')
    if not min(args.tolerance) > 0:
        parser.error('--tolerance takes two numbers over 0')
    if args.opset < OPSET:
        parser.error(f'--opset must be at least {OPSET}, got {args.opset}')
    return args


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Exports."""
    args = parse_args(argv)
    outputs = [*export_paths(args.out, pair=True).values(), f'{osp.splitext(args.out)[0]}.json']
    refuse_overwriting(outputs, [args.config, args.checkpoint, args.video])
    check_output(args.checkpoint, args.out)
    model = init_detector(args.config, args.checkpoint, 'cpu', args.cfg_options)
    report = export_onnx(model, args.out, args.nms, args.one_file, args.video, Tolerance(*args.tolerance), args.opset)
    print(f'Largest differences from the model, {report["windows"]} windows ({report["source"]}):')
    for step in report['steps']:
        print(f'  {step["step"]:14} score {step["score"]:.1e}   box {step["px"]:.1e} px')
    folder = osp.dirname(args.out)
    print(f'Written: {", ".join(osp.join(folder, name) for name in report["files"])}')
