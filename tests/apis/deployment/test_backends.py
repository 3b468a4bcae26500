"""A detector in a backend of the user's choice."""
import shutil

import pytest
import torch

from mmstep.apis import init_detector
from mmstep.apis.deployment import ExportedDetector, choose_backend, load_exported, move_to_backend
from mmstep.errors import LaunchError
from mmstep.structures import middle_frames


def test_choice():
    assert choose_backend(None, 'a.pth') == choose_backend(None, None) == 'eager'
    assert choose_backend(None, 'a.onnx') == 'onnxruntime'
    assert choose_backend('openvino', 'a.onnx') == choose_backend('openvino', 'a.pth') == 'openvino'
    with pytest.raises(LaunchError, match="backend 'tensorrt' is unknown; choose eager, compile"):
        choose_backend('tensorrt', None)
    with pytest.raises(LaunchError, match='backend compile runs checkpoints of PyTorch'):
        choose_backend('compile', 'a.onnx')


def test_eager_is_the_model_itself(model):
    assert move_to_backend(model, 'eager') is model


@pytest.mark.slow
@pytest.mark.parametrize('backend', ['onnxruntime', 'openvino'])
class TestExported:

    def test_detects_as_the_model_does(self, backend, model, exported):
        pytest.importorskip(backend)
        detector = load_exported(exported[0], backend=backend)
        assert isinstance(detector, ExportedDetector) and detector.cfg.filename == exported[0]
        windows = torch.randint(256, (2, 3, 36, 64, 64), dtype=torch.uint8)
        with torch.no_grad():
            wanted = model((windows.float() - 127.5) / 127.5, None, mode='tensor')
        for ours, theirs in zip(detector(windows), wanted):
            assert torch.allclose(ours.scores, theirs.scores, atol=1e-4)
            assert torch.allclose(ours.tubes, middle_frames(theirs.tubes, 3), atol=0.05)

    def test_files_that_do_not_belong_together(self, backend, exported, tmp_path):
        pytest.importorskip(backend)
        path = shutil.copy(exported[0], tmp_path)
        with pytest.raises(LaunchError, match='is one of two files, and the other one, .*small.clips.onnx'):
            load_exported(path, backend=backend)

    def test_settings_that_come_too_late(self, backend, exported):
        pytest.importorskip(backend)
        with pytest.raises(LaunchError, match='model.num_clips cannot be set any more'):
            init_detector(exported[0], cfg_options={'model.num_clips': 1}, backend=backend)
        detector = init_detector(exported[0], cfg_options={'model.roi_head.test_cfg.score_thr': 0.5}, backend=backend)
        assert detector.cfg.model.roi_head.test_cfg.score_thr == 0.5

    def test_config_of_other_windows(self, backend, model, exported):
        pytest.importorskip(backend)
        cfg = type(model.cfg)(model.cfg.to_dict())
        for transform in cfg.test_pipeline:
            if transform['type'] == 'SampleTubeWindow':
                transform['fps'] = 24
        with pytest.raises(LaunchError, match='takes windows with fps=12, and .* makes them with fps=24'):
            load_exported(exported[0], cfg, backend)


@pytest.mark.slow
def test_a_checkpoint_is_exported_at_start(model):
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    detector = move_to_backend(model, 'onnxruntime')
    windows = torch.randint(256, (1, 3, 36, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        wanted = model((windows.float() - 127.5) / 127.5, None, mode='tensor')[-1]
    assert torch.allclose(detector(windows)[-1].scores, wanted.scores, atol=1e-4)


def test_precision_that_a_backend_lacks(model):
    with pytest.raises(LaunchError, match='backend onnxruntime computes in fp32 here, not in bf16'):
        move_to_backend(model, 'onnxruntime', 'bf16')
