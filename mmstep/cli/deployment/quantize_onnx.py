"""Quantizes an export: ``python tools/deployment/quantize_onnx.py IN.onnx OUT.onnx --videos VIDEO ...``.

IN.onnx is from tools/deployment/export_onnx.py. The ranges of numbers are taken from windows of your own videos, or of
the training data of --config. Convolutions become 8-bit, linear layers stay in float. With --check both are scored on
the validation data of a config; if 8 bits lose more than --most points of mAP nothing is written and the exit code
is 1.
"""
import argparse
import os.path as osp
from typing import Optional, Sequence

from mmstep.apis.deployment import export_paths, quantize_onnx, read_info, windows_of_dataset, windows_of_videos
from mmstep.checkpoints import check_output
from mmstep.engine.arguments import BACKENDS
from mmstep.engine.config_files import config_path, load_config
from mmstep.utils import refuse_overwriting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Quantize the convolutions of an exported detector'
    parser.epilog = 'example: %(prog)s model.onnx model_int8.onnx --videos video.mp4'
    parser.add_argument('source', metavar='IN.onnx', help='the exported file')
    parser.add_argument('out', metavar='OUT.onnx', help='the file to write')
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument('--videos', nargs='+', metavar='VIDEO', help='calibrate on these')
    data.add_argument('--config', type=config_path, help='calibrate on the training data of this config')
    parser.add_argument(
        '--windows', type=int, default=32, help='windows to calibrate on, in all (default: %(default)s)')
    parser.add_argument('--check', type=config_path, metavar='CONFIG', help='score both on its validation data first')
    parser.add_argument(
        '--most', type=float, default=0.5, help='points of mAP that may be lost with --check (default: %(default)s)')
    parser.add_argument('--backend', choices=BACKENDS[2:], default=BACKENDS[2], help='what scores them')


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
    if args.windows < 1:
        parser.error(f'--windows must be at least 1, got {args.windows}')
    return args


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Quantizes."""
    args = parse_args(argv)
    check_output(args.source, args.out)
    info = read_info(args.source)
    folder = osp.dirname(args.source)
    refuse_overwriting([args.out, export_paths(args.out, pair=True)["clips"]],
                       [args.source, *(osp.join(folder, name) for name in info.files.values()), *(args.videos or [])])
    if args.videos:
        windows = windows_of_videos(info.to_config(args.source), args.videos, -(-args.windows // len(args.videos)))
    else:
        windows = windows_of_dataset(load_config(args.config), args.windows)
    check = load_config(args.check) if args.check else None
    report = quantize_onnx(args.source, args.out, windows, check, args.most, args.backend)
    if check is not None:
        print(f'{report["metric"]}: {report["fp32"]:.2f} in float, {report["int8"]:.2f} with 8 bits')
    print(f'Calibrated on {len(windows)} windows. Written: {", ".join(report["files"])}')
