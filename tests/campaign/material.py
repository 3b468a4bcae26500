"""Models, data and comparisons of the classes in which processes are killed."""
from pathlib import Path
from typing import Dict, Optional

import torch
from helpers.square_detector import SquareDetector, square_config, write_square_video

from .children import run_fork
from .processes import ROOT

MINI = dict(size=64, seconds=5, fps=12, num_train=3, num_val=1, num_heldout=0, workers=1)
TRAINING = '''
_base_ = ['{root}/configs/step/step_tiny_mini-ava.py']
for transform in (*_base_.train_pipeline, *_base_.test_pipeline):
    if transform['type'] == 'Resize':
        transform['scale'] = (64, 64)
ann, labels, video = '{mini}/annotations/mini_', '{mini}/annotations/mini_action_list.pbtxt', '{mini}/videos'
train_dataloader = dict(
    batch_size=1, num_workers={workers}, persistent_workers={workers} > 0, sampler=dict(type='{sampler}'),
    dataset=dict(
        pipeline=_base_.train_pipeline, ann_file=ann + 'train.csv', label_file=labels, data_prefix=dict(img=video)))
val_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False,
    dataset=dict(
        pipeline=_base_.test_pipeline, ann_file=ann + 'val.csv', label_file=labels, data_prefix=dict(img=video)))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file=ann + 'val.csv', label_file=labels)
test_evaluator = val_evaluator
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=12)]
auto_scale_lr = dict(enable=False, base_batch_size=2)
'''
LOOPS = dict(
    iterations='''
train_cfg = dict(_delete_=True, type='IterBasedTrainLoop', max_iters=18, val_interval=9)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=5, max_keep_ckpts=1, save_best='auto'))
''',
    epochs='''
train_cfg = dict(_delete_=True, type='EpochBasedTrainLoop', max_epochs=3, val_interval=1)
log_processor = dict(by_epoch=True)
default_hooks = dict(
    logger=dict(interval=1),
    checkpoint=dict(by_epoch=True, interval=1, iter_interval=2, max_keep_ckpts=1, save_best='auto'))
''')
LAST = dict(iterations='iter_18.pth', epochs='epoch_3.pth')


def make_mini(folder: Path) -> Path:
    """Makes a mini data set of six windows for training; returns its folder."""
    options = [text for key, value in MINI.items() for text in (f'--{key.replace("_", "-")}', str(value))]
    outcome = run_fork(['tools/data/mini/make_mini.py', '--out', folder / 'mini', *options], folder)
    assert outcome.code == 0, outcome.output
    return folder / 'mini'


def write_training(folder: Path, mini: Path, loop: str, workers: int = 0) -> Path:
    """Writes the config of a training of 18 iterations, two of them an update.

    Args:
        folder (Path): Where.
        mini (Path): Folder of :func:`make_mini`.
        loop (str): 'iterations' or 'epochs'.
        workers (int): Of the data loader.

    Returns:
        Path: The config.
    """
    path = folder / f'{loop}_{workers}.py'
    sampler = 'DefaultSampler' if loop == 'epochs' else 'InfiniteSampler'
    path.write_text(TRAINING.format(root=ROOT, mini=mini, workers=workers, sampler=sampler) + LOOPS[loop])
    return path


def make_archive(folder: Path, count: int = 5) -> Dict[str, Path]:
    """Makes a folder of videos, one of them broken, and a config and a checkpoint that find something in them."""
    (folder / 'videos' / 'deep').mkdir(parents=True)
    for index in range(count):
        write_square_video(
            folder / 'videos' / ('deep' if index % 2 else '') / f'v {index} ü.mp4', seconds=2 + index / 4)
    (folder / 'videos' / 'broken.mp4').write_bytes((folder / 'videos' / 'v 0 ü.mp4').read_bytes()[:300])
    config = square_config()
    config.custom_imports = dict(imports=['helpers.square_detector'], allow_failed_imports=False)
    config.dump(str(folder / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), folder / 'model.pth')
    return {name: folder / name for name in ('videos', 'config.py', 'model.pth')}


def content(folder: Path) -> Dict[str, bytes]:
    """All files below a folder by their relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def difference(found: Path, wanted: Path) -> Optional[str]:
    """What ``diff -r`` would say of two folders, in one line."""
    ours, theirs = content(found), content(wanted)
    if ours == theirs:
        return None
    return ', '.join([f'{name} is missing' for name in sorted(set(theirs) - set(ours))] +
                     [f'{name} is left over' for name in sorted(set(ours) - set(theirs))] +
                     [f'{name} differs' for name in sorted(set(ours) & set(theirs)) if ours[name] != theirs[name]])


def checkpoint_difference(found: Path, wanted: Path) -> Optional[str]:
    """Which weights, or numbers of the optimizer, of two checkpoints are not equal to the bit."""
    if not found.is_file():
        return f'{found.name} is not there'
    ours, theirs = (torch.load(path, weights_only=False) for path in (found, wanted))
    for part in ('state_dict', 'optimizer'):
        flat = [dict(flatten(checkpoint[part])) for checkpoint in (ours, theirs)]
        odd = [key for key in {**flat[0], **flat[1]} if not equal(flat[0].get(key), flat[1].get(key))]
        if odd:
            return f'{part} differs in {len(odd)} of {len(flat[0])} places, for instance {odd[0]}'
    return None


def flatten(node, prefix: str = ''):
    """Yields (place, value) of what nested dicts and lists hold."""
    if isinstance(node, (dict, list, tuple)):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from flatten(child, f'{prefix}.{key}')
    else:
        yield prefix, node


def equal(one, other) -> bool:
    """Whether two values are equal to the bit."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    return type(one) is type(other) and one == other
