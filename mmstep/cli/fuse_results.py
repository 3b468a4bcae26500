"""Fuses dumped predictions of detectors of the same windows (section 3.5 of the paper).

python tools/test.py RGB_CONFIG RGB_CHECKPOINT --dump rgb.pkl python tools/test.py FLOW_CONFIG FLOW_CHECKPOINT --dump
flow.pkl python tools/fuse_results.py RGB_CONFIG rgb.pkl flow.pkl --mode mean --out late.pkl

Late fusion takes RGB and flow, hybrid fusion these and a detector with early fusion. Prints the figures of the fused
predictions by the test_evaluator of CONFIG; the dump can be scored again by tools/analysis_tools/eval_dump.py.
"""
import argparse
import json
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from rich.progress import track

from mmstep.engine.arguments import add_cfg_options, add_config_argument
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.data_check import check_data_files, list_data_files
from mmstep.errors import LaunchError
from mmstep.evaluation.files import StoredWindows, compact_window, read_dump, write_windows
from mmstep.models.fusion import fuse_instances, fused_test_cfg
from mmstep.structures import prediction_keys
from mmstep.utils import refuse_overwriting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Fuse dumped predictions'
    parser.epilog = 'example: %(prog)s CONFIG rgb.pkl flow.pkl --mode mean --out late.pkl'
    add_config_argument(parser, 'config whose test_evaluator scores the result; or name of a model')
    parser.add_argument('dumps', nargs='+', help='files that tools/test.py --dump wrote, two or more')
    parser.add_argument('--mode', choices=['mean', 'union'], default='mean', help='how')
    parser.add_argument('--out', required=True, help='file of the fused predictions, ends with .pkl')
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
    if len(args.dumps) < 2:
        parser.error('fusion needs at least two dumps')
    if not args.out.endswith(('.pkl', '.pickle')):
        parser.error(f'--out {args.out} must end with .pkl or .pickle')
    return args


def numbers_of_windows(samples: Sequence[dict], path: str) -> Dict[str, int]:
    """Where the windows of a dump lie in it, by their key."""
    keys = {'img_key', 'img_shape', 'pred_instances'}
    if not all(keys <= set(item) for item in samples):
        raise LaunchError(f'{path} holds no list of predictions; tools/test.py --dump writes one.')
    return {sample['img_key']: number for number, sample in enumerate(samples)}


def check_windows(numbers: List[Dict[str, int]], paths: List[str]) -> None:
    """Raises if the dumps are not of the same windows."""
    for windows, path in zip(numbers[1:], paths[1:]):
        odd = sorted(set(windows) ^ set(numbers[0]))
        if odd:
            raise LaunchError(f'{len(odd)} windows are in only one of {paths[0]} and {path}, for instance {odd[0]}: '
                              'test both on the same videos with the same window_stride')


def check_samples(samples: List[dict], paths: List[str], key: str) -> None:
    """Raises if the predictions for a window differ in form (its steps, the size of the input, frames or classes), or
    hold numbers that are not finite."""
    for sample, path in zip(samples, paths):
        for step in prediction_keys(sample):
            if not all(np.isfinite(sample[step][name]).all() for name in ('tubes', 'scores')):
                raise LaunchError(f'{path} holds scores or boxes that are not finite, of window {key}: the model has '
                                  'diverged, or its precision was too low. Test it again')
    for sample, path in zip(samples[1:], paths[1:]):
        for what, ours, theirs in zip(('steps', 'size of the input', 'frames of a tube, number of classes'),
                                      _describe(samples[0]), _describe(sample)):
            if ours != theirs:
                raise LaunchError(f'{paths[0]} and {path} cannot be fused: of window {key} they have other {what}: '
                                  f'{ours} and {theirs}')


def _describe(sample: dict) -> Tuple[str, tuple, List[tuple]]:
    steps = prediction_keys(sample)
    forms = [(sample[key]['tubes'].shape[1], sample[key]['scores'].shape[1] - 1) for key in steps]
    return ', '.join(steps), tuple(sample['img_shape']), forms


def post_processing(model: dict) -> dict:
    """The test_cfg of a fusion of detectors such as ``model``, or of the StreamFusion that it is itself."""
    streams = [stream['model'] for stream in model.get('streams', ())] or [model]
    stream_cfgs = [stream.get('roi_head', {}).get('test_cfg', {}) for stream in streams]
    return fused_test_cfg(stream_cfgs, model.get('test_cfg') if 'streams' in model else None)


def fuse_window(samples: List[dict], mode: str, test_cfg: Optional[dict] = None) -> dict:
    """Fuses every kept step of one window."""
    keys = prediction_keys(samples[0])
    fused = {key: value for key, value in samples[0].items() if key not in keys}
    for key in keys:
        streams = [
            InstanceData(tubes=torch.from_numpy(sample[key]['tubes']), scores=torch.from_numpy(sample[key]['scores']))
            for sample in samples
        ]
        result = fuse_instances(streams, mode, tuple(fused['img_shape']), test_cfg)
        fused[key] = {name: value.numpy() for name, value in result.items()}
    return fused


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Fuses the files."""
    args = parse_args(argv)
    cfg = load_config(args.config, args.cfg_options)
    refuse_overwriting([args.out], [args.config, *args.dumps, *list_data_files(cfg, ['test'])])
    test_cfg = post_processing(cfg.get('model', {}))
    cfg.model = cfg.test_dataloader = None  # only what the metrics need has to be on disk
    check_data_files(cfg, args.config, ['test'])
    dumps = [read_dump(path) for path in args.dumps]
    numbers = [numbers_of_windows(samples, path) for samples, path in zip(dumps, args.dumps)]
    check_windows(numbers, args.dumps)
    fused = []
    for key in track(numbers[0], description='fusing windows'):
        windows = [samples[number[key]] for samples, number in zip(dumps, numbers)]
        check_samples(windows, args.dumps, key)
        fused.append(compact_window(fuse_window(windows, args.mode, test_cfg)))
    unwritten = None
    try:
        write_windows(args.out, fused)
    except LaunchError as error:
        unwritten = error
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, args.config):
        evaluator = Evaluator(cfg.test_evaluator)
    figures = evaluator.offline_evaluate(StoredWindows(fused, args.out), chunk_size=64)
    print(json.dumps(figures, indent=2), flush=True)
    if unwritten is not None:  # the figures are there all the same
        raise unwritten
    print(f'{len(fused)} fused windows are in {args.out}')
