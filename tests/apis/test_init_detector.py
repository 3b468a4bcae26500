"""Building a detector and loading its weights."""
import pytest
import torch
from helpers.model_cases import detector_cfg, inputs
from helpers.square_detector import SquareDetector, square_config
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from torch.nn.modules.batchnorm import _BatchNorm

from mmstep.apis import init_detector
from mmstep.apis.init_detector import loads_own_weights, require_weights, weight_files
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


def test_streams_of_a_fusion_load_their_own_checkpoints(tmp_path):
    cfg = Config.fromfile('configs/step/step_tiny_mini-ucf_late.py')
    states = []
    for number, stream in enumerate(cfg.model.streams):
        path = str(tmp_path / f'{number}.pth')
        states.append(MODELS.build({**stream.model, 'data_preprocessor': None, 'init_cfg': None}).state_dict())
        torch.save(dict(state_dict=states[-1], meta={}), path)
        stream.model.init_cfg.checkpoint = path
    assert loads_own_weights(cfg) and not loads_own_weights(square_config())
    fusion = init_detector(cfg, device='cpu')
    for stream, state in zip(fusion.streams, states):
        name = 'roi_head.bbox_head.0.fc_cls.weight'
        assert torch.equal(stream.state_dict()[name], state[name])
    assert weight_files(cfg, None) == [str(tmp_path / name) for name in ('0.pth', '1.pth')]
    assert weight_files(cfg, path) == weight_files(square_config(), path) == [path]
    require_weights(cfg, None)
    require_weights('step_tiny_mini-ava', path)
    with pytest.raises(LaunchError, match='step_tiny_mini-ucf.py needs a checkpoint'):
        require_weights('step_tiny_mini-ucf', None)
    cfg.model.streams[1].model.init_cfg = None
    assert not loads_own_weights(cfg)


@pytest.mark.parametrize('device', ['cuda:77', 'toaster'])
def test_device_that_is_not_there(device):
    with pytest.raises(LaunchError, match=f'{device}.*--device cpu'):
        init_detector(square_config(), device=device)


def test_missing_config_and_checkpoint():
    with pytest.raises(LaunchError, match='nowhere.py'):
        init_detector('nowhere.py')
    with pytest.raises(LaunchError, match='nowhere.pth'):
        init_detector(square_config(), 'nowhere.pth', 'cpu')


@torch.no_grad()
def test_a_detector_in_low_precision_finds_nearly_the_same(tmp_path):
    path = str(tmp_path / 'm.pth')
    torch.save(MODELS.build(detector_cfg(context=True)).state_dict(), path)
    cfg = Config(dict(model=detector_cfg(context=True)))
    exact, low = (init_detector(cfg, path, 'cpu', dtype=dtype)(inputs(1))[-1] for dtype in ('fp32', 'bf16'))
    assert low.scores.dtype == torch.float32
    assert 0 < (low.scores - exact.scores).abs().max() < .02
    with pytest.raises(LaunchError, match='SquareDetector computes in fp32 alone'):
        init_detector(square_config(), device='cpu', dtype='bf16')


def test_a_detector_for_inference_finds_the_same(tmp_path):
    path = str(tmp_path / 'm.pth')
    torch.manual_seed(0)
    trained = MODELS.build(detector_cfg(context=True, test_cfg=dict(score_thr=0.))).eval()
    torch.save(trained.state_dict(), path)
    cfg = Config(dict(model=detector_cfg(context=True, test_cfg=dict(score_thr=0.))))
    ready = init_detector(cfg, path, 'cpu')
    assert not any(isinstance(module, _BatchNorm) for module in ready.modules())
    with torch.no_grad():
        expected, found = (
            model(inputs(1), [ActionDataSample()], mode='predict')[0].pred_instances for model in (trained, ready))
    assert torch.allclose(found.scores, expected.scores, atol=1e-5)
    assert torch.allclose(found.bboxes, expected.bboxes, atol=1e-5)
    # The target clip's three of nine feature frames.
    assert torch.allclose(found.tubes, expected.tubes[:, 3:6], atol=1e-3)
    assert 'tube_frames' not in ready.cfg.model.roi_head.test_cfg
