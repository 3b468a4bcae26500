"""Two-branch head and its losses."""
import math

import pytest
import torch
from helpers.model_cases import NUM_CLASSES, head_cfg
from mmaction.registry import MODELS

from mmstep.models import HeadOutput, TubeTargets


def build(**kwargs):
    return MODELS.build(head_cfg(**kwargs))


def targets(valid, labels, is_pos):
    n, t = len(valid), len(valid[0])
    boxes = torch.tensor([5., 0., 15., 10.]).repeat(n, t, 1)
    return TubeTargets(torch.tensor(is_pos), torch.tensor(labels), boxes, torch.tensor(valid))


PROPOSALS = torch.tensor([0., 0., 10., 10.]).expand(2, 3, 4)


def test_shapes():
    feats = torch.rand(2, 9, 52, 4, 4)
    out = build(anticipate=True)(feats, 3)
    assert out.cls_score.shape == (2, NUM_CLASSES) and out.deltas.shape == (2, 9, 4)
    assert out.prev.shape == out.next.shape == (2, 3, 4)
    out = build(
        multilabel=False, reg_class_agnostic=False, loss_cls=dict(type='mmdet.CrossEntropyLoss'),
        context_channels=6)(feats, 3, torch.rand(2, 9, 6))
    assert out.cls_score.shape == (2, NUM_CLASSES + 1) and out.deltas.shape == (2, 9, 4 * NUM_CLASSES)
    assert out.prev is None and out.next is None


def test_anticipation_is_a_residual():
    """Equation 5: L_-1 = L + f_-1(x); with f = 0 the neighbour is the first clip."""
    head = build(anticipate=True).eval()
    for fc in (head.fc_prev, head.fc_next):
        torch.nn.init.zeros_(fc.weight)
        torch.nn.init.ones_(fc.bias)
    out = head(torch.rand(2, 9, 52, 4, 4), 3)
    assert torch.allclose(out.prev, out.deltas[:, :3] + 1)
    assert torch.allclose(out.next, out.deltas[:, -3:] + 1)


def test_localisation_loss_by_hand():
    """Equation 3: the mean over valid frames of the smooth L1 of four deltas."""
    head = build()
    goal = targets([[False, True, True], [False] * 3], [[0.] * 6] * 2, [True, False])
    deltas = torch.zeros(2, 3, 4)  # encoded goal: dx = 0.5, rest 0 -> 0.5 * 0.25 a frame
    deltas[0, 0] = 99.  # not annotated, so it does not count
    loss = head.loss(HeadOutput(torch.zeros(2, NUM_CLASSES), deltas), PROPOSALS, goal, 0, 3, False)
    assert math.isclose(loss['loss_bbox'].item(), 5 * 0.125, rel_tol=1e-5)
    assert math.isclose(loss['loss_cls'].item(), math.log(2), rel_tol=1e-5)


@pytest.mark.parametrize('per_class', [False, True])
def test_loss_on_overlaps_by_hand(per_class):
    """GIoU of [0, 0, 10, 10] and [5, 0, 15, 10]: 50 / 150, and the box around both is no larger than they are."""
    head = build(
        reg_decoded_bbox=True, reg_class_agnostic=not per_class, loss_bbox=dict(type='mmdet.GIoULoss', loss_weight=3.))
    goal = targets([[False, True, True], [False] * 3], [[0., 1, 1, 0, 0, 0]] * 2, [True, False])
    goal.boxes[0, 0] = float('nan')  # not annotated, so it does not count
    deltas = torch.zeros(2, 3, 4 * NUM_CLASSES if per_class else 4, requires_grad=True)
    loss = head.loss(HeadOutput(torch.zeros(2, NUM_CLASSES), deltas), PROPOSALS, goal, 0, 3, False)['loss_bbox']
    assert math.isclose(loss.item(), 3 * 2 / 3, rel_tol=1e-5)
    loss.backward()
    assert deltas.grad[0, 1:].abs().sum() > 0
    assert deltas.grad[0, 0].abs().sum() == deltas.grad[1].abs().sum() == 0


def test_decoded_boxes_with_a_loss_of_coordinates():
    """[0, 0, 10, 10] and [5, 0, 15, 10] differ by 5 pixels in x1 and in x2."""
    head = build(reg_decoded_bbox=True, loss_bbox=dict(type='mmdet.L1Loss', loss_weight=1.))
    goal = targets([[False, True, True], [False] * 3], [[0.] * 6] * 2, [True, False])
    loss = head.loss(HeadOutput(torch.zeros(2, NUM_CLASSES), torch.zeros(2, 3, 4)), PROPOSALS, goal, 0, 3, False)
    assert math.isclose(loss['loss_bbox'].item(), 10, rel_tol=1e-5)


