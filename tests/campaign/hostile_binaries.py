"""Hostile archives and weight files of :mod:`.hostile_files`: a name that says what is wrong -> content."""
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any, Dict

import numpy as np
import torch
from helpers.tube_cases import random_case

from mmstep.evaluation.files import write_npz
from .hostile_content import Forged, Program, archive, doubled


def archives(folder: Path) -> Dict[str, bytes]:
    """Archives in the place of tubes and tubelets."""
    write_npz(str(folder / 'whole.npz'), *random_case(0))
    with np.load(folder / 'whole.npz') as file:
        good = dict(file)
    members = {}
    with zipfile.ZipFile(folder / 'whole.npz') as file:
        members = {item.filename: file.read(item) for item in file.infolist()}
    rows = members['gt_rows.npy']

    def arrays(**change: Any) -> bytes:
        out = io.BytesIO()
        np.savez(out, **{**good, **change})
        return out.getvalue()

    head = rows[:10] + rows[10:].partition(b'}')[0] + b'}'
    huge = head.replace(b"'shape': (", b"'shape': (1000000000000, ")
    return {
        'an empty archive': b'',
        'a pickle': pickle.dumps(Program()),
        'an archive of a text': archive(a=b'text'),
        'arrays of objects': arrays(labels=np.array([Program(), Program(), Program()])),
        'a bomb': archive(**{
            **members, 'gt_rows.npy': rows + bytes(4 * 10**8)
        }),
        'a header of 10^12 rows': archive(**{
            **members, 'gt_rows.npy': huge + rows[len(head):]
        }),
        'a header that is a program': archive(**{
            **members, 'gt_rows.npy': rows.replace(b"{'descr'", b"exit(), {'d'")
        }),
        'frames that are NaN': arrays(gt_rows=np.where([True, False, False, False, False], np.nan, good['gt_rows'])),
        'boxes of 1e300': arrays(gt_rows=good['gt_rows'] * [1, 1, 1, 1e300, 1e300]),
        'videos of 10^15 frames': arrays(nframes=good['nframes'] + 10**15),
        'tubelets from frame 2^62': arrays(det_start=good['det_start'] + 2**62),
        'tubelets of a billion frames': arrays(
            det_video=good['det_video'][:0],
            det_start=good['det_start'][:0],
            det_scores=good['det_scores'][:0],
            det_boxes=np.zeros((0, 10**9, 4))),
        'scores as complex numbers': arrays(det_scores=good['det_scores'] + 1j),
        'a number for an array': arrays(gt_video=np.int64(1)),
    }


def saved(content: Any, zipped: bool = True) -> bytes:
    """A checkpoint's bytes."""
    out = io.BytesIO()
    torch.save(content, out, _use_new_zipfile_serialization=zipped)
    return out.getvalue()


class Rebuilt:
    """Pickled as a tensor of a shape that its numbers do not have."""

    def __init__(self, size: tuple, stride: tuple, offset: int = 0) -> None:
        storage = torch.zeros(4)._typed_storage()
        self.made = torch._utils._rebuild_tensor_v2, (storage, offset, size, stride, False, None)

    def __reduce__(self) -> tuple:
        return self.made


def checkpoints(folder: Path) -> Dict[str, bytes]:
    """Files in the place of weights."""
    weights = {f'backbone.{i}.weight': torch.zeros(3, 4) for i in range(3)}
    good = dict(state_dict=weights, meta=dict(iter=1), optimizer={})
    cycle = dict(good)
    cycle['optimizer'] = cycle
    whole, old = saved(good), saved(good, False)
    inner = {}
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        inner = {item.filename: file.read(item) for item in file.infolist()}
    bomb = {name: data + bytes(10**8) if name.endswith('/0') else data for name, data in inner.items()}
    return {
        'no bytes': b'',
        'a text': b'<html>not found</html>',
        'the first half': whole[:len(whole) // 2],
        'the first half in the old format': old[:len(old) // 2],
        'a program': saved(dict(good, x=Program())),
        'a program in the old format': saved(dict(good, x=Program()), False),
        'a bare program': pickle.dumps(Program(), 2),
        'an array of addresses': saved(dict(good, x=Forged())),
        'an array of addresses in the old format': saved(dict(good, x=Forged()), False),
        'a tensor of 2^40 numbers': saved(dict(state_dict=dict(weights, x=Rebuilt((2**40, ), (0, ))))),
        'a tensor outside of its numbers': saved(dict(state_dict=dict(weights, x=Rebuilt((4, ), (9, ))))),
        'a tensor before its numbers': saved(dict(state_dict=dict(weights, x=Rebuilt((1, ), (1, ), -1)))),
        'a sparse tensor': saved(dict(state_dict=dict(weights, x=torch.zeros(2, 2).to_sparse()))),
        'a tensor on no device': saved(dict(state_dict=dict(weights, x=torch.zeros(2, device='meta')))),
        'an archive that unfolds': archive(**bomb),
        'a dict that holds itself': saved(cycle),
        'tuples of tuples': saved(dict(state_dict=weights, x=doubled())),
        'a list': saved([1, 2]),
        'no weights': saved(dict(epoch=3)),
        'an archive without a pickle': archive(**{
            name: data
            for name, data in inner.items() if 'data.pkl' not in name
        }),
    }
