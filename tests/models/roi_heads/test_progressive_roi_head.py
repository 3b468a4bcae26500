"""The progressive RoI head in a small detector."""
import pytest
import torch
from helpers.model_cases import NUM_CLASSES, SIZE, build_detector, detector_cfg, head_cfg, inputs, window
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmdet.models.task_modules.samplers import PseudoSampler

from mmstep.models import ProgressiveRoIHead
from mmstep.structures import middle_frames


def test_first_step_starts_from_the_grid_and_later_steps_from_the_one_before():
    model = build_detector().eval()
    for head in model.roi_head.bbox_head:
        torch.nn.init.zeros_(head.fc_reg.weight)
    torch.nn.init.constant_(model.roi_head.bbox_head[0].fc_reg.bias, -0.1)
    with torch.no_grad():
        outs = model(inputs(1), mode='tensor')
    grid = model.roi_head.prior_generator(1, 3, (SIZE, SIZE), torch.device('cpu'))[0]
    assert not torch.allclose(outs[0].tubes, grid, atol=1)
    # Steps 2 and 3 regress nothing, so they hand on what step 1 found; step 3 adds the neighbours.
    assert torch.allclose(outs[1].tubes, outs[0].tubes, atol=1e-3)
    assert torch.allclose(outs[2].tubes[:, 3:6], outs[1].tubes, atol=1e-3)


def test_step_weights_and_batch_norm_untouched_by_the_inference_pass():
    zero = build_detector(step_loss_weights=[1., 0., 2.]).train()
    one = build_detector(step_loss_weights=1.).train()
    torch.manual_seed(1)
    a = zero(inputs(1), [window()], mode='loss')
    torch.manual_seed(1)
    b = one(inputs(1), [window()], mode='loss')
    assert a['s2.loss_cls'] == 0 and torch.isclose(a['s3.loss_cls'], 2 * b['s3.loss_cls'])
    assert zero.training and all(m.training for m in zero.roi_head.bbox_head.modules())
    tracked = [
        int(m.num_batches_tracked) for m in zero.roi_head.bbox_head.modules() if hasattr(m, 'num_batches_tracked')
    ]
    assert set(tracked) == {1}


def test_only_the_last_step_unless_asked():
    model = build_detector(test_cfg=dict(score_thr=1.)).eval()
    with torch.no_grad():
        sample, = model(inputs(1), [ActionDataSample()], mode='predict')
    assert 'pred_instances_step1' not in sample and len(sample.pred_instances) == 0


def test_classification_on_ground_truth():
    model = build_detector(
        num_steps=1,
        extend_at=(),
        prior_generator=dict(type='GroundTruthTubes'),
        train_cfg=dict(assigner=dict(type='TubeAssigner', pos_iou_thr=.5), sampler=dict(type='mmdet.PseudoSampler')))
    model.train()
    losses = model(inputs(3), [window(2), window(0), window(1)], mode='loss')
    assert set(losses) == {'s1.loss_cls', 's1.loss_bbox'}
    nobody = model(inputs(1), [window(0)], mode='loss')
    assert nobody['s1.loss_cls'] == 0 and nobody['s1.loss_cls'].requires_grad
    out, = model.eval()(inputs(1), [window(2)], mode='tensor')
    assert out.tubes.shape == (2, 9, 4)


def test_two_extensions_need_five_clips():
    cfg = detector_cfg(extend_at=(2, 3))
    cfg['num_clips'] = 5
    model = MODELS.build(cfg).eval()
    with torch.no_grad():
        outs = model(inputs(1, num_frames=60), mode='tensor')
    assert [o.tubes.shape[1] for o in outs] == [3, 9, 15]
    assert model.roi_head.anticipates == [True, True, False]


@pytest.mark.parametrize('change, message', [
    (dict(extend_at=(1, )), 'from 2 to num_steps=3'),
    (dict(extend_at=(2, 3)), 'at least 5 clips'),
    (dict(temporal_extension=None), 'temporal_extension'),
    (dict(bbox_head=[head_cfg()] * 2), 'bbox_head has 2 entries for num_steps=3'),
])
def test_wrong_settings_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(detector_cfg(**change))