def test_anticipation_loss_uses_the_neighbouring_clips():
    head = build(anticipate=True)
    valid = [[True] * 3 + [False] * 6, [False] * 9]
    goal = targets(valid, [[0.] * 6] * 2, [True, False])
    zeros = torch.zeros(2, 3, 4)
    out = HeadOutput(torch.zeros(2, NUM_CLASSES), zeros, zeros, zeros + 7)
    loss = head.loss(out, PROPOSALS, goal, 3, 3, True)
    # Annotated only in the clip before: half of (0.125 + 0).
    assert math.isclose(loss['loss_anticipation'].item(), 0.0625, rel_tol=1e-5)
    assert loss['loss_bbox'].item() == 0


def test_negatives_are_background():
    head = build(multilabel=False, loss_cls=dict(type='mmdet.CrossEntropyLoss'))
    score = torch.full((2, NUM_CLASSES + 1), -20.)
    score[0, 2] = score[1, NUM_CLASSES] = 20.
    goal = targets([[True] * 3] * 2, [2, 2], [True, False])
    loss = head.loss(HeadOutput(score, torch.zeros(2, 3, 4)), PROPOSALS, goal, 0, 3, False)
    assert loss['loss_cls'].item() < 1e-6
    assert torch.equal(head.probabilities(score).argmax(1)[:1], torch.tensor([2]))
    assert head.probabilities(score).shape == (2, NUM_CLASSES)


def test_multi_label_targets_skip_column_0():
    head = build()
    labels = [[1., 1., 0., 0., 0., 0.]] * 2
    score = torch.full((2, NUM_CLASSES), -20.)
    score[0, 0] = 20.
    goal = targets([[True] * 3] * 2, labels, [True, False])
    loss = head.loss(HeadOutput(score, torch.zeros(2, 3, 4)), PROPOSALS, goal, 0, 3, False)
    assert loss['loss_cls'].item() < 1e-6


def test_best_class_takes_the_box_of_the_highest_score():
    """Equation 1."""
    head = build(multilabel=False, reg_class_agnostic=False, loss_cls=dict(type='mmdet.CrossEntropyLoss'))
    deltas = torch.arange(2 * 3 * 4 * NUM_CLASSES).view(2, 3, -1)
    scores = torch.eye(NUM_CLASSES)[[1, 3]]
    best = head.best_class(scores, deltas)
    assert torch.equal(best[0], deltas[0, :, 4:8]) and torch.equal(best[1], deltas[1, :, 12:16])


def test_class_specific_loss_touches_the_true_class_only():
    head = build(multilabel=False, reg_class_agnostic=False, loss_cls=dict(type='mmdet.CrossEntropyLoss'))
    deltas = torch.zeros(2, 3, 4 * NUM_CLASSES, requires_grad=True)
    goal = targets([[True] * 3, [False] * 3], [2, 0], [True, False])
    head.loss(HeadOutput(torch.zeros(2, 6), deltas), PROPOSALS, goal, 0, 3, False)['loss_bbox'].backward()
    touched = deltas.grad.view(2, 3, NUM_CLASSES, 4).abs().sum(dim=(1, 3)).nonzero().tolist()
    assert touched == [[0, 2]]


def test_loss_has_to_fit_the_labels():
    with pytest.raises(ValueError, match='use_sigmoid=False'):
        build(multilabel=False)


def test_all_of_a_pretrained_head_but_its_classifier(tmp_path):
    """The init_cfg of step_i3d_ava_14e.py, whose classifier begins anew."""
    first = MODELS.build(head_cfg())
    path = str(tmp_path / 'first.pth')
    torch.save(dict(state_dict={f'roi_head.{name}': value for name, value in first.state_dict().items()}), path)
    second = MODELS.build(
        head_cfg(
            init_cfg=dict(
                type='Pretrained',
                checkpoint=path,
                prefix='roi_head.',
                override=dict(type='Normal', name='fc_cls', std=0.01))))
    second.init_weights()
    for name, value in second.state_dict().items():
        assert torch.equal(value, first.state_dict()[name]) != name.startswith('fc_cls'), name
    assert second.fc_cls.weight.std() < 0.02 and (second.fc_cls.bias == 0).all()
