"""The detector as a whole."""
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from model_cases import NUM_CLASSES, SIZE, build_detector, detector_cfg, head_cfg, inputs, window

CASES = dict(none=[0], one=[1], fifty=[50], more_than_proposals=[12], mixed=[0, 1, 50, 3])


@pytest.mark.parametrize('clip_features', ['joint', 'independent'])
@pytest.mark.parametrize('extension', ['LinearExtrapolation', 'LocationAnticipation', 'Replicate'])
def test_step_outputs(clip_features, extension):
    model = build_detector(clip_features=clip_features, extension=extension, context=True).eval()
    with torch.no_grad():
        outs = model(inputs(2), mode='tensor')
    assert [o.tubes.shape for o in outs] == [(22, 3, 4), (22, 3, 4), (22, 9, 4)]
    for step, out in enumerate(outs, 1):
        assert out.scores.shape == (22, NUM_CLASSES)
        assert (out.scores >= 0).all() and (out.scores <= 1).all()
        if step == 2 and extension == 'LocationAnticipation':
            assert out.prev.shape == out.next.shape == (22, 3, 4)
        else:
            assert out.prev is None and out.next is None


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


def test_independent_clips_do_not_see_each_other():
    x = inputs(1)
    y = x.clone()
    y[:, :, :12] = 0.5
    for mode, same in (('joint', False), ('independent', True)):
        model = build_detector(clip_features=mode).eval()
        with torch.no_grad():
            a, b = model.extract_feat(x), model.extract_feat(y)
        assert a.shape[2] == 9
        assert torch.allclose(a[:, :, 3:], b[:, :, 3:], rtol=1e-4, atol=1e-3) == same
        assert not torch.allclose(a[:, :, :3], b[:, :, :3])


def test_independent_clips_equal_clips_one_by_one():
    x = inputs(1)
    model = build_detector(clip_features='independent', context=True).eval()
    with torch.no_grad():
        whole = model.extract_feat(x)
        clips = torch.cat([model.backbone(c) for c in x.split(12, dim=2)], dim=2)
        assert torch.allclose(whole, clips, rtol=1e-4, atol=1e-3)
        context = model.roi_head._context(whole, 3)
        alone = torch.cat([model.roi_head.scene_context(c) for c in whole.split(3, dim=2)], dim=1)
    assert torch.allclose(context, alone, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize('actors', CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize('autocast', [False, True], ids=['fp32', 'bf16'])
def test_losses_are_finite(actors, autocast):
    model = build_detector(context=True).train()
    samples = [window(n, seed=i) for i, n in enumerate(actors)]
    with torch.autocast('cpu', torch.bfloat16, enabled=autocast):
        losses = model(inputs(len(actors)), samples, mode='loss')
    assert set(losses) == {f's{s}.loss_{n}' for s in (1, 2, 3) for n in ('cls', 'bbox')} | {'s2.loss_anticipation'}
    total = sum(losses.values())
    total.backward()
    assert torch.isfinite(total)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_gradients_reach_every_parameter():
    model = build_detector(context=True).train()
    sum(model(inputs(2), [window(2), window(1, seed=1)], mode='loss').values()).backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or p.grad.abs().sum() == 0]
    assert not silent


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


def test_predictions_have_the_form_of_ava_metric():
    model = build_detector(context=True).eval()
    with torch.no_grad():
        samples = model(inputs(2), [window(), window(0)], mode='predict')
    for sample in samples:
        for step, frames in ((1, 3), (2, 3), (3, 9)):
            pred = sample.get(f'pred_instances_step{step}')
            n = len(pred.bboxes)
            assert pred.bboxes.shape == (n, 4) and pred.scores.shape == (n, NUM_CLASSES + 1)
            assert pred.tubes.shape == (n, frames, 4)
            assert (pred.bboxes >= 0).all() and (pred.bboxes <= 1).all()
            assert (pred.scores[:, 0] == 0).all() and (pred.scores.amax(1) > 0.01).all()
            assert torch.allclose(pred.tubes[:, frames // 2] / SIZE, pred.bboxes)
        assert torch.equal(sample.pred_instances.scores, sample.pred_instances_step3.scores)


def test_only_the_last_step_unless_asked():
    model = build_detector(test_cfg=dict(score_thr=1.)).eval()
    with torch.no_grad():
        sample, = model(inputs(1), [ActionDataSample()], mode='predict')
    assert 'pred_instances_step1' not in sample and len(sample.pred_instances) == 0


def test_single_label_with_a_box_per_class():
    head = head_cfg(multilabel=False, reg_class_agnostic=False, loss_cls=dict(type='mmdet.CrossEntropyLoss'))
    model = build_detector(bbox_head=head).train()
    losses = model(inputs(2), [window(2, multilabel=False), window(0, multilabel=False)], mode='loss')
    assert all(torch.isfinite(v) for v in losses.values())
    with torch.no_grad():
        out = model.eval()(inputs(1), mode='tensor')[-1]
    assert out.scores.shape == (11, NUM_CLASSES) and out.tubes.shape == (11, 9, 4)


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


def test_wrong_windows_are_named():
    model = build_detector()
    with pytest.raises(ValueError, match='35 frames.*num_clips=3'):
        model.extract_feat(inputs(1, num_frames=35))
    with pytest.raises(ValueError, match='feature frames'):
        model.extract_feat(inputs(1, num_frames=30))
    for wrong in (dict(clip_features='both'), dict(num_clips=2)):
        with pytest.raises(ValueError, match=list(wrong)[0]):
            MODELS.build({**detector_cfg(), **wrong})


def test_same_seed_same_losses():
    results = []
    for _ in range(2):
        model = build_detector().train()
        torch.manual_seed(3)
        results.append({k: v.item() for k, v in model(inputs(1), [window(3)], mode='loss').items()})
    assert results[0] == results[1]


def test_no_tubes_at_all():
    """Ground-truth proposals of a window without actors."""
    model = build_detector(
        context=True, num_steps=1, extend_at=(), train_cfg=None, prior_generator=dict(type='GroundTruthTubes')).eval()
    with torch.no_grad():
        sample, = model(inputs(1), [window(0)], mode='predict')
        out, = model(inputs(1), [window(0)], mode='tensor')
    assert len(sample.pred_instances) == 0 and sample.pred_instances.scores.shape == (0, NUM_CLASSES + 1)
    assert out.scores.shape == (0, NUM_CLASSES) and out.tubes.shape == (0, 9, 4)
