"""Training on single labels: softmax with background, a box per class, extension at every step (UCF101-24)."""
import pytest
import torch
from helpers.model_cases import detector_cfg, head_cfg
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.structures import InstanceData

CLASSES, SIZE, K, CLIPS = 5, 64, 2, 5


def build(context=True, extend_at=(2, 3), **roi_head):
    torch.manual_seed(0)
    branch = dict(type='Conv3dGlobalBranch', in_channels=16 if context else 8, channels=6, norm_cfg=None)
    head = head_cfg(
        in_channels=8,
        context_channels=8 if context else 0,
        context_to='global_branch',
        multilabel=False,
        reg_class_agnostic=False,
        loss_cls=dict(type='mmdet.CrossEntropyLoss'),
        global_branch=dict(branch, pool_time=True))
    if context:
        roi_head['scene_context'] = dict(type='RoIPooledSceneContext', in_channels=8, roi_feat_size=4)
    cfg = detector_cfg(bbox_head=head, extend_at=extend_at, **roi_head)
    cfg.update(num_clips=CLIPS, clip_features='independent', backbone=dict(type='FrameVGG', channels=(4, 4, 8, 8, 8)))
    model = MODELS.build(cfg)
    model.init_weights()
    return model.train()


def sample(*labels, valid=None, seed=0):
    """Actors in an item as the data sets pack it, annotated in every frame by default."""
    rng = torch.Generator().manual_seed(seed)
    corner = torch.rand(len(labels), 1, 2, generator=rng) * 30
    boxes = torch.cat([corner, corner + 12 + torch.rand(len(labels), 1, 2, generator=rng) * 20], dim=-1)
    mask = torch.ones(len(labels), K * CLIPS, dtype=torch.bool)
    if valid is not None:
        mask[:] = torch.tensor(valid, dtype=torch.bool)
    tubes = InstanceData(
        bboxes=boxes.repeat(1, K * CLIPS, 1), valid=mask, labels=torch.tensor(labels, dtype=torch.long))
    return ActionDataSample(gt_tubes=tubes, metainfo=dict(img_shape=(SIZE, SIZE)))


