"""A small training run for the tests of hooks and optimizer wrappers."""
import itertools
import random

import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

NAMES = (f'test_engine_{i}' for i in itertools.count())


class Numbers(Dataset):
    """The numbers 0..19, with noise of all three generators; remembers which were read."""

    def __init__(self):
        self.read = []

    def __len__(self):
        return 20

    def __getitem__(self, index):
        self.read.append(index)
        noise = np.random.rand() + random.random() + float(torch.rand(1))
        return dict(inputs=torch.full((2, ), float(index)) / 20, noise=noise)


class Line(BaseModel):
    """A linear layer with batch norm and dropout."""

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(2)
        self.drop = torch.nn.Dropout(.3)
        self.fc = torch.nn.Linear(2, 1)
        self.dtypes = []

    def forward(self, inputs, noise=None, mode='tensor'):
        out = self.fc(self.drop(self.norm(torch.stack(list(inputs)))))
        self.dtypes.append(out.dtype)
        if mode == 'predict':
            return [dict(value=float(value)) for value in out]
        return dict(loss=(out.float().squeeze(1) - torch.tensor(noise)).square().mean() + random.random() * out.sum())


def make_runner(folder, max_iters, hook=None, sampler='InfiniteSampler', workers=0, epochs=None, **kwargs):
    """A runner that saves every second iteration; its model and data remember what they were given."""
    loop = dict(
        type='EpochBasedTrainLoop', max_epochs=epochs) if epochs else dict(
            type='IterBasedTrainLoop', max_iters=max_iters)
    torch.manual_seed(0)  # the weights that every run begins with
    return Runner(
        model=Line(),
        work_dir=str(folder),
        train_dataloader=dict(
            dataset=Numbers(),
            batch_size=2,
            num_workers=workers,
            persistent_workers=workers > 0,
            sampler=dict(type=sampler, shuffle=True)),
        train_cfg=kwargs.pop('train_cfg', loop),
        optim_wrapper=kwargs.pop('optim_wrapper', dict(optimizer=dict(type='SGD', lr=1e-3))),
        default_hooks=dict(
            logger=None,
            checkpoint=hook or dict(type='SafeCheckpointHook', by_epoch=False, interval=2, max_keep_ckpts=1)),
        randomness=kwargs.pop('randomness', dict(seed=3)),
        default_scope='mmaction',
        log_level='ERROR',
        experiment_name=next(NAMES),
        **kwargs)
