"""Messages about checkpoint files."""
import os
import pathlib
from collections import OrderedDict

import numpy as np
import pytest
import torch
from helpers.file_faults import faults_of, mutate_bytes
from mmengine.logging import HistoryBuffer
from torch import nn

from mmstep.checkpoints.checkpoint import match_weights, read_checkpoint, report_initialisation, require_whole
from mmstep.errors import LaunchError


class Tiny(nn.Module):

    def __init__(self, width=3):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv1d(1, width, 1), nn.BatchNorm1d(width))
        self.head = nn.Linear(width, 2)


def save(path, **extra):
    torch.save(dict(state_dict=Tiny().state_dict(), meta=dict(iter=3), **extra), path)
    return str(path)


def test_reads_a_good_file(tmp_path):
    checkpoint = read_checkpoint(save(tmp_path / 'good.pth'))
    assert match_weights(Tiny(), checkpoint).whole
    old = str(tmp_path / 'old.pth')
    torch.save(checkpoint['state_dict'], old, _use_new_zipfile_serialization=False)  # weights alone, old format
    assert match_weights(Tiny(), read_checkpoint(old)).whole


def test_wrapped_model_and_missing_batch_norm_counter_fit():
    state = {f'module.{k}': v for k, v in Tiny().state_dict().items() if not k.endswith('num_batches_tracked')}
    assert match_weights(Tiny(), dict(state_dict=state)).whole


def test_absent_file_names_its_neighbours(tmp_path):
    save(tmp_path / 'iter_10.pth')
    with pytest.raises(LaunchError, match=r'iter_20.pth does not exist. In its folder are: iter_10.pth'):
        read_checkpoint(str(tmp_path / 'iter_20.pth'))


@pytest.mark.parametrize('content, message', [
    (lambda good: b'', 'is empty'),
    (lambda good: good[:len(good) // 2], 'cut off'),
    (lambda good: good[:100], 'cut off'),
    (lambda good: good + bytes(10**5), 'cut off'),
    (lambda good: b'<html>not found</html>', 'cut off .* or is another kind of file'),
    (lambda good: b'\x80\x02}q\x00.', 'cannot be read|is no checkpoint'),
])
def test_damaged_files(tmp_path, content, message):
    path = save(tmp_path / 'x.pth')
    with open(path, 'rb') as file:
        good = file.read()
    with open(path, 'wb') as file:
        file.write(content(good))
    with pytest.raises(LaunchError, match=f'x.pth.*{message}'):
        read_checkpoint(path)


def test_foreign_objects_are_refused(tmp_path):
    path = save(tmp_path / 'x.pth', config=pathlib.PurePosixPath('x'))
    with pytest.raises(LaunchError, match=r'Python objects besides weights \(\S*pathlib'):
        read_checkpoint(path)


class Calls:
    """Calls a function when it is read by a plain unpickler."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    'item, asked', [
        (Calls(os.system, 'true'), 'asks for posix.system, which no weight file needs'),
        (Calls(getattr, HistoryBuffer,
               '__init__'), r'asks for getattr\(.*HistoryBuffer.*__init__.*no weight file needs'),
        (np.array([1, 'a'], object), "asks for arrays of the type 'O8', which no weight file needs"),
        (Calls(exec, '1'), r'holds Python objects besides weights \(exec\)'),
        (Calls(OrderedDict, 3), 'cannot be read as a checkpoint'),
    ],
    ids=range(5))
@pytest.mark.parametrize('zipped', [True, False])
def test_what_a_file_asks_for_is_named_and_loading_it_unprotected_is_not_advised(tmp_path, item, asked, zipped):
    path = str(tmp_path / 'x.pth')
    torch.save(dict(state_dict=Tiny().state_dict(), x=item), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(LaunchError, match=asked) as error:
        read_checkpoint(path)
    assert 'x.pth' in str(error.value) and 'weights_only' not in str(error.value)


def test_no_checkpoint_at_all(tmp_path):
    path = str(tmp_path / 'x.pth')
    torch.save(dict(figures=[1, 2]), path)
    with pytest.raises(LaunchError, match='holds no state_dict of tensors, but a dict with the keys figures'):
        read_checkpoint(path)


def test_checkpoint_of_another_model():
    state = {'backbone.conv1.weight': torch.zeros(4, 3), 'cls_head.fc.bias': torch.zeros(4)}
    with pytest.raises(LaunchError) as error:
        require_whole(Tiny(), dict(state_dict=state), 'slow.pth', 'configs/a.py')
    message = str(error.value)
    assert 'slow.pth is not one of the model in configs/a.py' in message
    assert '8 parameters of the model are not in the file' in message and '... and 3 more' in message
    assert '2 weights in the file are not in the model' in message and '    cls_head.fc.bias' in message
    assert 'The file holds 2 weights' in message and 'backbone.conv1 1' in message


def test_another_width():
    message = r'7 weights have another shape(?s:.*)backbone.0.bias \(5,\) \(the model has \(3,\)\)'
    with pytest.raises(LaunchError, match=message):
        require_whole(Tiny(), dict(state_dict=Tiny(5).state_dict()), 'a.pth', 'a.py')


def test_initialisation_says_what_was_loaded(monkeypatch):
    from mmstep.checkpoints import checkpoint
    said = []
    monkeypatch.setattr(checkpoint, 'print_log', lambda message, **_: said.append(message))
    part = {k: v for k, v in Tiny().state_dict().items() if k.startswith('backbone')}
    report_initialisation(Tiny(), dict(state_dict=part), 'i3d.pth')
    assert 'load_from i3d.pth: 7 weights loaded: backbone' in said[0]
    assert '2 parameters of the model keep their own initialisation (head 2)' in said[0]
    with pytest.raises(LaunchError, match='Nothing in i3d.pth'):
        report_initialisation(Tiny(), dict(state_dict={'fc.weight': torch.zeros(2)}), 'i3d.pth')


@pytest.mark.parametrize('zipped', [True, False])
def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path, zipped):
    content = dict(state_dict=Tiny().state_dict(), hub=HistoryBuffer([1., 2.], [1, 1]), seed=np.float64(3))
    torch.save(content, tmp_path / 'good.pth', _use_new_zipfile_serialization=zipped)
    good = (tmp_path / 'good.pth').read_bytes()
    assert faults_of(read_checkpoint, lambda rng: mutate_bytes(good, rng), tmp_path / 'x.pth', 100) == []
