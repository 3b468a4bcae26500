"""What tools/train.py and tools/test.py do before the runner: read the config and look for its files."""
import argparse
import difflib
import inspect
import os
import os.path as osp
import re
import sys
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

import torch
from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from .errors import LaunchError

RUNNER_KEYS = tuple(name for name in inspect.signature(Runner.__init__).parameters if name not in ('self', 'cfg'))
# Keys that MMEngine or MMAction2 read besides the runner's own arguments ...
OTHER_KEYS = ('activation_checkpointing', 'compile', 'custom_imports', 'default_scope', 'efficient_conv_bn_eval',
              'find_unused_parameters', 'model_wrapper_cfg', 'runner_type', 'sync_bn')
# ... and names that nearly every config gives its own variables.
USUAL_NAMES = ('train_pipeline', 'val_pipeline', 'test_pipeline', 'tta_pipeline', 'tta_model', 'vis_backends')
KNOWN_KEYS = RUNNER_KEYS + OTHER_KEYS + USUAL_NAMES

FILE_KEYS = ('ann_file', 'exclude_file', 'label_file', 'proposal_file', 'test_list')
MINI_HINT = 'Make the mini data set (under a minute, nothing to download):  python tools/data/mini/make_mini.py'
AVA_HINT = """What to download, and where it goes (step by step: tools/data/ava/README.md):
  annotations  https://research.google.com/ava/download/ava_v2.1.zip          -> data/ava/annotations/
  file list    https://s3.amazonaws.com/ava-dataset/annotations/ava_file_names_trainval_v2.1.txt
  films        https://s3.amazonaws.com/ava-dataset/trainval/<name in list> -> data/ava/movies/, cut to ../videos/
  proposals    https://download.openmmlab.com/mmaction/dataset/ava/<name>   -> data/ava/annotations/ (*proposals.py)"""
WEIGHTS_HINT = ('Initial weights (.pth): the comment at their path in the config says what they are and what makes '
                'them. To do without, set that init_cfg to None.')
FLOW_HINT = 'Optical flow is made from the videos:  python tools/data/extract_flow.py {0}/videos {0}/flow'
TUBES_HINT = ('tools/data/{0}/README.md says what to download and where it goes;  '
              'python tools/data/prepare_tubes.py {0}  checks it.')
OTHER_HINT = 'Put the files there, or change the paths in the config. The formats are in tools/data/README.md'


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that training and testing share.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config: key=value, a.b.c=value; lists as key="[a,b]" or key=a,b, nested ones '
        'as key="[(a,b),(c,d)]", with the quotation marks and without blanks')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='job launcher')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by the launcher')
    parser.add_argument(
        '--check',
        action='store_true',
        help='only check the config and that every file it needs is on disk; dist_*.sh do so before they launch')


def load_config(path: str, options: Optional[dict] = None) -> Config:
    """Reads a config, merges the options of the command line and looks for misspelt keys.

    Args:
        path (str): The config file.
        options (dict, optional): ``--cfg-options``.

    Returns:
        Config: The config, options merged.

    Raises:
        LaunchError: If there is no such file, or a key of the config or the options is unknown.
    """
    if not osp.isfile(path):
        raise LaunchError(f'The config {path} does not exist.')
    cfg = Config.fromfile(path)
    check_top_level_keys(cfg, path)
    if options:
        check_options(cfg, path, options)
        cfg.merge_from_dict(options)
    return cfg


def check_top_level_keys(cfg: Config, path: str) -> None:
    """Refuses a misspelt top-level key, which MMEngine ignores without a word.

    A config may define variables of its own: only dicts and lists with a name that is nearly, but not
    quite, that of a key MMEngine reads are refused. ``train_cfg_long`` and ``model2`` pass as variables.

    Args:
        cfg (Config): The config.
        path (str): Its file, for the message.

    Raises:
        LaunchError: Naming the key, the file and the key that was probably meant.
    """
    for key in cfg:
        if key in KNOWN_KEYS or not isinstance(cfg[key], (dict, list, tuple)):
            continue
        near = difflib.get_close_matches(key, RUNNER_KEYS + OTHER_KEYS, n=1, cutoff=0.85)
        if near and not re.fullmatch(rf'{near[0]}(_.*|\d+)', key):
            raise LaunchError(f'{locate(path, key)}: unknown key "{key}". Did you mean "{near[0]}"? '
                              f'MMEngine would ignore "{key}".')


def check_options(cfg: Config, path: str, options: dict) -> None:
    """Refuses options whose top-level key the config does not have, which MMEngine adds and nobody reads.

    Args:
        cfg (Config): The config before merging.
        path (str): Its file, for the message.
        options (dict): ``--cfg-options``, full key -> value.

    Raises:
        LaunchError: Naming the option and the nearest key.
    """
    for option in options:
        key = option.split('.')[0]
        if key not in cfg and key not in KNOWN_KEYS:
            near = difflib.get_close_matches(key, [*cfg, *KNOWN_KEYS], n=1, cutoff=0.6)
            hint = f' Did you mean "{near[0]}"?' if near else ''
            raise LaunchError(f'--cfg-options {option}: {path} has no key "{key}".{hint}')


def locate(path: str, key: str) -> str:
    """Says where a config file sets a key.

    Args:
        path (str): The config file.
        key (str): Name of the key.

    Returns:
        str: 'file:line', or only the file if the key is not spelt out in it.
    """
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if re.search(rf'(?<!\w){re.escape(key)}\b[\'"]?\s*[=:]', line):
                return f'{path}:{number}'
    return f'{path} (or a _base_ file, or --cfg-options)'


