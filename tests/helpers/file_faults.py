"""Files with faults, made of good ones by chance, and the judgement of how a reader takes them."""
import copy
import pickle
import random
import re
import warnings
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence

import numpy as np
import torch

from mmstep.errors import LaunchError
from mmstep.utils.quoting import is_one_line

EXTREMES = (0, -1, 1, 2**31 - 1, 2**31, 2**32, -2**31, 2**63 - 1, -2**63, 2**64, 10**30, 10**400, 1e308, -1e308,
            1e-320, float('inf'), float('-inf'), float('nan'), 0.5, True)
OTHERS = (None, '', 'x', 'a\nb', 'x' * 100000, '\ud800', '\x00', b'\xff', [], {}, (), [[]], [[1, 2], [3]], {
    1: 2
}, set(), np.zeros(0), np.zeros((2, 0, 4)), np.zeros(
    (1, ) * 30), np.array('text'), np.array([b'x']), np.array(5), np.full(3, np.nan), np.array([1j]),
          np.array([2**63], np.uint64), np.array([True]), torch.zeros(0), torch.ones(3, dtype=torch.float16))
# Texts that stand in for a number or a name in a text file.
WORDS = ('', ' ', '-1', '0', '1e999', '-1e999', 'nan', 'inf', '9' * 19, '9' * 400, '9' * 5000, '1_0', '0x10', '１２',
         '1.5', '1,5', 'é', '\ufeff', '\u2028', '"', '""', "'", '\\', '%s', '{}', '\x1b[2J', 'x' * 200000, '1e-400',
         '-0', '+1')
OPCODES = bytes(range(0x28, 0x98))


def mutate_bytes(content: bytes, rng: random.Random) -> bytes:
    """Changes one to four places of a file: flips, cuts, doubles, moves and replaces.

    Args:
        content (bytes): A good file.
        rng (random.Random): The chance.

    Returns:
        bytes: Most often no good file any more.
    """
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        length = min(rng.choice((1, 1, 2, 4, 8, 64, 4096)), len(data) - at)
        kind = rng.randrange(11)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            del data[at:at + length]
        elif kind == 3:
            data[at:at] = data[at:at + length] * rng.choice((1, 2, 30))
        elif kind == 4:
            data[at:at + length] = rng.randbytes(length)
        elif kind == 5:  # lengths and numbers
            size = rng.choice((1, 2, 4, 8))
            value = rng.choice((0, 1, 2**(8 * size) - 1, 2**(8 * size - 1), 2**(8 * size - 1) - 1, 10**2))
            data[at:at + size] = value.to_bytes(size, rng.choice(('little', 'big')))
        elif kind == 6 and at < len(data):  # steps of a pickle
            data[at] = rng.choice(OPCODES)
        elif kind == 7:
            data[at:at] = rng.choice(
                (b'\x00', b'\xff\xfe', b'\xef\xbb\xbf', b'\r', b'\n', b'\xff', b'"', b',', b'(' * 500))
        elif kind == 8:
            other = rng.randrange(len(data) + 1)
            data[at:at + length] = data[other:other + length]
        elif kind == 9:
            data += rng.choice((b'\x00' * 100, content[:100], content[-100:]))
        else:  # runs of digits
            digits = list(re.finditer(rb'\d+', bytes(data)))
            if digits:
                found = rng.choice(digits)
                data[found.start():found.end()] = rng.choice(WORDS).encode()
    return bytes(data)


def mutate_text(content: str, rng: random.Random, separator: str = ',') -> bytes:
    """Replaces, drops or doubles fields and lines of a text file.

    Args:
        content (str): A good file.
        rng (random.Random): The chance.
        separator (str): Between the fields of a line.

    Returns:
        bytes: UTF-8, or not.
    """
    lines = content.split('\n')
    for _ in range(rng.choice((1, 1, 2, 5))):
        line = rng.randrange(len(lines))
        fields = lines[line].split(separator)
        field = rng.randrange(len(fields))
        kind = rng.randrange(6)
        if kind <= 2:
            fields[field] = rng.choice(WORDS)
        elif kind == 3:
            del fields[field]
        elif kind == 4:
            fields[field:field] = [fields[field]] * rng.choice((1, 3, 2000))
        lines[line] = separator.join(fields)
        if kind == 5:
            lines[line:line] = [lines[line], rng.choice(WORDS)]
    text = rng.choice(('\n', '\n', '\n', '\r\n', '\r')).join(lines)
    return text.encode(rng.choice(('utf-8', 'utf-8', 'utf-8', 'utf-16', 'utf-8-sig', 'latin1')), 'replace')


def mutate_value(value: Any, rng: random.Random) -> Any:
    """Replaces one to three parts of nested containers by something of another type, size or range.

    Args:
        value (Any): Dicts, lists, tuples, arrays, tensors, numbers, texts; it stays as it is.
        rng (random.Random): The chance.

    Returns:
        Any: The changed copy.
    """
    value = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        value = _mutate_part(value, rng)
    return value


