"""Arrays of strangers: numbers and texts, exactly as long as their shapes say."""
import copy
import pickle

import numpy as np
import pytest

from mmstep.plain_arrays import CheckpointArray, PlainDType, array_of_state, make_array, make_scalar, not_called


def dtype(spec, order='<'):
    made = PlainDType(spec, False, True)
    made.__setstate__((3, order, None, None, None, -1, -1, 63))
    return made


def test_arrays_and_scalars():
    content = np.arange(6, dtype='>i2').reshape(2, 3)
    array = array_of_state((1, (2, 3), dtype('i2', '>'), False, content.tobytes()))
    assert array.tolist() == content.tolist() and array.flags.writeable
    assert make_array(content.tobytes('F'), dtype('i2', '>'), (2, 3), 'F').tolist() == content.tolist()
    assert make_scalar(dtype('f4'), np.float32(2.5).tobytes().decode('latin1')) == 2.5


@pytest.mark.parametrize('spec', ['O', 'O8', '|O8', 'V8', 'f8,i4', '(2,)f8', 'M8[s]', '', 8, None, 'S9999999'])
def test_other_types_are_refused(spec):
    with pytest.raises(pickle.UnpicklingError, match='it asks for arrays of the type'):
        PlainDType(spec)


@pytest.mark.parametrize('content, shape', [(b'', (1, )), (b'12345678', (2, )), (b'12345678', (-1, )),
                                            (b'', (2**62, 2**62)), (None, ()), (b'12345678', [1]),
                                            (b'12345678', (True, ))])
def test_content_that_does_not_fit_is_refused(content, shape):
    with pytest.raises(pickle.UnpicklingError):
        make_array(content, dtype('f8'), shape, 'C')


def test_ndarray_is_not_called():
    with pytest.raises(pickle.UnpicklingError, match='a call of numpy.ndarray'):
        not_called((2, ), 'O')


def filled():
    array = CheckpointArray(np.ndarray, (0, ), b'b')
    array.__setstate__((1, (3, ), dtype('f8'), False, np.array([1., 2, 3]).tobytes()))
    return array


def test_array_of_a_checkpoint():
    array = filled()
    assert array.tolist() == [1, 2, 3] and CheckpointArray((10**12, ), 'O').shape == (0, )
    with pytest.raises(pickle.UnpicklingError, match='filled twice'):
        array.__setstate__((1, (0, ), dtype('f8'), False, b''))


def test_array_of_a_checkpoint_becomes_plain():
    array = filled()
    for made in (pickle.loads(pickle.dumps(array, 2)), pickle.loads(pickle.dumps(copy.deepcopy(array))), array + 1,
                 np.append(array, 4.), np.concatenate([array, np.zeros(1)])):
        assert type(made) is np.ndarray, made
    assert type(array.mean()) is type(array.sum()) is np.float64 and array.mean() == 2
