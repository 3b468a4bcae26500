"""Pickles of arrays load, programs in pickles do not run."""
import io
import os
import pickle
import tracemalloc

import numpy as np
import pytest
import torch
from helpers.file_faults import faults_of, pickled

from mmstep.datasets import load_pickle
from mmstep.datasets.safe_pickle import PickleError
from mmstep.errors import LaunchError


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


class _State:
    """Pickled as ``numpy.dtype`` of a text and a state, either of which may be forged."""

    def __init__(self, spec, state):
        self.made = np.dtype, (spec, False, True), state

    def __reduce__(self):
        return self.made


class _Forged:
    """Pickled as an array of a forged type, shape or content."""

    def __init__(self, spec, state, shape, content):
        self.made = np.zeros(1).__reduce__()[:2] + ((1, shape, _State(spec, state), False, content), )

    def __reduce__(self):
        return self.made


PLAIN = (3, '<', None, None, None, -1, -1, 0)


@pytest.mark.parametrize(
    'forged', [
        _Forged('O8', (3, '|', None, None, None, -1, -1, 63), (2, ), b'A' * 16),
        _Forged('O8', (3, '|', None, None, None, -1, -1, 0), (2, ), b'A' * 16),
        _Forged('V16', (3, '|', None, ('a', ), {
            'a': ('f8', 0)
        }, 16, 1, 27), (1, ), b'A' * 16),
        _Forged('f8', (3, '<', ('f8', (4, )), None, None, -1, -1, 0), (2, ), b'A' * 16),
        _Forged('f8', PLAIN, (2000, ), b'A' * 16),
        _Forged('f8', PLAIN, (-2, ), b'A' * 16),
        _Forged('f8', PLAIN, (2**62, 2**62, 0, 8), b''),
        _Forged('f8,i4', PLAIN, (1, ), b'A' * 12),
    ],
    ids=range(8))
def test_forged_arrays_are_refused(tmp_path, forged):
    (tmp_path / 'p.pkl').write_bytes(pickle.dumps({'a': forged}))
    with pytest.raises(PickleError, match=r'cannot load \S*p\.pkl: ') as error:
        load_pickle(str(tmp_path / 'p.pkl'))
    assert '\n' not in str(error.value)


def test_flags_of_a_file_are_not_believed(tmp_path):
    forged = _Forged('f8', (3, '>', None, None, None, 8, 8, 63), (2, ), np.array([1., 2.], '>f8').tobytes())
    (tmp_path / 'p.pkl').write_bytes(pickle.dumps([forged, forged]))
    first, second = load_pickle(str(tmp_path / 'p.pkl'))
    assert first is second and first.tolist() == [1, 2] and first.dtype == '>f8' and first.flags.writeable


@pytest.mark.parametrize('array', [
    np.array(['a', 'längst']),
    np.array([b'xy', b'']),
    np.array([True, False]),
    np.arange(6, dtype=np.uint16).reshape(2, 3).T,
    np.zeros((0, 5), np.float32),
    np.array(2 + 1j),
])
@pytest.mark.parametrize('protocol', [0, 2, 5])
def test_plain_types_round_trip(tmp_path, array, protocol):
    (tmp_path / 'p.pkl').write_bytes(pickle.dumps((array, dict(a=[array])), protocol))
    alone, within = load_pickle(str(tmp_path / 'p.pkl'))
    assert alone is within['a'][0] and type(alone) is np.ndarray and alone.dtype == array.dtype
    np.testing.assert_array_equal(alone, array)


def _tensor_of(size, stride, offset=0):
    forged = type(
        'Forged', (),
        dict(__reduce__=lambda self: (torch._utils._rebuild_tensor_v2,
                                      (torch.zeros(4)._typed_storage(), offset, size, stride, False, None))))
    return pickle.dumps(forged())


@pytest.mark.parametrize(
    'content', [
        _tensor_of((10**9, ), (1, )),
        _tensor_of((2, ), (9, )),
        _tensor_of((2, ), (1, ), -1),
        pickle.dumps(list(range(9))).replace(b'K\x08', b'\x8b\xff\xff\xff\x7f'),
        b'\x80\x04\x8e' + b'\xff' * 8,
        b'\x80\x04cnumpy\nndarray\n(K\x01tR.',
        b'(' * 9999 + b't' * 9999,
        b'I99999999999999999999\n' * 3,
        b'p99999999999999999999\n.',
    ],
    ids=range(9))
