"""The small training run of the tests of hooks and optimizer wrappers."""
import pytest
from helpers import small_training


@pytest.fixture
def make_runner():
    """Makes runners, see :func:`helpers.small_training.make_runner`."""
    return small_training.make_runner
