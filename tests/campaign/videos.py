"""Broken and odd videos among good ones, through everything that takes videos of people."""
import csv
import ctypes
import json
import os
from functools import partial
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import torch
from helpers.square_detector import SquareDetector, square_config

from mmstep.apis import STEPInferencer
from mmstep.apis.archive.archive_run import EXTENSIONS
from mmstep.utils import printable
from .broken_videos import NOT_UTF8, make_videos
from .forks import run_forked
from .frame import Trial
from .processes import ROOT, Outcome

REFUSED, EITHER, READ = 'refused', 'either', 'read'
CHECKED = """_base_ = ['{base}']
data = dict(label_file='{root}/actions.pbtxt', data_prefix=dict(img='{root}/videos'), num_classes=3, timestamp_start=0)
model = dict(roi_head=dict(bbox_head=dict(num_classes=2, loss_cls=dict(loss_weight=2.))))
class_names = ['stand', 'walk']
train_dataloader = dict(dataset=dict(ann_file='{root}/train.csv', **data))
val_dataloader = dict(dataset=dict(ann_file='{root}/train.csv', **data))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file='{root}/train.csv', label_file='{root}/actions.pbtxt', num_classes=3, groups=None)
test_evaluator = val_evaluator
"""


def trials(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """One trial for each video and way, and one for how each way ends."""
    expected = make_videos(folder / 'videos')
    files = make_model(folder)
    yield from archive_trials(folder, expected, files)
    yield from list_trials(folder, expected, files)
    yield from check_trials(folder, expected)
    for number, (name, wanted) in enumerate(expected.items()):
        yield f'demo_video.py: {printable(name)!r}', lambda number=number, name=name, wanted=wanted: run_demo(
            folder, number, name, wanted, files)


def make_model(folder: Path) -> List[str]:
    """A config and a checkpoint of the detector that finds white squares."""
    config = square_config()
    config.custom_imports = dict(imports=['helpers.square_detector'], allow_failed_imports=False)
    config.dump(str(folder / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), folder / 'model.pth')
    return [str(folder / 'config.py'), str(folder / 'model.pth')]


def heed_rights() -> None:
    """Makes rights of files hold for this process if it is root's, for whom they do not otherwise (Linux)."""
    if os.geteuid():
        return
    head, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(head, data) == 0:
        for word in (0, 1):  # effective and permitted: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
            data[word] &= ~0b110
        libc.capset(head, data)


def judge(wanted: str, error: Optional[str]) -> Optional[str]:
    """Whether a video's result is as it should be; ``error`` is None or empty if there is one."""
    if wanted == READ and error:
        return f'is not read: {error}'
    if wanted == REFUSED and not error:
        return 'is read, and should not be'
    if error and len(error.strip().splitlines()) > 1:
        return f'has a reason of several lines: {error}'
    return None


def known(outcome: Outcome, errors: Dict[str, Optional[str]], name: str, wanted: str) -> Optional[str]:
    """Judges one video of a run of many."""
    if name not in errors:
        return f'neither a result nor a reason; the run: {outcome.fault((0, 1)) or "ended"}'
    return judge(wanted, errors[name])


def archive_trials(folder: Path, expected: Dict[str, str], files: List[str]) -> Iterator[Tuple[str, Trial]]:
    """tools/infer_videos.py over all of them, twice: the second time tries the broken ones again."""
    words = ['tools/infer_videos.py', folder / 'videos', *files, '--out', folder / 'archive', '--device', 'cpu']
    for name in ('infer_videos.py', 'infer_videos.py again'):
        outcome = run_forked(words, folder, 300, heed_rights)
        errors: Dict[str, Optional[str]] = {}
        if (folder / 'archive' / 'videos.csv').exists():
            with open(folder / 'archive' / 'videos.csv', encoding='utf-8', newline='') as file:
                errors = {row['video']: row['error'] for row in csv.DictReader(file)}
            (folder / 'archive' / 'videos.csv').unlink()
        yield name, lambda outcome=outcome: outcome.fault(1, 'videos could not be read')
        for video, wanted in expected.items():
            wanted = REFUSED if video == NOT_UTF8 else wanted
            if video.endswith(EXTENSIONS) and video != 'folder.mp4':  # which is looked through, and empty
                yield f'{name}: {printable(video)!r}', partial(known, outcome, errors, printable(video), wanted)


def list_trials(folder: Path, expected: Dict[str, str], files: List[str]) -> Iterator[Tuple[str, Trial]]:
    """A list given to the inferencer."""

    def infer() -> None:
        inferencer = STEPInferencer(*files, device='cpu', show_progress=False)
        paths = [str(folder / 'videos' / name) for name in expected]
        results = inferencer(paths, out_dir=str(folder / 'list'), draw=True)['predictions']
        (folder / 'list.json').write_text(json.dumps([result['error'] for result in results]))

    outcome = run_forked(infer, folder, 300, heed_rights)
    errors = json.loads((folder / 'list.json').read_text()) if (folder / 'list.json').exists() else []
    yield 'list', lambda: outcome.fault()
    for (name, wanted), error in zip(expected.items(), errors):
        yield f'list: {printable(name)!r}', lambda wanted=wanted, error=error: judge(wanted, error)
    yield 'list: leftovers', lambda: leftovers(folder / 'list')


def leftovers(folder: Path) -> Optional[str]:
    """What was written under a temporary name and is still there."""
    found = [path.name for path in folder.rglob('.*')]
    return f'left behind: {found[:3]}' if found else None


def check_trials(folder: Path, expected: Dict[str, str]) -> Iterator[Tuple[str, Trial]]:
    """tools/data/check_dataset.py --videos over those whose names can stand in a csv."""
    names = [name for name in expected if name.isprintable() and not set(name) & set(',"\'') and name != NOT_UTF8]
    names = [name for name in names if name.endswith(('.mp4', '.avi', '.mkv', '.mov'))]
    rows = [f'{Path(name).stem},0,.1,.1,.9,.9,1,-1' for name in names]
    (folder / 'train.csv').write_text('\n'.join(rows) + '\n')
    (folder / 'actions.pbtxt').write_text(''.join(f'item {{\n  name: "{name}"\n  id: {label}\n}}\n'
                                                  for label, name in enumerate(('stand', 'walk'), 1)))
    base = ROOT / 'configs/step/step_tiny_mini-ava.py'
    (folder / 'checked.py').write_text(CHECKED.format(base=base, root=folder))
    outcome = run_forked(['tools/data/check_dataset.py', folder / 'checked.py', '--videos'], folder, 300, heed_rights)
    yield 'check_dataset.py', lambda: outcome.fault(1)
    lines = outcome.output.splitlines()
    for name in names:
        errors = [line for line in lines if f'/{name}' in line or f'the video {Path(name).stem} ' in line]
        wanted = EITHER if name == 'folder.mp4' else expected[name]
        yield f'check_dataset.py: {name!r}', lambda errors=errors, wanted=wanted: judge(wanted, '; '.join(errors))


def run_demo(folder: Path, number: int, name: str, wanted: str, files: List[str]) -> Optional[str]:
    """demo/demo_video.py on one video: everything or nothing is written."""
    out = folder / 'demo' / f'{number}.mp4'
    words = ['demo/demo_video.py', folder / 'videos' / name, *files, '--out', out, '--device', 'cpu']
    outcome = run_forked(words, folder, 60, heed_rights)
    fault = outcome.fault((0, 1))
    written = [out.exists(), out.with_suffix('.json').exists()]
    if fault or all(written) != (outcome.code == 0) or any(written) != all(written):
        return fault or f'exit code {outcome.code}, and video and JSON are there: {written}'
    lines = [line for line in outcome.output.splitlines() if line.startswith('Error: ')]
    return judge(wanted, lines[-1] if outcome.code else None) or leftovers(folder / 'demo')