def test_any_damage_is_a_line_that_names_the_file(tmp_path, content):
    (tmp_path / 'p.pkl').write_bytes(content)
    with pytest.raises(LaunchError, match=r'^cannot load \S*p\.pkl: .+$'):
        load_pickle(str(tmp_path / 'p.pkl'))


def refused(tmp_path, content, reason):
    (tmp_path / 'p.pkl').write_bytes(content)
    with pytest.raises(PickleError, match=rf'^cannot load \S*p\.pkl: .*{reason}.*$'):
        load_pickle(str(tmp_path / 'p.pkl'))


def test_containers_without_end_are_refused(tmp_path):
    content = [np.arange(3)]
    content.append(content)
    refused(tmp_path, pickle.dumps(content), 'a container that holds itself')
    doubled = [1.5]
    for _ in range(50):
        doubled = [doubled, doubled]
    refused(tmp_path, pickle.dumps(doubled), 'its containers hold each other')
    for _ in range(200):
        content = [content]
    refused(tmp_path, pickle.dumps(content[0]), 'more than a hundred containers')


def test_keys_whose_hash_takes_for_ever_are_refused(tmp_path):
    key = ()
    for _ in range(60):
        key = key, key
    # Written by hand: to build such a dict takes for ever as well.
    tuples = pickle.dumps(key, 2)[2:-1]
    refused(tmp_path, b'\x80\x02}' + tuples + b'K\x01s.', 'a tuple as key')
    refused(tmp_path, b'\x80\x02}(' + tuples + b'K\x01u.', 'a tuple as key')
    refused(tmp_path, b'(' + tuples + b'K\x01d.', 'a tuple as key')
    refused(tmp_path, b'\x80\x04\x8f(' + tuples + b'\x90.', 'a tuple as key')
    refused(tmp_path, b'\x80\x04(' + tuples + b'\x91.', 'a tuple as key')
    refused(tmp_path, b'\x80\x02ccollections\nOrderedDict\n](' + tuples + b'K\x01\x86e\x85R.', 'a tuple as key')


def test_sets_and_keys_of_plain_values_load(tmp_path):
    content = {('v', 1): {1, 2}, None: frozenset(['a']), 2.5: {np.int64(3): b'x'}}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / 'p.pkl').write_bytes(pickle.dumps(content, protocol))
        if protocol >= 4:  # sets are calls in the old protocols
            assert load_pickle(str(tmp_path / 'p.pkl')) == content


@pytest.mark.parametrize('content', [
    b'\x80\x02]r\xff\xff\xff\x7f.',
    b'\x80\x04\x8e\x00\x00\x00\x00\x01\x00\x00\x00.',
    b'\x80\x04\x8d\x00\x00\x00\x00\x01\x00\x00\x00.',
    b'\x80\x05\x96\x00\x00\x00\x00\x01\x00\x00\x00.',
    b'\x80\x04\x95\x00\x00\x00\x00\x01\x00\x00\x00.',
    b'\x80\x02\x8b\x00\x00\x00\x70.',
])
def test_announced_sizes_take_no_memory(tmp_path, content):
    """The first is sound, an empty list under a high number in the memo; the others end before what they announce."""
    (tmp_path / 'p.pkl').write_bytes(content)
    tracemalloc.start()
    try:
        assert load_pickle(str(tmp_path / 'p.pkl')) == []
    except PickleError:
        assert content[2:3] != b']'
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10**7


@pytest.mark.parametrize('content', [
    b'\x80\x02cnumpy\ndtype\nN}X\x08\x00\x00\x00__init__Ns\x86b.',
    b'\x80\x02c_codecs\nencode\nN}X\x0c\x00\x00\x00__defaults__Ns\x86b.',
])
def test_attributes_of_what_a_file_names_are_not_set(tmp_path, content):
    refused(tmp_path, content, 'it asks for a .* with a state')


def test_huge_integers_are_refused(tmp_path):
    refused(tmp_path, pickle.dumps([1 << 20000]), 'an integer of 20001 bits')


def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path):
    good = [dict(a=np.arange(6.).reshape(2, 3), b=[torch.ones(2), {1, 2}, ('x', None)]), [np.array(['ab', 'c'])]]
    assert faults_of(load_pickle, pickled(good, (0, 2, 4, 5)), tmp_path / 'p.pkl', 300) == []
