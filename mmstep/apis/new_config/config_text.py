"""The text of a config: what differs from the base config, in the form in which people write it."""
import os
import os.path as osp
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from mmengine.config import Config

from .annotations import Annotations
from .choices import Choices, find_transform

WIDTH = 115
TIMES = ('begin', 'end', 'milestones', 'T_max')  # of a schedule, in iterations or epochs


def write_text_of(base: Config,
                  base_path: str,
                  name: str,
                  out: Path,
                  data: Path,
                  videos: Path,
                  found: Annotations,
                  choices: Choices,
                  fps: Optional[float] = None) -> str:
    """The config.

    Args:
        base (Config): The config to start from.
        base_path (str): Its file.
        name (str): Name of the data set.
        out (Path): The file that is to be written.
        data (Path): The folder of the data set.
        videos (Path): That of its videos.
        found (Annotations): What training reads.
        choices (Choices): Settings.
        fps (float, optional): Frames a second of videos that are folders of pictures.

    Returns:
        str: Python.
    """
    lines = [f'# STEP on {name}, from {osp.basename(base_path)}, written by new-config. What it chose:']
    lines += [f'# - {reason}' for reason in (found.split, *choices.reasons)]
    lines += [f'_base_ = [{_path_from(base_path, out.parent)!r}]', '']
    lines += [f'data_root = {str(data)!r}  # seen from where the commands are started']
    root = _Root(data)
    if not found.tubes:
        assert found.label_map is not None
        lines.append(f'label_file = {root(found.label_map)}')
    lines += _assign('class_names', list(found.classes))
    lines += _model(base, len(found.classes))
    pipelines = _pipelines(base, choices)
    lines += [*pipelines, *_data(base, videos, found, root, bool(pipelines), fps)]
    lines += _schedule(base, choices)
    return '\n'.join(lines) + '\n'


