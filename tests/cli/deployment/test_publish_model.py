"""tools/deployment/publish_model.py: a file of weights to give away from a checkpoint of a training."""
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import init_detector
from mmstep.checkpoints import read_checkpoint
from mmstep.cli.deployment import publish_model
from mmstep.engine.config_files import config_path, model_digest
from mmstep.errors import LaunchError

CONFIG = 'step_tiny_mini-ava'


def publish(*arguments):
    """Runs the tool in this process."""
    publish_model.main([str(word) for word in arguments])


def test_what_only_training_needs_is_left_out(tmp_path, capsys):
    cfg = Config.fromfile(config_path(CONFIG))
    state = MODELS.build(cfg.model).state_dict()
    torch.save(
        dict(
            state_dict=state,
            optimizer=dict(state={0: torch.zeros(100_000)}),
            meta=dict(iter=1200, seed=3, cfg='a = 1', time='now')), tmp_path / 'iter_1200.pth')
    publish(tmp_path / 'iter_1200.pth', tmp_path / 'out.pth', '--config', CONFIG, '--half', '--note', 'It sees.')
    content = read_checkpoint(str(tmp_path / 'out.pth'))
    assert set(content) == {'meta', 'state_dict'}
    meta = content['meta']
    assert (meta['iter'], meta['seed'], meta['config'], meta['note']) == (1200, 3, CONFIG, 'It sees.')
    assert meta['digest'] == model_digest(cfg) in capsys.readouterr().out
    assert (tmp_path / 'out.pth').stat().st_size < 2 * 2**20
    # Half precision: within a two-thousandth of each weight.
    assert all(
        torch.allclose(content['state_dict'][key].to(value), value, rtol=1e-3, atol=1e-6)
        for key, value in state.items())
    assert init_detector(CONFIG, str(tmp_path / 'out.pth'), 'cpu').cfg.model == cfg.model


def test_weights_of_another_model_are_refused(tmp_path):
    torch.save(dict(state_dict={'a.weight': torch.zeros(2)}), tmp_path / 'a.pth')
    with pytest.raises(LaunchError, match='is not one of the model in'):
        publish(tmp_path / 'a.pth', tmp_path / 'out.pth', '--config', CONFIG)
    assert not (tmp_path / 'out.pth').exists()
