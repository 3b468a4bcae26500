"""Errors for people keep their message alone when they come out of a worker process of a data loader."""
import pickle

import pytest
from torch.utils.data import DataLoader, Dataset

from mmstep.datasets.safe_pickle import PickleError
from mmstep.errors import DataError, LaunchError, MissingDataError, UndecodableError, VideoError


class Failing(Dataset):

    def __init__(self, error):
        self.error = error

    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise self.error


@pytest.mark.parametrize('kind, usual', [(DataError, ValueError), (MissingDataError, FileNotFoundError),
                                         (UndecodableError, RuntimeError), (PickleError, pickle.UnpicklingError),
                                         (VideoError, LaunchError)])
def test_message_of_a_worker(kind, usual):
    with pytest.raises(usual) as caught:
        next(iter(DataLoader(Failing(kind('a.csv:3: box leaves 0..1')), num_workers=1)))
    assert isinstance(caught.value, LaunchError) and str(caught.value) == 'a.csv:3: box leaves 0..1'
