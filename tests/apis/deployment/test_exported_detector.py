"""A detector whose parts run somewhere else."""
import pytest
import torch
from helpers.exported import small_model
from mmaction.structures import ActionDataSample

from mmstep.apis import init_detector
from mmstep.apis.deployment import ExportedDetector
from mmstep.apis.deployment.graphs import build_parts
from mmstep.apis.drawing import require_steps
from mmstep.errors import LaunchError
from mmstep.structures import step_predictions


def detector_of(model, one_file=False, size=64, num_steps=2):
    parts = build_parts(model, model.cfg, one_file)
    run = {kind: lambda batch, part=part: dict(zip(part.outputs, part.module(batch))) for kind, part in parts.items()}
    return ExportedDetector(model.cfg, run, (size, size), num_steps).eval()


def data(count=2, size=64):
    return dict(
        inputs=[torch.randint(256, (3, 36, size, size), dtype=torch.uint8) for _ in range(count)],
        data_samples=[ActionDataSample(metainfo=dict(img_shape=(size, size))) for _ in range(count)])


@torch.no_grad()
@pytest.mark.parametrize('one_file', [False, True])
def test_detects_as_the_model_does(one_file):
    model = small_model()
    detector, batch = detector_of(model, one_file), data()
    ours = detector.test_step(batch)
    theirs = model.test_step(dict(inputs=batch['inputs'], data_samples=data()['data_samples']))
    for mine, other in zip(ours, theirs):
        assert len(step_predictions(mine)) == len(step_predictions(other)) == 2
        assert len(mine.pred_instances) == len(other.pred_instances) > 0
        assert torch.allclose(mine.pred_instances.bboxes, other.pred_instances.bboxes, atol=1e-5)
        assert torch.allclose(mine.pred_instances.scores, other.pred_instances.scores, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize('clip_features', ['joint', 'independent'])
def test_optical_flow_is_stacked_before_the_graph(clip_features):
    torch.manual_seed(0)
    model = init_detector('step_tiny_mini-ucf_early', device='cpu', cfg_options={'model.clip_features': clip_features})
    detector = detector_of(model, size=128, num_steps=3)
    batch = data(1, size=128)
    flows = [torch.randn(2, 34, 128, 128).half()]
    inputs = dict(imgs=[window[:, :30] for window in batch['inputs']], flows=flows)
    ours, = detector.test_step(dict(inputs=inputs, data_samples=batch['data_samples']))
    theirs, = model.test_step(dict(inputs=inputs, data_samples=data(1, size=128)['data_samples']))
    assert len(ours.pred_instances) == len(theirs.pred_instances) > 0
    assert torch.allclose(ours.pred_instances.scores, theirs.pred_instances.scores, atol=1e-5)
    inputs['flows'] = [torch.zeros(2, 34, 64, 64).half()]
    with pytest.raises(LaunchError, match='pictures of 64x64 .*takes 128x128'):
        detector.test_step(dict(inputs=inputs, data_samples=batch['data_samples']))


@torch.no_grad()
@pytest.mark.parametrize('prune', [dict(score_thr=.9), dict(nms=.3), dict(score_thr=.1, nms=.6)])
def test_tubes_that_the_model_prunes_are_dropped(prune):
    """The graph refines them too; what is detected is the same, at every step."""
    model = small_model()
    for test_cfg in (model.cfg.model.roi_head.test_cfg, model.roi_head.test_cfg):
        test_cfg.update(prune=prune, keep_steps=True, tube_frames='clip')
    batch = data()
    ours = detector_of(model).test_step(batch)
    theirs = model.test_step(dict(inputs=batch['inputs'], data_samples=data()['data_samples']))
    for one, other in zip(ours, theirs):
        for name in ('pred_instances_step1', 'pred_instances'):
            assert len(one.get(name)) == len(other.get(name)) > 0
            assert torch.allclose(one.get(name).scores, other.get(name).scores, atol=1e-5)
            assert torch.allclose(one.get(name).bboxes, other.get(name).bboxes, atol=1e-4)
    model.cfg.model.roi_head.test_cfg.prune = None
    whole, _ = detector_of(model).test_step(dict(inputs=batch['inputs'], data_samples=data()['data_samples']))
    assert len(ours[0].pred_instances) < len(whole.pred_instances)


@torch.no_grad()
def test_features_made_before():
    detector, batch = detector_of(small_model()), data(1)
    assert detector.clip_features == 'independent'
    whole, = detector.test_step(batch)
    inputs = detector.data_preprocessor(batch)['inputs']
    feats = torch.cat([detector.extract_clip_feat(clip) for clip in inputs.split(12, dim=2)], dim=2)
    again, = detector.predict_from_feat(feats, (64, 64), data(1)['data_samples'])
    assert torch.allclose(whole.pred_instances.scores, again.pred_instances.scores, atol=1e-5)


@torch.no_grad()
def test_shows_its_steps():
    detector = detector_of(small_model())
    require_steps(detector)
    first, second = detector(detector.data_preprocessor(data())['inputs'])
    assert first.scores.shape == (22, 9) and first.tubes.shape == (22, 3, 4) and second.tubes.shape == (22, 3, 4)


def test_what_does_not_fit():
    detector = detector_of(small_model())
    with pytest.raises(LaunchError, match='pictures of 32x32 come from the test pipeline, .* takes 64x64'):
        detector.test_step(data(size=32))
    with pytest.raises(RuntimeError, match='cannot be trained'):
        detector(torch.zeros(1), [], mode='loss')


def test_numbers_that_are_not_finite_end_it():
    detector = detector_of(small_model(), one_file=True)
    run = detector.parts['window']
    detector.parts['window'] = lambda batch: {name: value * float('nan') for name, value in run(batch).items()}
    with torch.no_grad(), pytest.raises(LaunchError, match='not finite'):
        detector.test_step(data(1))