def test_no_tubes_at_all():
    """Ground-truth proposals of a window without actors."""
    model = build_detector(
        context=True, num_steps=1, extend_at=(), train_cfg=None, prior_generator=dict(type='GroundTruthTubes')).eval()
    with torch.no_grad():
        sample, = model(inputs(1), [window(0)], mode='predict')
        out, = model(inputs(1), [window(0)], mode='tensor')
    assert len(sample.pred_instances) == 0 and sample.pred_instances.scores.shape == (0, NUM_CLASSES + 1)
    assert out.scores.shape == (0, NUM_CLASSES) and out.tubes.shape == (0, 9, 4)


class Recorder:
    """A sampler that keeps what it is given, and draws all."""

    def __init__(self, kept):
        self.kept = kept

    def sample(self, assign_result, pred_instances, gt_instances):
        self.kept.append((pred_instances, assign_result))
        return PseudoSampler().sample(assign_result, pred_instances, gt_instances)


def test_candidates_and_scores_of_a_step_are_the_output_of_the_step_before():
    """Section 3.4: an inference pass collects them; step 1 has no scores and goes by overlap."""
    model = build_detector(context=True).train()
    model.roi_head.bbox_head.eval()
    with torch.no_grad():
        steps = model(inputs(1), [window(2)], mode='tensor')
    kept = []
    model.roi_head.bbox_sampler = [Recorder(kept)] * 3
    model.train()(inputs(1), [window(2)], mode='loss')
    assert 'scores' not in kept[0][0]
    for (candidates, _), output in zip(kept[1:], steps):
        assert torch.allclose(candidates.scores, output.scores.amax(dim=1), atol=1e-5)
    assert torch.allclose(kept[1][0].priors, steps[0].tubes, atol=1e-2)


@pytest.mark.parametrize('method', ['_bbox_forward', 'bbox_loss', 'predict_by_feat', 'init_assigner_sampler'])
def test_a_seam_can_be_overridden_by_itself(method):
    calls = []

    class Mine(ProgressiveRoIHead):
        pass

    def spy(self, *args, **kwargs):
        calls.append(args)
        return getattr(ProgressiveRoIHead, method)(self, *args, **kwargs)

    setattr(Mine, method, spy)
    cfg = detector_cfg()
    model = MODELS.build(dict(cfg, roi_head=dict(cfg['roi_head'], type=Mine)))
    model.train()
    sum(model(inputs(1), [window(1)], mode='loss').values()).backward()
    with torch.no_grad():
        model.eval()(inputs(1), [window(1)], mode='predict')
    count = dict(_bbox_forward=2 + 3 + 3, bbox_loss=3, predict_by_feat=3, init_assigner_sampler=1)
    assert len(calls) == count[method]
    if method == '_bbox_forward':
        assert [args[0] for args in calls] == [1, 2, 1, 2, 3, 1, 2, 3]  # steps, as the paper counts them


@pytest.mark.parametrize('extension, context', [('LocationAnticipation', True), ('Replicate', False)])
def test_tubes_of_the_clip_alone_are_the_middle_of_those_of_the_window(extension, context):
    results = {}
    for tube_frames in ('window', 'clip'):
        test_cfg = dict(score_thr=0., keep_steps=True, tube_frames=tube_frames)
        model = build_detector(extension=extension, context=context, test_cfg=test_cfg).eval()
        with torch.no_grad():
            results[tube_frames], = model(inputs(1), [ActionDataSample()], mode='predict')
    for step in ('pred_instances', 'pred_instances_step2'):
        window_, clip = results['window'].get(step), results['clip'].get(step)
        assert torch.equal(clip.scores, window_.scores) and len(clip) > 0
        assert torch.allclose(clip.bboxes, window_.bboxes, atol=1e-6)
        num_frames = clip.tubes.shape[1]
        assert num_frames == 3
        assert torch.allclose(clip.tubes, middle_frames(window_.tubes, num_frames), atol=1e-4)


def test_unknown_frames_of_tubes():
    with pytest.raises(ValueError, match="tube_frames='key'.*'window' or 'clip'"):
        build_detector(test_cfg=dict(tube_frames='key'))


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA device')
def test_steps_never_wait_for_the_device():
    model = build_detector(context=True, test_cfg=dict(tube_frames='clip')).eval().cuda()
    with torch.no_grad():
        x = model.extract_feat(inputs(2).cuda())
        model.roi_head(x, (SIZE, SIZE))  # what is done once, such as copying the grid
        torch.cuda.set_sync_debug_mode('error')
        try:
            outs = model.roi_head(x, (SIZE, SIZE))
        finally:
            torch.cuda.set_sync_debug_mode('default')
    assert len(outs) == 3 and all(out.tubes.isfinite().all() for out in outs)
