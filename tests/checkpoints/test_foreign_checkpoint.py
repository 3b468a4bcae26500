"""Weight files of other projects: weights are read, objects named, nothing run."""
import argparse
import pathlib
import pickle
import shutil

import numpy as np
import pytest
import torch

from mmstep.checkpoints.foreign_checkpoint import StandIn, read_foreign
from mmstep.errors import LaunchError

ZIP_OR_OLD = pytest.mark.parametrize('zipped', [True, False], ids=['zip', 'old format'])


class Mine:
    """A class that a reader of the file would not have."""

    def __init__(self, value):
        self.value = value


class Runs:
    """Runs a function when it is read by a plain unpickler."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def save(path, content, zipped=True):
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return str(path)


@ZIP_OR_OLD
def test_training_state_of_a_published_file(tmp_path, zipped):
    cfg = argparse.Namespace(lr=1e-4, steps=[1, 2], name='x', where=pathlib.PurePosixPath('a'))
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.ones(2))])
    content = dict(
        base_net=dict(w=torch.ones(3)),
        cfg=cfg,
        optimizer=optimizer.state_dict(),
        best=np.float64(0.2),
        history=np.arange(3.),
        own=Mine(1))
    file = read_foreign(save(tmp_path / 'x.pth', content, zipped))
    assert torch.equal(file.content['base_net']['w'], torch.ones(3))
    assert file.foreign[0] == 'argparse.Namespace' and set(
        file.foreign[1:]) == {'pathlib.PurePosixPath', f'{Mine.__module__}.Mine'}
    assert isinstance(file.content['cfg'], StandIn) and not vars(file.content['cfg'])
    assert repr(file.content['cfg']) == '<argparse.Namespace, not loaded>'
    assert file.content['best'] == 0.2 and file.content['history'].tolist() == [0, 1, 2]
    assert file.content['optimizer']['param_groups'][0]['lr'] == 1e-3


@ZIP_OR_OLD
def test_nothing_is_run(tmp_path, zipped):
    marker = tmp_path / 'ran'
    content = dict(w=torch.ones(1), a=Runs(shutil.copy, __file__, str(marker)), b=Runs(exec, f'open("{marker}", "w")'))
    path = save(tmp_path / 'x.pth', content, zipped)
    file = read_foreign(path)
    assert file.foreign == ['shutil.copy', 'builtins.exec'] and not marker.exists()
    assert isinstance(file.content['a'], StandIn) and torch.equal(file.content['w'], torch.ones(1))


def test_what_no_file_needs_is_refused(tmp_path):
    import os
    path = save(tmp_path / 'x.pth', dict(w=torch.ones(1), a=Runs(os.system, f'touch {tmp_path}/ran')))
    with pytest.raises(LaunchError, match='x.pth asks for (posix|nt).system, which no weight file needs'):
        read_foreign(path)
    assert not (tmp_path / 'ran').exists()


def test_stand_ins_do_not_stay(tmp_path):
    path = save(tmp_path / 'x.pth', dict(own=Mine(1)))
    read_foreign(path)
    with pytest.raises(pickle.UnpicklingError, match='Mine'):
        torch.load(path, weights_only=True)


def test_plain_weights(tmp_path):
    file = read_foreign(save(tmp_path / 'x.pth', dict(w=torch.ones(1))))
    assert file.foreign == [] and list(file.content) == ['w']


@ZIP_OR_OLD
def test_cut_off_anywhere(tmp_path, zipped):
    path = save(tmp_path / 'x.pth', dict(w=torch.ones(300), cfg=argparse.Namespace(a=1)), zipped)
    with open(path, 'rb') as file:
        whole = file.read()
    for size in range(1, len(whole) - 1, max(len(whole) // 40, 1)):
        with open(path, 'wb') as file:
            file.write(whole[:size])
        with pytest.raises(LaunchError, match=r'x.pth cannot be read .* cut off'):
            read_foreign(path)


@pytest.mark.parametrize('content',
                         [b'<html>404</html>', b'\x89PNG\r\n', b'PK\x03\x04', b'\x80\x04]\x94.', b'\x93NUMPY'])
def test_other_files(tmp_path, content):
    (tmp_path / 'x.pth').write_bytes(content)
    with pytest.raises(LaunchError, match='x.pth cannot be read .* another kind of file'):
        read_foreign(str(tmp_path / 'x.pth'))


def test_absent_and_empty(tmp_path):
    with pytest.raises(LaunchError, match='none.pth does not exist'):
        read_foreign(str(tmp_path / 'none.pth'))
    (tmp_path / 'x.pth').touch()
    with pytest.raises(LaunchError, match='x.pth is empty'):
        read_foreign(str(tmp_path / 'x.pth'))
