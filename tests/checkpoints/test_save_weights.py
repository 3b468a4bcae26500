"""Writing converted weights: where, and all or nothing."""
import pytest
import torch

from mmstep.checkpoints.checkpoint import read_checkpoint
from mmstep.checkpoints.save_weights import check_output, save_weights
from mmstep.errors import LaunchError


def test_outputs_that_cannot_be(tmp_path):
    source = tmp_path / 'in.pth'
    source.touch()
    check_output(str(source), str(tmp_path / 'out.pth'))
    with pytest.raises(LaunchError, match='is the file that is read'):
        check_output(str(source), str(tmp_path / '.' / 'in.pth'))
    with pytest.raises(LaunchError, match='is a folder'):
        check_output(str(source), str(tmp_path))
    with pytest.raises(LaunchError, match=r'The folder .*absent does not exist. Make it first: mkdir -p'):
        check_output(str(source), str(tmp_path / 'absent' / 'out.pth'))


def test_round_trip_of_views_and_halves(tmp_path):
    large = torch.arange(10000, dtype=torch.float16).reshape(100, 100)
    out = str(tmp_path / 'out.pth')
    save_weights(out, dict(row=large[1], column=large[:, 0], count=torch.tensor(7)), dict(source='x'))
    content = read_checkpoint(out)
    assert content['meta'] == dict(source='x') and content['state_dict']['count'].dtype == torch.int64
    assert torch.equal(content['state_dict']['row'], large[1].float())
    assert torch.equal(content['state_dict']['column'], large[:, 0].float())
    assert (tmp_path / 'out.pth').stat().st_size < 10000  # two rows, not all hundred
    assert [p.name for p in tmp_path.iterdir()] == ['out.pth']


def test_kernels_in_half_precision(tmp_path):
    out, kernel = str(tmp_path / 'out.pth'), torch.randn(64, 64)
    weights = dict(kernel=kernel, running_var=torch.full((64, ), 1e-9), count=torch.tensor(7))
    save_weights(out, weights, {}, half=True)
    state = read_checkpoint(out)['state_dict']
    assert state['kernel'].dtype == torch.float16 and torch.equal(state['kernel'], kernel.half())
    # float16 would make a variance of it that is zero.
    assert torch.equal(state['running_var'], weights['running_var']) and state['count'].dtype == torch.int64
    with pytest.raises(LaunchError, match='kernel has values over 65504'):
        save_weights(out, dict(kernel=kernel + 1e5), {}, half=True)


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / 'out.pth').write_text('as it was')

    def fill_the_disk(content, path):
        with open(path, 'wb') as file:
            file.write(b'half')
        raise OSError('No space left on device')

    monkeypatch.setattr(torch, 'save', fill_the_disk)
    with pytest.raises(LaunchError, match='out.pth cannot be written: No space left'):
        save_weights(str(tmp_path / 'out.pth'), dict(a=torch.ones(1)), {})
    assert [p.name for p in tmp_path.iterdir()] == ['out.pth'] and (tmp_path / 'out.pth').read_text() == 'as it was'
