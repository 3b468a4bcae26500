"""The weights that come with mmstep: whose they are, what is said of them; they detect before any training."""
import logging
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmstep.apis import STEPInferencer, init_detector, list_models
from mmstep.apis.init_detector import require_weights
from mmstep.checkpoints import read_checkpoint
from mmstep.engine.config_files import model_digest
from mmstep.engine.model_zoo import find_model, packaged_weights
from mmstep.errors import LaunchError

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / 'mmstep/weights').glob('*.pth'))


@pytest.mark.parametrize('name', NAMES)
def test_weights_belong_to_the_config_of_today_and_have_a_card(name):
    meta = read_checkpoint(packaged_weights(name))['meta']
    config = find_model(name)[0]
    assert meta['config'] == name
    assert meta['digest'] == model_digest(Config.fromfile(config)), 'the config has changed: train and publish anew'
    card = (ROOT / f'mmstep/weights/{name}.md').read_text(encoding='utf-8')
    assert meta['digest'] in card and f'seed {meta["seed"]}' in card and 'publish_model.py' in card
    assert Path(packaged_weights(name)).stat().st_size < 2 * 2**20


def test_models_with_weights_are_told_from_those_to_train():
    assert list_models(with_weights=True) == NAMES == ['step_tiny_mini-ava']
    assert set(list_models(with_weights=False)) == set(list_models()) - set(NAMES)


def test_command_lines_take_them_where_no_checkpoint_is_given():
    assert require_weights('step_tiny_mini-ava', None) == packaged_weights('step_tiny_mini-ava')
    assert require_weights(find_model('step_tiny_mini-ava')[0], 'own.pth') == 'own.pth'
    with pytest.raises(LaunchError, match='needs a checkpoint: .* Weights come with step_tiny_mini-ava'):
        require_weights(find_model('step_i3d_ava')[0], None)


def test_a_named_model_has_its_weights_and_says_once_what_they_know(caplog):
    with caplog.at_level(logging.WARNING):
        model = init_detector('step_tiny_mini-ava', device='cpu')
        inferencer = STEPInferencer('step_tiny_mini-ava', device='cpu', show_progress=False)
    assert inferencer.weights == packaged_weights('step_tiny_mini-ava')
    assert {value.dtype for value in model.state_dict().values() if value.is_floating_point()} == {torch.float32}
    own, other = model.state_dict(), inferencer.model.state_dict()
    assert all(torch.equal(own[key], other[key]) for key in own)
    said = [record.getMessage() for record in caplog.records if 'drawn figures' in record.getMessage()]
    assert len(said) <= 1  # at most: another test may have had it said
    # A config's path names a model without weights, as before.
    random = init_detector(find_model('step_tiny_mini-ava')[0], device='cpu').state_dict()
    assert any(not torch.equal(own[key], random[key]) for key in own)