class _Root:
    """Paths within the data set as f-strings that begin with ``data_root``."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, path: Path) -> str:
        try:
            inside = path.relative_to(self.data)
        except ValueError:
            return repr(str(path))
        plain = str(inside)
        if plain == '.':
            return 'data_root'
        return f'data_root + {"/" + plain!r}' if '{' in plain or '}' in plain else 'f' + repr('{data_root}/' + plain)


def _path_from(path: str, folder: Path) -> str:
    """A relative path within the working directory, which moves with it; else an absolute one."""
    here, path, there = os.getcwd(), osp.abspath(path), osp.abspath(folder)
    inside = all(osp.commonpath([here, place]) == here for place in (path, there))
    return osp.relpath(path, there) if inside else path


def _model(base: Config, count: int) -> List[str]:
    roi_head = base.model.roi_head
    head = roi_head.bbox_head
    changes: Dict[str, Any] = dict(num_classes=Raw('len(class_names)'))
    loss = head.get('loss_cls') or {}
    if loss.get('loss_weight') == head.num_classes:
        # The loss is a mean over the classes; the weight makes it a sum.
        changes['loss_cls'] = dict(loss_weight=Raw('float(len(class_names))'))
    changed: Dict[str, Any] = dict(bbox_head=changes)
    if (roi_head.get('test_cfg') or {}).get('prune'):
        # How many tubes a step may leave behind was measured on the base's data, and says nothing of others.
        changed['test_cfg'] = dict(prune=None)
    return _assign('model', dict(roi_head=changed))


def _pipelines(base: Config, choices: Choices) -> List[str]:
    changes: Dict[str, Any] = {}
    if choices.scale is not None:
        changes['Resize' if find_transform(base, 'Resize') else 'TubeResize'] = dict(scale=choices.scale)
    if choices.fps is not None:
        jitter = next((item.get('jitter', 0) for item in base.train_pipeline if item['type'] == 'SampleTubeWindow'), 0)
        changes['SampleTubeWindow'] = dict(clip_len=choices.fps, fps=choices.fps)
        if jitter > choices.fps // 2 - 1:
            raise AssertionError(f'jitter={jitter} does not fit clips of {choices.fps} frames')
    if not changes:
        return []
    lines = [''] + _assign('changed', changes)
    for name in ('train_pipeline', 'test_pipeline'):
        lines.append(f"{name} = [dict(t, **changed.get(t['type'], {{}})) for t in _base_.{name}]")
    return lines


def _data(base: Config, videos: Path, found: Annotations, root: _Root, changed: bool,
          fps: Optional[float]) -> List[str]:
    given = base.train_dataloader.dataset
    common: Dict[str, Any] = dict(data_prefix=dict(img=Raw(root(videos))))
    score: Dict[str, Any] = {}
    if found.tubes:
        common['ann_file'] = score['ann_file'] = Raw(root(found.train_file))
        if given.get('test_list'):
            common['test_list'] = score['test_list'] = None
        # Without it only clips that show somebody are trained on.
        parts: Sequence[Dict[str, Any]] = (dict(background=True) if found.background else {}, {})
    else:
        shared: Dict[str, Any] = dict(label_file=Raw('label_file'), num_classes=Raw('len(class_names) + 1'))
        if found.custom_classes or given.get('custom_classes'):
            shared['custom_classes'] = found.custom_classes
        common.update(shared, timestamp_start=0)
        if fps is not None:
            common['fps'] = fps
        score.update(shared, ann_file=Raw(root(found.val_file)))
        parts = [dict(ann_file=Raw(root(path))) for path in (found.train_file, found.val_file)]
        if given.get('exclude_file'):
            parts = [dict(part, exclude_file=None) for part in parts]
            score['exclude_file'] = None
        if base.val_evaluator.get('groups'):
            score['groups'] = None
    lines = [''] + _assign('data', common)
    for split, part in zip(('train', 'val'), parts):
        text = ', '.join(f'{key}={_literal(value)}' for key, value in part.items())
        pipeline = f'pipeline={"train" if split == "train" else "test"}_pipeline' if changed else ''
        inner = ', '.join(item for item in ('data', text, pipeline) if item)
        lines += _fold(f'{split}_dataloader = dict(dataset=dict({inner}))')
    lines += ['test_dataloader = val_dataloader'] + _assign('val_evaluator',
                                                            score) + ['test_evaluator = val_evaluator']
    return lines


def _schedule(base: Config, choices: Choices) -> List[str]:
    old = base.train_cfg.get('max_iters') or base.train_cfg.get('max_epochs')
    new = choices.max_iters or choices.max_epochs
    if new is None or new == old:
        return []
    scaled = [_scaled(dict(item), new / old) for item in base.param_scheduler]
    lines = ['']
    if choices.max_iters:
        lines += _assign('train_cfg', dict(max_iters=new, val_interval=new))
        lines += _assign('default_hooks', dict(checkpoint=dict(interval=max(new // 3, 1))))
    else:
        lines += _assign('train_cfg', dict(max_epochs=new, val_interval=max(new // 10, 1)))
    return lines + _assign('param_scheduler', scaled)


def _scaled(item: Dict[str, Any], ratio: float) -> Dict[str, Any]:
    """A schedule over another number of iterations or epochs."""

    def scale(value: Any) -> Any:
        return [scale(part) for part in value] if isinstance(value, (list, tuple)) else round(value * ratio)

    return {key: scale(value) if key in TIMES else value for key, value in item.items()}


class Raw(str):
    """An expression that stands in a config as it is."""


def _literal(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return 'dict(' + ', '.join(f'{key}={_literal(item)}' for key, item in value.items()) + ')'
    if isinstance(value, (list, tuple)):
        inner = ', '.join(map(_literal, value))
        return f'[{inner}]' if isinstance(value, list) else f'({inner}{"," if len(value) == 1 else ""})'
    return repr(value)


def _assign(name: str, value: Any) -> List[str]:
    return _fold(f'{name} = {_literal(value)}')


def _fold(text: str) -> List[str]:
    """Breaks a long line at commas outside of quotation marks, which Python reads as before."""
    lines: List[str] = []
    line = ''
    for part in _pieces(text):
        if line and len(line) + len(part.rstrip()) > WIDTH:
            lines.append(line.rstrip())
            line = '    '
        line += part
    return [*lines, line.rstrip()]


def _pieces(text: str) -> List[str]:
    pieces, piece, quote = [], '', ''
    for place, letter in enumerate(text):
        piece += letter
        if quote:
            quote = '' if letter == quote and text[place - 1] != '\\' else quote
        elif letter in '\'"':
            quote = letter
        elif letter == ' ' and piece.endswith(', '):
            pieces.append(piece)
            piece = ''
    return [*pieces, piece]
