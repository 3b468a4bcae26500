"""Building a detector and loading its weights."""
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config

from mmstep.apis import init_detector
from mmstep.errors import LaunchError


def test_weights_are_loaded_and_the_model_is_ready(tmp_path):
    path = str(tmp_path / 'm.pth')
    torch.save(dict(state_dict={'module.weight': torch.full((1, ), 7.0)}, meta={}), path)
    model = init_detector(square_config(), path, 'cpu')
    assert isinstance(model, SquareDetector) and not model.training
    assert model.weight.item() == 7 and model.cfg.class_names == ['left', 'right']


def test_checkpoint_of_another_model_is_refused_with_names(tmp_path):
    path = str(tmp_path / 'm.pth')
    torch.save(dict(state_dict={'other.weight': torch.zeros(1)}), path)
    with pytest.raises(LaunchError) as error:
        init_detector(square_config(), path, 'cpu')
    assert 'other.weight' in str(error.value) and '1 parameters of the model are not in the file' in str(error.value)


@pytest.mark.parametrize('device', ['cuda:77', 'toaster'])
def test_device_that_is_not_there(device):
    with pytest.raises(LaunchError, match=f'{device}.*--device cpu'):
        init_detector(square_config(), device=device)


def test_missing_config_and_checkpoint():
    with pytest.raises(LaunchError, match='nowhere.py'):
        init_detector('nowhere.py')
    with pytest.raises(LaunchError, match='nowhere.pth'):
        init_detector(square_config(), 'nowhere.pth', 'cpu')
