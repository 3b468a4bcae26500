"""A small training run for the tests of hooks and optimizer wrappers."""
import itertools

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

NAMES = (f'test_engine_{i}' for i in itertools.count())


class Numbers(Dataset):
    """The numbers 0..19; remembers which were read."""

    def __init__(self):
        self.read = []

    def __len__(self):
        return 20

    def __getitem__(self, index):
        self.read.append(index)
        return dict(inputs=torch.full((2, ), float(index)))


class Line(BaseModel):

    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)
        self.dtypes = []

    def forward(self, inputs, mode='tensor'):
        out = self.fc(torch.stack(list(inputs)))
        self.dtypes.append(out.dtype)
        return dict(loss=out.float().square().mean())


@pytest.fixture
def make_runner():
    """Makes runners, see :func:`_make_runner`."""
    return _make_runner


def _make_runner(folder, max_iters, hook=None, sampler='InfiniteSampler', **kwargs):
    """A runner that saves every second iteration; its model and data remember what they were given."""
    return Runner(
        model=Line(),
        work_dir=str(folder),
        train_dataloader=dict(
            dataset=Numbers(), batch_size=2, num_workers=0, sampler=dict(type=sampler, shuffle=True)),
        train_cfg=dict(type='IterBasedTrainLoop', max_iters=max_iters),
        optim_wrapper=kwargs.pop('optim_wrapper', dict(optimizer=dict(type='SGD', lr=1e-3))),
        default_hooks=dict(
            logger=None,
            checkpoint=hook or dict(type='SafeCheckpointHook', by_epoch=False, interval=2, max_keep_ckpts=1)),
        randomness=dict(seed=3),
        default_scope='mmaction',
        log_level='ERROR',
        experiment_name=next(NAMES),
        **kwargs)
