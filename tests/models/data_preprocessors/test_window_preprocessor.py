"""Batching of windows."""
import pytest
import torch
from mmaction.models.data_preprocessors import ActionDataPreprocessor

from mmstep.models import WindowPreprocessor

NORM = dict(mean=[127.5, 100., 50.], std=[127.5, 50., 25.])


def windows(*sizes):
    rng = torch.Generator().manual_seed(0)
    return [torch.randint(256, (3, 4, *size), dtype=torch.uint8, generator=rng) for size in sizes]


def test_equals_action_data_preprocessor():
    data = dict(inputs=windows((8, 6), (8, 6)), data_samples=[1, 2])
    ours = WindowPreprocessor(**NORM)(dict(data))
    theirs = ActionDataPreprocessor(format_shape='NCTHW', **NORM)(dict(data))
    assert torch.allclose(ours['inputs'], theirs['inputs'], atol=1e-6)
    assert ours['inputs'].is_contiguous(memory_format=torch.channels_last_3d)
    assert ours['data_samples'] == [1, 2]


def test_windows_of_different_size_are_named():
    with pytest.raises(ValueError, match='keep_ratio=False'):
        WindowPreprocessor(**NORM)(dict(inputs=windows((8, 6), (6, 8)), data_samples=[1, 2]))
