"""The detector as a whole."""
import pytest
import torch
from helpers.model_cases import NUM_CLASSES, SIZE, build_detector, detector_cfg, head_cfg, inputs, window
from mmaction.registry import MODELS

from mmstep.errors import LaunchError

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
        context = model.roi_head.extract_context(whole)
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


def test_single_label_with_a_box_per_class():
    head = head_cfg(multilabel=False, reg_class_agnostic=False, loss_cls=dict(type='mmdet.CrossEntropyLoss'))
    model = build_detector(bbox_head=head).train()
    losses = model(inputs(2), [window(2, multilabel=False), window(0, multilabel=False)], mode='loss')
    assert all(torch.isfinite(v) for v in losses.values())
    with torch.no_grad():
        out = model.eval()(inputs(1), mode='tensor')[-1]
    assert out.scores.shape == (11, NUM_CLASSES) and out.tubes.shape == (11, 9, 4)


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


def test_a_frame_that_is_not_finite_ends_the_prediction():
    model = build_detector().eval()
    frames = inputs(2)
    frames[1, 0, 3, 5, 5] = torch.nan
    with torch.no_grad(), pytest.raises(LaunchError, match='not finite'):
        model(frames, [window(), window()], mode='predict')


def test_overflow_of_half_precision_ends_the_prediction():
    model = build_detector().eval()
    torch.nn.init.constant_(model.roi_head.bbox_head[0].fc_cls.bias, 7e4)
    with torch.no_grad():
        model(inputs(1), [window()], mode='predict')
        with torch.autocast('cpu', torch.float16), pytest.raises(LaunchError, match='fp16 ends at 65504'):
            model(inputs(1), [window()], mode='predict')
