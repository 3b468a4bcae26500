"""Makes a file of weights to give away from a checkpoint: ``python tools/deployment/publish_model.py IN.pth OUT.pth``.

As MMAction2's tool of the same name: what only training needs (optimizer, schedule, logs, random numbers) is left out.
Besides it checks that the weights fill the config's model, and writes what people should know of them: the config's
name and digest, iterations, seed, and ``--note``. The weights that come with mmstep are made by

    python tools/deployment/publish_model.py work_dirs/step_tiny_mini-ava/iter_1200.pth \\
        mmstep/weights/step_tiny_mini-ava.pth --config step_tiny_mini-ava --half --note "..."
"""
import argparse
import os.path as osp
from functools import partial
from typing import Any, Dict, Optional, Sequence

from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmstep  # noqa: F401  registers the components
from mmstep.checkpoints import check_output, read_checkpoint, require_finite, require_whole, save_weights, unwrap
from mmstep.engine.arguments import read_arguments
from mmstep.engine.config_files import config_path, explain_config_errors, load_config, model_digest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Make a file of weights to give away from a checkpoint'
    parser.epilog = 'example: %(prog)s work_dirs/my/iter_1200.pth my.pth --config my.py --half'
    parser.add_argument('source', metavar='IN.pth', help='a checkpoint of a training')
    parser.add_argument('out', metavar='OUT.pth', help='the file to write')
    parser.add_argument('--config', type=config_path, required=True, help='its config, or name of a model')
    parser.add_argument('--half', action='store_true', help='kernels in float16: half the size')
    parser.add_argument('--note', default='', help='a sentence on what the model can and cannot do')


parse_args = partial(read_arguments, add_arguments)


def describe(checkpoint: Dict[str, Any], cfg: Config, config: str, note: str) -> Dict[str, Any]:
    """What a file says of its weights: plain values.

    Args:
        checkpoint (dict): What MMEngine has written.
        cfg (Config): The config of the model.
        config (str): Its file.
        note (str): A sentence for people.

    Returns:
        dict: The entry ``meta``.
    """
    meta = checkpoint.get('meta') or {}
    known = {key: meta[key] for key in ('epoch', 'iter', 'seed') if key in meta}
    return dict(
        known,
        config=osp.splitext(osp.basename(config))[0],
        digest=model_digest(cfg),
        mmstep=mmstep.__version__,
        note=note)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Makes the file.

    Args:
        argv (Sequence[str], optional): See :func:`parse_args`.

    Raises:
        LaunchError: If the checkpoint cannot be read or does not fill the model, or the file cannot be written.
    """
    args = parse_args(argv)
    check_output(args.source, args.out)
    checkpoint = read_checkpoint(args.source)
    cfg = load_config(args.config)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, args.config):
        model = MODELS.build(cfg.model)
    require_whole(model, checkpoint, args.source, args.config)
    weights = unwrap(checkpoint) or {}
    require_finite(weights, args.source)
    meta = describe(checkpoint, cfg, args.config, args.note)
    save_weights(args.out, weights, meta, half=args.half)
    print(f'{args.out}: {osp.getsize(args.out) / 2**20:.2f} MiB, {sum(w.numel() for w in weights.values()):,} values')
    print('\n'.join(f'  {key}: {value}' for key, value in meta.items()))
