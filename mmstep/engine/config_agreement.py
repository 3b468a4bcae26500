"""Settings that have to agree, of model, data sets and evaluators: those that do not cost a training or all scores."""
import os.path as osp
from typing import Any, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from mmengine.config import Config

from mmstep.errors import LaunchError

AVA_DATASETS = ('AVAWindowDataset', )
AVA_METRICS = ('StepwiseAVAMetric', 'AVAMetric')
TUBE_DATASETS = ('TubeWindowDataset', 'UCF101_24Dataset', 'JHMDBDataset')
TUBE_METRICS = ('TubeMetric', )
DEFAULT_AVA_CLASSES = 81  # of AVAWindowDataset and AVAMetric
SHOWN = 3

Place = Tuple[str, dict]


def check_agreement(cfg: Config, path: str, splits: Sequence[str]) -> None:
    """Compares the settings of a config that have to agree, before anything is built.

    The number of classes of heads, data sets, evaluators and ``class_names``; ``custom_classes``, ``exclude_file``,
    ``ann_file``, ``split`` and ``test_list`` of a data set and its evaluator; the steps of model and evaluator.

    Args:
        cfg (Config): The config; its files are there (:func:`check_data_files`).
        path (str): Its file, for the message.
        splits (Sequence[str]): Which of 'train', 'val' and 'test' are to be used.

    Raises:
        LaunchError: A line for each pair that does not agree, with both settings and their values.
    """
    parts = cfg.to_dict()
    faults: List[str] = []
    faults += _compare_classes(parts, splits)
    for split in splits:
        datasets = list(_find(parts.get(f'{split}_dataloader'), AVA_DATASETS + TUBE_DATASETS, f'{split}_dataloader'))
        metrics = list(_find(parts.get(f'{split}_evaluator'), AVA_METRICS + TUBE_METRICS, f'{split}_evaluator'))
        for metric in metrics:
            for dataset in datasets:
                faults += _compare_pair(dataset, metric)
            faults += _compare_steps(parts.get('model'), metric)
    if faults:
        raise LaunchError('\n  '.join([f'{path}: settings do not agree.', *dict.fromkeys(faults)]))


def _type(node: dict) -> str:
    kind = node.get('type')
    return (kind if isinstance(kind, str) else getattr(kind, '__name__', '')).split('.')[-1]


def _find(node: Any, types: Sequence[str], where: str) -> Iterator[Place]:
    """Yields (place, dict) of every dict of one of the types; wrappers of data sets and lists are looked into."""
    if isinstance(node, dict):
        if _type(node) in types:
            yield where, node
            return
        children: Iterable[Tuple[Any, Any]] = node.items()
    elif isinstance(node, (list, tuple)):
        children = enumerate(node)
    else:
        return
    for key, child in children:
        if key != 'pipeline':
            yield from _find(child, types, f'{where}.{key}')


def _find_heads(node: Any, where: str) -> Iterator[Place]:
    """Yields every TwoBranchHead with ``num_classes``; MMAction2's heads count their classes in another way."""
    if isinstance(node, dict) and 'num_classes' in node and (_type(node) == 'TwoBranchHead'
                                                             or 'global_branch' in node):
        yield where, node
        return
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for key, child in children:
        yield from _find_heads(child, f'{where}.{key}')


