"""demo/web_demo.py without a browser: its command line and its models."""
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config

from mmstep.cli.demo import web_demo
from mmstep.engine.model_zoo import packaged_weights
from mmstep.errors import LaunchError


@pytest.fixture
def square_files(tmp_path):
    """A config and a checkpoint that fit together."""
    square_config().dump(str(tmp_path / 'square.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'square.pth')
    return [str(tmp_path / 'square.py'), str(tmp_path / 'square.pth')]


def test_models_of_one_config_have_different_names(square_files):
    models = web_demo.load_models(square_files * 2, 'cpu')
    assert list(models) == ['square', f'square ({square_files[1]})']


def test_models_come_in_pairs(capsys):
    with pytest.raises(SystemExit):
        web_demo.parse_args(['model.pth'])
    assert 'models come in pairs' in capsys.readouterr().err
    with pytest.raises(LaunchError, match='step_tiny_mini-ucf.py needs a checkpoint'):
        web_demo.load_models(['step_tiny_mini-ucf'], 'cpu')
    model, = web_demo.load_models(web_demo.parse_args([]).models, 'cpu').values()
    assert model.weights == packaged_weights('step_tiny_mini-ava')


def test_what_visitors_may_bring(square_files):
    args = web_demo.parse_args([*square_files, '--max-mb', '20'])
    assert (args.max_mb, args.max_minutes, args.host) == (20, 10, '127.0.0.1')
