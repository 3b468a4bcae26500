"""Checks of the data sets that a config names."""
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from mmaction.registry import DATASETS
from mmengine.config import Config

from mmstep.errors import DataError
from ..ava_window_dataset import AVAWindowDataset
from ..tube_window_dataset import TubeWindowDataset
from .ava_check import check_ava
from .report import Report
from .tube_check import check_tubes


def check_config_data(cfg: Config,
                      splits: Sequence[str] = ('train', 'val', 'test'),
                      open_videos: bool = False) -> List[Report]:
    """Checks the data sets of a config; one that stands in several places is checked once.

    Args:
        cfg (Config): The config.
        splits (Sequence[str]): Which of 'train', 'val' and 'test'.
        open_videos (bool): Whether to open every video file. Defaults to False.

    Returns:
        list[Report]: One for each data set that is mmstep's.
    """
    found: List[Tuple[List[str], Dict[str, Any]]] = []
    for split in splits:
        dataloader = cfg.get(f'{split}_dataloader') or {}
        for place, settings in _find_datasets(dataloader.get('dataset'), f'{split}_dataloader.dataset'):
            same = [places for places, others in found if others == settings]
            if same:
                same[0].append(place)
            else:
                found.append(([place], settings))
    return [_check(', '.join(places), settings, open_videos) for places, settings in found]


def require_sound_data(cfg: Config, path: str, splits: Sequence[str], open_videos: bool = False) -> str:
    """Checks the data sets of a config and raises if any has a fault.

    Args:
        cfg (Config): The config.
        path (str): Its file, for messages.
        splits (Sequence[str]): Which of 'train', 'val' and 'test'.
        open_videos (bool): Whether to open every video file. Defaults to False.

    Returns:
        str: The figures of all data sets.

    Raises:
        DataError: With all faults, a line each.
    """
    reports = check_config_data(cfg, splits, open_videos)
    faults = list(dict.fromkeys(fault for report in reports for fault in report.faults))
    if faults:
        count = f'{len(faults)} faults' if len(faults) > 1 else 'a fault'
        raise DataError('\n'.join([f'the data of {path} has {count}:', *faults]))
    return '\n'.join(report.text() for report in reports)


def _find_datasets(node: Any, place: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """Yields (place, settings without the pipeline) of mmstep's data sets, in wrappers such as RepeatDataset too."""
    if isinstance(node, (list, tuple)):
        for index, child in enumerate(node):
            yield from _find_datasets(child, f'{place}[{index}]')
    if not isinstance(node, dict):
        return
    kind = DATASETS.get(node['type']) if isinstance(node.get('type'), str) else node.get('type')
    if isinstance(kind, type) and issubclass(kind, (AVAWindowDataset, TubeWindowDataset)):
        yield place, {**{key: value for key, value in node.items() if key != 'pipeline'}, 'type': kind}
    else:
        for name in ('dataset', 'datasets'):
            yield from _find_datasets(node.get(name), f'{place}.{name}')


def _check(name: str, settings: Dict[str, Any], open_videos: bool) -> Report:
    report = Report(name)
    arguments = {key: value for key, value in settings.items() if key not in ('type', 'lazy_init')}
    try:
        dataset = settings['type'](pipeline=[], lazy_init=True, **arguments)
    except (ValueError, FileNotFoundError, AssertionError, TypeError) as error:
        report.faults.append(f'{name}: {error or "its settings do not fit together"}')
        return report
    check = check_ava if isinstance(dataset, AVAWindowDataset) else check_tubes
    check(dataset, report, open_videos)
    return report