def check_data_files(cfg: Config, path: str, splits: Sequence[str]) -> None:
    """Looks for every file that the data sets, the metrics and the initial weights of a config name.

    Initial weights count in training, and always for a fusion, which has no others.

    Args:
        cfg (Config): The config.
        path (str): Its file, for the message.
        splits (Sequence[str]): Which of 'train', 'val' and 'test' are to be used.

    Raises:
        LaunchError: Listing all that is missing, and where to get it.
    """
    wanted = [
        item for split in splits for part in ('dataloader', 'evaluator')
        for item in _find_files(cfg.get(f'{split}_{part}'), f'{split}_{part}')
    ]
    if 'train' in splits or (cfg.get('model') or {}).get('type') == 'StreamFusion':
        pretrained = _find_places(cfg.get('model') or {}, lambda node: node.get('type') == 'Pretrained', 'model')
        wanted += [(place, node['checkpoint']) for place, node in pretrained]
    missing = [(where, file) for where, file in wanted if not _is_there(file)]
    if not missing:
        return
    by_file = {}
    for where, file in missing:
        by_file.setdefault(file, []).append(where)
    lines = [f'{path} needs data that is not on disk (seen from {os.getcwd()}):']
    lines += [f'  {file}  ({", ".join(dict.fromkeys(places))})' for file, places in by_file.items()]
    hints = dict.fromkeys(_hint(file) for file in by_file)
    raise LaunchError('\n'.join([*lines, *hints]))


def _find_files(node, where: str) -> Iterator[Tuple[str, str]]:
    """Yields (place in the config, path) for each file that a part of a config names; wrappers of data sets too."""
    if isinstance(node, (list, tuple)):
        for child in node:
            yield from _find_files(child, where)
    if not isinstance(node, dict):
        return
    # BaseDataset puts data_root before these two and only these.
    root = node.get('data_root') or ''
    for key in FILE_KEYS:
        if isinstance(node.get(key), str) and node[key]:
            yield f'{where}.{key}', osp.join(root, node[key]) if key == 'ann_file' else node[key]
    for name, prefix in dict(node.get('data_prefix') or {}).items():
        if prefix:
            yield f'{where}.data_prefix.{name}', osp.join(root, prefix)
    for key, child in node.items():
        if key not in ('pipeline', 'data_prefix'):
            yield from _find_files(child, where)


def _is_there(path: str) -> bool:
    if '://' in path:  # a remote file backend's
        return True
    if osp.isdir(path):
        with os.scandir(path) as entries:
            return any(entries)
    return osp.isfile(path)


def _hint(path: str) -> str:
    parts = osp.normpath(path).split(os.sep)
    if parts[-1] == 'flow':
        return FLOW_HINT.format(osp.dirname(path))
    for name in ('ucf101_24', 'jhmdb'):
        if name in parts:
            return TUBES_HINT.format(name)
    if path.endswith(('.pth', '.pt')):
        trained = len(parts) == 3 and parts[0] == 'work_dirs'
        return f'Train first:  python tools/train.py configs/step/{parts[1]}.py' if trained else WEIGHTS_HINT
    return MINI_HINT if any('mini' in part for part in parts) else AVA_HINT if 'ava' in parts else OTHER_HINT


@contextmanager
def explain_config_errors(cfg: Config, path: str) -> Iterator[None]:
    """Turns an argument or a type that a registry does not know into an error that names its place in the config.

    Args:
        cfg (Config): The config from which things are built in this context.
        path (str): Its file, for the message.

    Raises:
        LaunchError: In place of the registry's TypeError or KeyError, if the config holds the culprit.
    """
    try:
        yield
    except TypeError as error:
        found = re.search(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", str(error))
        places = _find_places(cfg.to_dict(), lambda node: found[2] in node) if found else []
        if not places:
            raise
        # A base class may be the one that complains; then no dict of that type has the key.
        exact = [(place, node) for place, node in places if str(node.get('type')).split('.')[-1] == found[1]]
        where = ', '.join(f'{node.get("type", "dict")} at {place}' for place, node in exact or places)
        raise LaunchError(f'{locate(path, found[2])}: unknown argument "{found[2]}" of {where}.') from error
    except KeyError as error:
        found = re.search(r'(\S+) is not in the (\S+) registry', str(error.args[0]))
        places = _find_places(cfg.to_dict(), lambda node: node.get('type') == found[1]) if found else []
        if not places:
            raise
        raise LaunchError(f'{path}: there is no {found[2]} of type "{found[1]}" '
                          f'(in {", ".join(place for place, _ in places)}). Is it misspelt, or the package that '
                          'registers it not in custom_imports?') from error


def _find_places(node, fits: Callable[[dict], bool], where: str = '') -> List[Tuple[str, dict]]:
    """Returns (place, dict) for every dict below the top level of a config that fits."""
    places = [(where, node)] if where and isinstance(node, dict) and fits(node) else []
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for key, child in children:
        places += _find_places(child, fits, f'{where}.{key}' if where else str(key))
    return places


def run_tool(main: Callable[[], None]) -> None:
    """Runs a tool's main function; a :class:`LaunchError` ends it with its message and exit code 1.

    With several processes on a machine only the first one speaks.

    Args:
        main (Callable): The function.
    """
    try:
        main()
    except LaunchError as error:
        if int(os.environ.get('LOCAL_RANK', 0)) == 0:
            print(f'\nError: {error}', file=sys.stderr)
        sys.exit(1)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