def _compare_classes(cfg: dict, splits: Sequence[str]) -> List[str]:
    """Compares the number of classes everywhere with that of the first data set."""
    counts: List[Tuple[str, int, int]] = []  # setting, value, classes; where they are told apart, data sets first
    faults = []
    for part, types in (('dataloader', AVA_DATASETS), ('evaluator', AVA_METRICS)):
        for split in splits:
            for where, node in _find(cfg.get(f'{split}_{part}'), types, f'{split}_{part}'):
                number = node.get('num_classes', DEFAULT_AVA_CLASSES)
                counts.append((f'{where}.num_classes', number, number - 1))
                custom = node.get('custom_classes')
                if custom is not None and len(custom) != number - 1:
                    faults.append(f'{where}.custom_classes lists {len(custom)} classes, {where}.num_classes={number}: '
                                  f'the second must be {len(custom) + 1}, with the unused class 0')
    unused = bool(counts)  # data sets of tubes tell their classes in their annotation file
    counts += [(f'{where}.num_classes', node['num_classes'], node['num_classes'])
               for where, node in _find_heads(cfg.get('model'), 'model')]
    if cfg.get('class_names') is not None and counts:
        counts.append(('the number of class_names', len(cfg['class_names']), len(cfg['class_names'])))
    for name, value, classes in counts[1:]:
        first, first_value, right = counts[0]
        if classes != right:
            explained = f'{first}={first_value}' + (f' ({right} classes and the unused 0)' if unused else '')
            wanted = right + value - classes
            faults.append(f'{explained}, {name}={value}: the second must be {wanted}')
    return faults


def _compare_pair(dataset: Place, metric: Place) -> List[str]:
    """Compares a data set with the evaluator of its detections."""
    (where, data), (place, score) = dataset, metric
    ava = _type(data) in AVA_DATASETS
    if ava != (_type(score) in AVA_METRICS):
        return [
            f'{where} is of type {_type(data)}, {place} of type {_type(score)}, which scores another kind of '
            'annotation'
        ]
    faults = []
    for key in ('custom_classes', ) if ava else ('split', 'clip_len'):
        default = 1 if key == 'split' else None
        if data.get(key, default) != score.get(key, default):
            faults.append(f'{where}.{key}={_brief(data.get(key, default))}, {place}.{key}='
                          f'{_brief(score.get(key, default))}: they must be equal')
    for key in ('exclude_file', ) if ava else ('test_list', ):
        if not _same_file(data.get(key), score.get(key)):
            faults.append(f'{where}.{key}={data.get(key)}, {place}.{key}={score.get(key)}: they must be the same file')
    return faults + _compare_annotations(where, data, place, score, ava)


def _compare_annotations(where: str, data: dict, place: str, score: dict, ava: bool) -> List[str]:
    ours, theirs = osp.join(data.get('data_root') or '', data['ann_file']), score.get('ann_file')
    if theirs is None or _same_file(ours, theirs):
        return []
    pair = f'{where}.ann_file={ours}, {place}.ann_file={theirs}'
    if not ava:
        return [f'{pair}: they must be the same file']
    seen, scored = _videos(ours), _videos(theirs)
    if seen == scored:  # the same videos in another spelling of the file
        return []
    if seen & scored:
        only = sorted(seen ^ scored)
        return [f'{pair}: {len(only)} videos are in one of them alone ({", ".join(only[:SHOWN])})']
    return [
        f'{pair}: they have no video in common ({", ".join(sorted(seen)[:SHOWN])} and '
        f'{", ".join(sorted(scored)[:SHOWN])}), so every score would be zero'
    ]


def _videos(path: str) -> Set[str]:
    with open(path, encoding='utf-8-sig', errors='replace') as file:
        return {line.split(',', 1)[0].strip() for line in file if line.strip()}


def _same_file(one: Optional[str], other: Optional[str]) -> bool:
    if not one or not other:
        return not one and not other
    if osp.realpath(one) == osp.realpath(other):
        return True
    if not (osp.isfile(one) and osp.isfile(other)) or osp.getsize(one) != osp.getsize(other):
        return False
    with open(one, 'rb') as first, open(other, 'rb') as second:
        return first.read() == second.read()


def _compare_steps(model: Any, metric: Place) -> List[str]:
    place, score = metric
    roi_head = model.get('roi_head') if isinstance(model, dict) else None
    if not isinstance(roi_head, dict) or 'num_steps' not in roi_head or 'num_steps' not in score:
        return []
    have, asked = roi_head['num_steps'], score['num_steps']
    if asked <= have:
        return []
    return [f'model.roi_head.num_steps={have}, {place}.num_steps={asked}: the second must be {have} or less']


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else f'{text[:50]} ... ({len(value)})'
