"""Files of torch whose tensors are plain and that take no more memory than they are long."""
import pickle
import zipfile

import pytest
import torch

from mmstep.checkpoints.checkpoint import read_checkpoint
from mmstep.checkpoints.trust import load_weights_only
from mmstep.errors import LaunchError


class Rebuilt:
    """Pickled as a tensor of another shape than its numbers'."""

    def __init__(self, size, stride):
        self.made = torch._utils._rebuild_tensor_v2, (torch.zeros(4)._typed_storage(), 0, size, stride, False, None)

    def __reduce__(self):
        return self.made


def cycle():
    value = {}
    value['again'] = value
    return value


@pytest.mark.parametrize(
    'tensor, reason', [
        (torch.sparse_coo_tensor([[0]], [1.], (2, )), r'a tensor of the kind torch.sparse_coo on "cpu"'),
        (torch.zeros(2, device='meta'), 'a tensor of the kind torch.strided on "meta"'),
        (torch.quantize_per_tensor(torch.zeros(2), 1., 0, torch.qint8), 'no plain one'),
        (torch.zeros(1).expand(2**40), r'a tensor of the shape \(1099511627776,\), larger than its 4 bytes'),
        (Rebuilt((2**40, ), (0, )), 'larger than its'),
        (cycle(), 'a container that holds itself'),
    ],
    ids=range(6))
@pytest.mark.parametrize('zipped', [True, False])
def test_what_is_no_plain_tensor_is_refused(tmp_path, tensor, reason, zipped):
    path = str(tmp_path / 'x.pth')
    torch.save(dict(state_dict=dict(w=tensor)), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(LaunchError, match=rf'^\S*x.pth cannot be read as a checkpoint .*{reason}.*$'):
        read_checkpoint(path)


def test_views_and_shared_weights_load(tmp_path):
    weight = torch.arange(6.).reshape(2, 3)
    torch.save(dict(a=weight, b=weight, c=weight.t(), d=weight[:, :1].expand(2, 9)), tmp_path / 'x.pth')
    loaded = load_weights_only(str(tmp_path / 'x.pth'))
    assert torch.equal(loaded['c'], weight.t()) and loaded['d'].shape == (2, 9)


def test_compressed_file_is_refused(tmp_path):
    torch.save(dict(state_dict=dict(w=torch.zeros(10**6))), tmp_path / 'x.pth')
    with zipfile.ZipFile(tmp_path / 'x.pth') as file, zipfile.ZipFile(tmp_path / 'y.pth', 'w', 8) as out:
        for item in file.infolist():
            out.writestr(item.filename, file.read(item))
    with pytest.raises(LaunchError, match=r'y.pth asks for 4,0\d\d,\d\d\d bytes of memory out of \d,\d\d\d, which no'):
        read_checkpoint(str(tmp_path / 'y.pth'))


def test_other_protocols_of_pickle_do_not_warn(tmp_path, recwarn):
    torch.save(dict(w=torch.zeros(1)), tmp_path / 'x.pth', pickle_protocol=3)
    assert load_weights_only(str(tmp_path / 'x.pth'))['w'].shape == (1, )
    assert not recwarn.list


def test_damage_is_left_to_the_caller(tmp_path):
    (tmp_path / 'x.pth').write_bytes(b'\x80\x02}.')
    with pytest.raises((pickle.UnpicklingError, EOFError, RuntimeError)):
        load_weights_only(str(tmp_path / 'x.pth'))
