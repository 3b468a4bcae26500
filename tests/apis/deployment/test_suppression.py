"""Non-maximum suppression inside an ONNX graph."""
import numpy as np
import pytest
import torch

from mmstep.apis.deployment.suppression import add_suppression
from mmstep.errors import LaunchError
from mmstep.structures import multiclass_tube_nms

onnx = pytest.importorskip('onnx')
ort = pytest.importorskip('onnxruntime')


def graph(count, classes, frames):
    """A graph that hands on scores and tubes."""
    shapes = dict(scores=['batch', count, classes], tubes=['batch', count, frames, 4])
    info = onnx.helper.make_tensor_value_info
    return onnx.helper.make_graph(
        [onnx.helper.make_node('Identity', [name], [f'{name}_step1'])
         for name in shapes], 'steps', [info(name, onnx.TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [info(f'{name}_step1', onnx.TensorProto.FLOAT, shape) for name, shape in shapes.items()])


def run(test_cfg, scores, tubes):
    made = graph(*scores.shape[1:], tubes.shape[2])
    assert add_suppression(made, 1, test_cfg) == ['kept_scores']
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid('', 18)], ir_version=10)
    onnx.checker.check_model(model)
    session = ort.InferenceSession(model.SerializeToString())
    return session.run(['kept_scores'], dict(scores=scores, tubes=tubes))[0]


@pytest.mark.parametrize('most', [-1, 20, 300])
def test_same_as_in_torch(most):
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 40, (2, 12, 3, 2))
    tubes = np.concatenate([corner, corner + rng.uniform(10, 60, (2, 12, 3, 2))], axis=-1).astype(np.float32)
    scores = rng.uniform(0, 1, (2, 12, 5)).astype(np.float32)
    found = run(dict(score_thr=0.3, nms=dict(type='nms', iou_threshold=0.4), max_per_img=most), scores, tubes)
    for window in range(2):
        wanted, _ = multiclass_tube_nms(
            torch.from_numpy(tubes[window, :, 1]), torch.from_numpy(scores[window]), 0.3,
            dict(type='nms', iou_threshold=0.4), most)
        assert np.array_equal(found[window], wanted.numpy())
    assert 0 < (found > 0).sum() < scores.size


def test_nobody():
    found = run(dict(score_thr=0.5), np.zeros((1, 3, 2), np.float32), np.ones((1, 3, 1, 4), np.float32))
    assert found.shape == (1, 3, 2) and not found.any()


def test_other_kinds_are_refused():
    with pytest.raises(LaunchError, match='soft_nms.*has no form in ONNX'):
        add_suppression(graph(3, 2, 1), 1, dict(nms=dict(type='soft_nms', iou_threshold=0.4)))
