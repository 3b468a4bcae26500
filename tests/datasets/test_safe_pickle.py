"""Pickles of arrays load, programs in pickles do not run."""
import io
import os
import pickle

import numpy as np
import pytest
import torch

from mmstep.datasets import load_pickle


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_round_trip(tmp_path, protocol):
    path = tmp_path / 'p.pkl'
    data = {'vid,0902': np.array([[0.1, 0.2, 0.3, 0.4, 0.99]]), 'x': [np.float32(2), np.zeros((0, 5)), ('a', None, 3)]}
    path.write_bytes(pickle.dumps(data, protocol))
    loaded = load_pickle(str(path))
    np.testing.assert_array_equal(loaded['vid,0902'], data['vid,0902'])
    assert loaded['x'][0] == 2 and loaded['x'][1].shape == (0, 5) and loaded['x'][2] == ('a', None, 3)


def test_both_names_of_numpys_core(tmp_path):
    path = tmp_path / 'p.pkl'
    text = pickle.dumps(np.arange(3.), protocol=0).replace(b'numpy._core.', b'numpy.core.')
    for name in (b'numpy.core.', b'numpy._core.'):
        path.write_bytes(text.replace(b'numpy.core.', name))
        np.testing.assert_array_equal(load_pickle(str(path)), [0, 1, 2])


class _Program:

    def __reduce__(self):
        return os.mkdir, ('made_by_pickle', )


def test_a_program_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'p.pkl').write_bytes(pickle.dumps({'a': _Program()}))
    with pytest.raises(pickle.UnpicklingError, match=r'p\.pkl.*asks for \w+\.mkdir'):
        load_pickle('p.pkl')
    assert not (tmp_path / 'made_by_pickle').exists()


@pytest.mark.parametrize('content', [b'', b'not a pickle', pickle.dumps(np.zeros(100))[:-30]])
def test_damaged_files_are_named(tmp_path, content):
    path = tmp_path / 'broken.pkl'
    path.write_bytes(content)
    with pytest.raises(pickle.UnpicklingError, match='broken.pkl'):
        load_pickle(str(path))


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pkl'):
        load_pickle(str(tmp_path / 'nowhere.pkl'))


def test_tensors_round_trip(tmp_path):
    path = tmp_path / 'p.pkl'
    data = [torch.arange(6.).reshape(2, 3)[:, 1:], torch.tensor([1, 2]), torch.ones(2, dtype=torch.bfloat16)]
    path.write_bytes(pickle.dumps(dict(pred_instances=data)))
    loaded = load_pickle(str(path))['pred_instances']
    assert all(torch.equal(mine, other) and mine.dtype == other.dtype for mine, other in zip(data, loaded))


class _Storage:
    """A pickle within a pickle: what ``torch.storage._load_from_bytes`` would load without looking."""

    def __reduce__(self):
        content = io.BytesIO()
        torch.save(_Program(), content, _use_new_zipfile_serialization=False)
        return torch.storage._load_from_bytes, (content.getvalue(), )


def test_a_program_within_a_tensor_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'p.pkl').write_bytes(pickle.dumps([_Storage()]))
    with pytest.raises(pickle.UnpicklingError, match='p.pkl'):
        load_pickle('p.pkl')
    assert not (tmp_path / 'made_by_pickle').exists()
