"""The newest sound checkpoint of a run: cut off, bit-flipped and non-finite ones are passed over."""
import os
import shutil
import zipfile

import pytest
import torch

from mmstep.checkpoints import find_resumable, read_resumable
from mmstep.errors import LaunchError


def save(path, iteration=0, weight=1., optimizer=True):
    content = dict(meta=dict(iter=iteration), state_dict=dict(fc=torch.full((64, 64), weight)))
    if optimizer:
        content['optimizer'] = dict(state={0: dict(momentum=torch.zeros(8))})
    torch.save(content, path)
    return str(path)


def point(folder, name):
    (folder / 'last_checkpoint').write_text(str(name))


def truncate(path):
    os.truncate(path, os.path.getsize(path) // 2)


def flip_bit(path):
    """Of a weight: the file can be read and its numbers are wrong."""
    with zipfile.ZipFile(path) as archive:
        member = next(info for info in archive.infolist() if info.filename.endswith('data/0'))
    with open(path, 'r+b') as file:
        file.seek(member.header_offset + 200)
        byte = file.read(1)[0]
        file.seek(member.header_offset + 200)
        file.write(bytes([byte ^ 1]))


def spoil(path):
    save(path, 20, float('nan'))


def spoil_optimizer(path):
    content = torch.load(path)
    content['optimizer']['state'][0]['momentum'][3] = float('inf')
    torch.save(content, path)


@pytest.mark.parametrize('target', [str, os.path.basename])
def test_follows_last_checkpoint(tmp_path, target):
    good = save(tmp_path / 'iter_10.pth', 10)
    save(tmp_path / 'iter_20.pth', 20)
    point(tmp_path, target(good))
    assert find_resumable(str(tmp_path)) == good


@pytest.mark.parametrize('damage, said', [
    (truncate, 'cannot be read as a checkpoint'),
    (flip_bit, 'is damaged: the checksum of'),
    (spoil, 'not finite .1 tensors: state_dict.fc.'),
    (spoil_optimizer, 'not finite .1 tensors: optimizer.state.0.momentum.'),
    (os.remove, 'does not exist'),
])
@pytest.mark.parametrize('pointer', ['iter_20.pth', ''])
def test_falls_back_to_the_newest_sound_one(tmp_path, damage, said, pointer):
    save(tmp_path / 'iter_5.pth', 5)
    good = save(tmp_path / 'iter_10.pth', 10)
    bad = save(tmp_path / 'iter_20.pth', 20)
    save(tmp_path / 'best_iter_10.pth', 10, optimizer=False)
    # A copied folder: times say nothing.
    for age, name in enumerate(['iter_20.pth', 'iter_10.pth', 'iter_5.pth', 'best_iter_10.pth']):
        os.utime(tmp_path / name, (1e9 + age, 1e9 + age))
    point(tmp_path, pointer)
    damage(bad)
    assert find_resumable(str(tmp_path)) == good
    with pytest.raises(LaunchError, match=said):
        read_resumable(bad)


def test_copied_folder_goes_on_from_its_own_file(tmp_path):
    save(tmp_path / 'iter_10.pth', 10)
    point(tmp_path, tmp_path / 'iter_10.pth')
    shutil.copytree(tmp_path, tmp_path / 'copy')
    assert find_resumable(str(tmp_path / 'copy')) == str(tmp_path / 'copy' / 'iter_10.pth')


def test_weights_alone_are_no_training_to_go_on_with(tmp_path):
    with pytest.raises(LaunchError, match='no state of an optimizer.*--load-from'):
        read_resumable(save(tmp_path / 'best.pth', optimizer=False))


def test_nothing_there(tmp_path):
    assert find_resumable(str(tmp_path)) is None
    assert find_resumable(str(tmp_path / 'absent')) is None
