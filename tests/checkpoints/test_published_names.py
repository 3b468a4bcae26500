"""The published layout in our model: names, and the same numbers at every step."""
import pytest
import torch
from helpers.published_model import detect, published_shapes, random_published
from helpers.small_released import released_model, small_model
from mmaction.registry import MODELS

from mmstep.checkpoints import detector_from_published, list_differences, published_steps


def build(cfg, published):
    model = MODELS.build(cfg).eval()
    renamed = detector_from_published(published)
    assert list_differences(model.state_dict(), renamed) == []
    model.load_state_dict(renamed.weights)
    return model


@torch.no_grad()
def compare(model, published, size, mode, seed=0):
    """Steps of our model and of the other; both see the same window and the same initial boxes."""
    window = torch.rand(3, 36, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    ours = model(window[None], None, mode='tensor')
    theirs = detect(published, window, model.roi_head.prior_generator.boxes * size, mode)
    assert [out.tubes.shape[1] for out in ours] == [3, 3, 9]
    for step, (out, (scores, tubes)) in enumerate(zip(ours, theirs)):
        assert torch.allclose(out.scores, scores, atol=1e-3, rtol=0), f'step {step + 1}'
        assert torch.allclose(out.tubes, tubes, atol=0.05, rtol=0), f'step {step + 1}'
    return theirs


@pytest.mark.parametrize('mode', ['anticipation', 'extrapolation'])
def test_a_small_model_agrees_at_every_step(mode):
    published = random_published(divide=8)
    steps = compare(build(small_model(mode), published), published, 64, mode)
    scores, tubes = steps[-1]
    # The comparison is worth something only if scores differ from one half and boxes move, in time as well.
    assert scores.std() > 0.1
    assert (tubes[:, 4] - steps[0][1][:, 1]).abs().mean() > 1
    assert (tubes[:, 0] - tubes[:, 8]).abs().mean() > 1


def test_the_two_modes_differ_only_at_the_last_step():
    published = random_published(divide=8)
    window = torch.rand(1, 3, 36, 64, 64) * 2 - 1
    with torch.no_grad():
        one, two = (
            build(small_model(mode), published)(window, None, mode='tensor')
            for mode in ('anticipation', 'extrapolation'))
    assert all(torch.equal(a.tubes, b.tubes) for a, b in zip(one[:2], two[:2]))
    assert (one[2].tubes - two[2].tubes).abs().max() > 0.5


def test_vanishing_boxes_become_the_whole_frame_in_both():
    published = random_published(seed=1, divide=8)
    for step in range(3):
        published[f'det_net{step}']['local_reg.bias'][3] = -9.  # every box under a pixel high
    _, tubes = compare(build(small_model(), published), published, 64, 'anticipation')[-1]
    assert torch.equal(tubes, torch.tensor([0., 0., 64., 64.]).expand_as(tubes))


@pytest.mark.slow
@pytest.mark.parametrize('mode', ['anticipation', 'extrapolation'])
def test_the_released_model_agrees_at_full_size(mode):
    """A window of 36 frames of 400 x 400, with the nine larger ones of the 34 tubes."""
    cfg = released_model(mode)
    cfg.roi_head.prior_generator.update(scales=(4 / 3, ), overlaps=(5 / 6, ))
    published = random_published()
    compare(build(cfg, published), published, 400, mode)


def test_the_layout_is_the_published_one():
    shapes = published_shapes()
    assert {
        part: len(names)
        for part, names in shapes.items()
    } == dict(
        base_net=270, context_net=72, det_net0=94, det_net1=94, det_net2=94)
    assert shapes['base_net']['module.base_model.12.branch_1.1.conv3d.weight'] == (320, 160, 3, 3, 3)
    assert shapes['det_net1']['local_conv.0.conv1.weight'] == (1024, 1088, 1, 1)
    assert shapes['det_net2']['global_cls.weight'] == (60, 13568, 1, 1, 1)


def test_every_weight_has_one_place():
    published = random_published(divide=8)
    renamed = detector_from_published(published)
    assert not renamed.unknown and len(renamed.sources) == 270 + 72 + 3 * 94
    assert renamed.sources['roi_head.bbox_head.1.fc_prev.bias'] == 'det_net1:neighbor_reg1.bias'
    assert renamed.sources['roi_head.bbox_head.2.fc_next.bias'] == 'det_net2:neighbor_reg2.bias'
    assert renamed.sources['backbone.mixed_4b.branch_3.1.conv3d.weight'] == (
        'base_net:module.base_model.8.branch_3.1.conv3d.weight')
    # The classifier sees the flattened map first, the channel slowest, and then the context.
    theirs = published['det_net0']['global_cls.weight']
    assert torch.equal(renamed.weights['roi_head.bbox_head.0.fc_cls.weight'], theirs[:, :, 0, 0, 0])


@pytest.mark.parametrize('prefix', ['', 'module.'])
def test_wrapped_in_data_parallel_or_not(prefix):
    published = {
        part: {
            prefix + name.removeprefix('module.'): weight
            for name, weight in weights.items()
        }
        for part, weights in random_published(divide=8).items()
    }
    assert not detector_from_published(published).unknown


def test_steps_come_by_number():
    part = dict(a=torch.zeros(1))
    file = dict(det_net10=part, det_net2=part, base_net=part, context_net=part, det_net0=part, optimizer={})
    assert published_steps(file) == ['det_net0', 'det_net2', 'det_net10']
    assert published_steps(dict(base_net=part, det_net0=part)) == []
    assert published_steps(dict(base_net=1, context_net=part, det_net0=part)) == []