def _mutate_part(value: Any, rng: random.Random) -> Any:
    if rng.random() < 0.15 or not isinstance(value, (dict, list, tuple, np.ndarray, torch.Tensor)):
        return rng.choice(EXTREMES + OTHERS) if rng.random() < 0.9 else [value] * 3
    if isinstance(value, dict):
        key = rng.choice(list(value)) if value else 'x'
        kind = rng.random()
        if kind < 0.15:
            value.pop(key, None)
        elif kind < 0.25:
            value[rng.choice((None, 1, '', 'x\ny', (1, 2), b'k', 1.5))] = value.get(key)
        else:
            value[key] = _mutate_part(value.get(key), rng)
        return value
    if isinstance(value, (list, tuple)):
        items = list(value)
        if items and rng.random() < 0.8:
            at = rng.randrange(len(items))
            items[at] = _mutate_part(items[at], rng)
        else:
            items = rng.choice(([], items * 2, items[:-1], [*items, None]))
        return type(value)(items)
    return _mutate_numbers(value, rng)


def _mutate_numbers(value: Any, rng: random.Random) -> Any:
    """An array or tensor of another type, shape or content."""
    tensor = isinstance(value, torch.Tensor)
    array = np.array(value.float().numpy() if tensor else value)
    kind = rng.randrange(6)
    with warnings.catch_warnings(), np.errstate(all='ignore'):
        warnings.simplefilter('ignore')
        if kind == 0:
            array = array.reshape(-1) if rng.random() < 0.5 else array[None]
        elif kind == 1:
            array = array[..., :rng.randrange(1 + (array.shape or (0, ))[-1])] if array.ndim else array[None]
        elif kind == 2 and array.dtype.kind != 'U':
            kind = rng.choice(('i1', 'u8', 'f2', '>f4', '?', 'c8', 'U20', 'S9', 'f8', 'i8'))
            try:
                array = array.astype(kind)
            except ValueError:
                array = np.zeros(array.shape, kind)
        elif kind == 3:
            array = array[:rng.randrange(1 + len(array))] if array.ndim else array
        elif array.size:
            if array.dtype.kind in 'iu' and rng.random() < 0.5:
                array = array.astype('f8')
            extreme = rng.choice(EXTREMES[:-3])
            try:
                array.reshape(-1)[rng.randrange(array.size)] = extreme
            except (OverflowError, ValueError):
                array = np.zeros_like(array)
    try:
        return torch.from_numpy(array) if tensor else array
    except TypeError:
        return array


def faults_of(read: Callable[[str], Any], make: Callable[[random.Random], bytes], path: Path, count: int) -> List[str]:
    """What is wrong with how changed files are read, see :func:`judge`.

    Args:
        read (Callable): Takes the path.
        make (Callable): Makes a changed file of a chance, which is seeded with its number.
        path (Path): Where each of them is written.
        count (int): How many.

    Returns:
        list[str]: A line for each that was neither read nor refused as it should be.
    """
    faults = []
    for number in range(count):
        path.write_bytes(make(random.Random(number)))
        reason = judge(read, path)
        if reason is not None:
            faults.append(f'{number}: {reason}')
    return faults


def pickled(good: Sequence[Any], protocols: Sequence[int] = (2, 4)) -> Callable[[random.Random], bytes]:
    """Makes changed pickles: half of them of changed content, half of changed bytes.

    Args:
        good (Sequence): Good contents, one of which is taken.
        protocols (Sequence[int]): Of pickle, one of which is taken.

    Returns:
        Callable: See :func:`faults_of`.
    """

    def make(rng: random.Random) -> bytes:
        value = rng.choice(good)
        if rng.random() < 0.5:
            return mutate_bytes(pickle.dumps(value, rng.choice(protocols)), rng)
        try:
            return pickle.dumps(mutate_value(value, rng), rng.choice(protocols))
        except Exception:  # lone surrogates
            return b''

    return make


def written(good: str, separator: str = ',') -> Callable[[random.Random], bytes]:
    """Makes changed text files, a third of them of changed bytes.

    Args:
        good (str): A good file.
        separator (str): Between the fields of a line.

    Returns:
        Callable: See :func:`faults_of`.
    """

    def make(rng: random.Random) -> bytes:
        return mutate_bytes(good.encode(), rng) if rng.random() < 0.3 else mutate_text(good, rng, separator)

    return make


def judge(read: Callable[[str], Any], path: Path) -> Optional[str]:
    """Reads a file and says what is wrong with how that went.

    Args:
        read (Callable): Takes the path.
        path (Path): The file.

    Returns:
        str or None: None if the file was read, or refused with one of the project's errors whose message is one line
        and names the file; warnings are faults as well.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            read(str(path))
        except LaunchError as error:
            message = str(error)
            if not message or not is_one_line(message):
                return f'a message on several lines: {message[:300]!r}'
            if path.name not in message:
                return f'a message without the name of the file: {message[:300]}'
            if len(message) > 1500:
                return f'a message of {len(message)} characters: {message[:100]}'
        except Exception as error:
            where = error.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            place = f'{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}' if where else ''
            return f'{type(error).__name__} ({place}): {str(error)[:300]}'
    # Pages of a library about itself are none of the file's.
    told = [item for item in caught if not issubclass(item.category, DeprecationWarning)]
    return f'a warning: {told[0].category.__name__} {str(told[0].message)[:200]}' if told else None
