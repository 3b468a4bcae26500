"""Shared set-up of the tests."""
import random

import numpy as np
import pytest
import torch

import mmstep  # noqa: F401  registers every component


@pytest.fixture(autouse=True)
def seed() -> int:
    """Seeds every source of chance before each test."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    return 0


@pytest.fixture(autouse=True)
def mmaction_scope() -> None:
    """Builds from ``mmaction.registry`` whatever scope an earlier test left behind."""
    from mmengine.registry import init_default_scope
    init_default_scope('mmaction')
