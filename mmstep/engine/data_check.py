"""Looks for every file that a config names, and says where to get those that are missing."""
import os
import os.path as osp
from typing import Dict, Iterator, List, Sequence, Tuple

from mmengine.config import Config

from mmstep.errors import LaunchError
from .config_files import find_places

FILE_KEYS = ('ann_file', 'exclude_file', 'label_file', 'proposal_file', 'start_file', 'test_list')
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
    wanted = _files_of_data(cfg, splits)
    if 'train' in splits or (cfg.get('model') or {}).get('type') == 'StreamFusion':
        pretrained = find_places(cfg.get('model') or {}, lambda node: node.get('type') == 'Pretrained', 'model')
        wanted += [(place, node['checkpoint']) for place, node in pretrained]
    missing = [(where, file) for where, file in wanted if not _is_there(file)]
    if not missing:
        return
    by_file: Dict[str, List[str]] = {}
    for where, file in missing:
        by_file.setdefault(file, []).append(where)
    lines = [f'{path} needs data that is not on disk (seen from {os.getcwd()}):']
    lines += [f'  {file}  ({", ".join(dict.fromkeys(places))})' for file, places in by_file.items()]
    hints = dict.fromkeys(_hint(file) for file in by_file)
    raise LaunchError('\n'.join([*lines, *hints]))


def list_data_files(cfg: Config, splits: Sequence[str]) -> List[str]:
    """What the data sets and metrics of a config read.

    Args:
        cfg (Config): The config.
        splits (Sequence[str]): Of 'train', 'val' and 'test'.

    Returns:
        list[str]: Paths of files and folders, there or not.
    """
    return list(dict.fromkeys(file for _, file in _files_of_data(cfg, splits)))


def _files_of_data(cfg: Config, splits: Sequence[str]) -> List[Tuple[str, str]]:
    return [
        item for split in splits for part in ('dataloader', 'evaluator')
        for item in _find_files(cfg.get(f'{split}_{part}'), f'{split}_{part}')
    ]


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