def inputs(batch):
    return torch.rand(batch, 3, K * CLIPS, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 2 - 1


def losses_of(model, *samples):
    torch.manual_seed(1)
    return model(inputs(len(samples)), list(samples), mode='loss')


NAMES = {f's{s}.loss_{n}' for s in (1, 2, 3) for n in ('cls', 'bbox')} | {f's{s}.loss_anticipation' for s in (1, 2)}


def test_tubes_grow_over_the_steps():
    """Two frames a clip: 2, 6 and 10, as 6, 18 and 30 in the paper."""
    with torch.no_grad():
        steps = build().eval()(inputs(2), mode='tensor')
    assert [step.tubes.shape for step in steps] == [(22, 2, 4), (22, 6, 4), (22, 10, 4)]
    assert [step.prev is not None for step in steps] == [True, True, False]
    for step in steps:
        assert step.scores.shape == (22, CLASSES)
        assert (step.scores.sum(dim=1) < 1).all()  # the rest is background


@pytest.mark.parametrize('actors', [[0], [], [4], [1, 1, 3], list(range(5)) * 4], ids=len)
def test_losses_are_finite_and_reach_every_parameter(actors):
    model = build()
    losses = losses_of(model, sample(*actors), sample(2, seed=1))
    assert set(losses) == NAMES
    total = sum(losses.values())
    total.backward()
    assert torch.isfinite(total)
    silent = [n for n, p in model.named_parameters() if p.grad is None or not torch.isfinite(p.grad).all()]
    assert not silent
    zero = [n for n, p in model.named_parameters() if p.grad.abs().sum() == 0]
    assert not zero


def test_windows_without_actors_teach_background_alone():
    model = build()
    losses = losses_of(model, sample(), sample())
    assert all(losses[name] == 0 for name in NAMES if not name.endswith('cls'))
    assert all(losses[f's{step}.loss_cls'] > 0 for step in (1, 2, 3))
    sum(losses.values()).backward()
    for head in model.roi_head.bbox_head:
        towards = -head.fc_cls.bias.grad  # where a step downhill goes
        assert towards[CLASSES] > 0 and (towards[:CLASSES] < 0).all()
    assert all(p.grad is not None for p in model.parameters())


def test_background_never_picks_the_box():
    """Equation 1: the best action's box, even where background scores higher."""
    model = build(
        context=False,
        num_steps=1,
        extend_at=(),
        temporal_extension=None,
        train_cfg=dict(assigner=dict(type='TubeAssigner', pos_iou_thr=.5),
                       sampler=dict(type='HardAwareSampler'))).eval()
    head = model.roi_head.bbox_head[0]
    for fc in (head.fc_cls, head.fc_reg):
        torch.nn.init.zeros_(fc.weight)
        torch.nn.init.zeros_(fc.bias)
    head.fc_cls.bias.data[:] = torch.tensor([0., 0., 0., 2., 0., 9.])
    head.fc_reg.bias.data.view(CLASSES, 4)[3, 0] = .25  # class 3 moves its box right by a quarter of its width
    with torch.no_grad():
        step, = model(inputs(1), mode='tensor')
    grid = model.roi_head.prior_generator.boxes[1] * SIZE  # the centred box of side 48
    moved = (grid + torch.tensor([12., 0., 12., 0.])).clamp(max=SIZE)
    assert torch.allclose(step.tubes[1, 0], moved, atol=1e-4)
    assert (step.scores.argmax(dim=1) == 3).all() and (step.scores < .01).all()


def test_tubes_that_end_inside_the_window():
    """The last clips are not annotated: their frames teach no box, and the losses stay finite."""
    valid = [True] * 5 + [False] * 5  # to the first frame of the centre clip
    model = build()
    losses = losses_of(model, sample(1, valid=valid))
    sum(losses.values()).backward()
    assert all(torch.isfinite(value) for value in losses.values())
    assert losses['s1.loss_bbox'] > 0 and losses['s1.loss_anticipation'] > 0
    # Only the clip before is annotated, so what comes after is not trained.
    assert model.roi_head.bbox_head[0].fc_next.bias.grad.abs().sum() == 0
    assert model.roi_head.bbox_head[0].fc_prev.bias.grad.abs().sum() > 0


def test_actor_that_the_centre_clip_lacks_is_background():
    model = build()
    lost = losses_of(model, sample(1, valid=[True] * 4 + [False] * 2 + [True] * 4))
    nobody = losses_of(model, sample())
    assert all(torch.isclose(lost[name], nobody[name]) for name in NAMES)


@pytest.mark.parametrize(
    'change', [
        dict(temporal_extension=dict(type='LinearExtrapolation')),
        dict(context=False),
        dict(
            train_cfg=dict(
                assigner=dict(type='TubeAssigner', pos_iou_thr=.5),
                sampler=dict(type='HardAwareSampler', uniform=True))),
        dict(prior_generator=dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 3 / 4))),
    ],
    ids=['extrapolation', 'no context', 'uniform sampling, one threshold', '27 tubes'])
def test_ablations_train(change):
    model = build(**change)
    losses = losses_of(model, sample(0, 3))
    sum(losses.values()).backward()
    assert all(torch.isfinite(value) for value in losses.values())
    assert all(p.grad is not None for p in model.parameters())


def test_nothing_to_train_on_still_reaches_every_parameter():
    """Proposals from the annotation of a window without any, on several processes: each needs its gradients."""
    model = build(
        num_steps=1,
        extend_at=(),
        prior_generator=dict(type='GroundTruthTubes'),
        train_cfg=dict(assigner=dict(type='TubeAssigner', pos_iou_thr=.5), sampler=dict(type='mmdet.PseudoSampler')))
    losses = losses_of(model, sample())
    assert all(value == 0 for value in losses.values())
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_an_overfitted_window_is_found():
    """All of it together learns: a few steps of Adam lower the loss by half."""
    model = build()
    windows = [sample(2)]
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    history = []
    for _ in range(8):
        optimizer.zero_grad()
        loss = sum(model(inputs(1), windows, mode='loss').values())
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    assert min(history[-3:]) < history[0] / 2, history
