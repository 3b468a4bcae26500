"""Scene context of either backbone."""
import pytest
import torch
from helpers.model_cases import head_cfg
from mmaction.registry import MODELS

from mmstep.models.roi_heads.bbox_heads.scene_context import max_of_bins

NARROW = dict(type='I3DSceneContext', in_channels=52, width_mult=1 / 32)


def pooled(**kwargs):
    return MODELS.build(dict(type='RoIPooledSceneContext', in_channels=6, roi_feat_size=4, **kwargs))


def test_i3d_context_is_a_vector_per_feature_frame():
    context = MODELS.build(NARROW).eval()
    x = torch.rand(2, 52, 3, 9, 7)
    with torch.no_grad():
        out = context(x)
        by_hand = context.mixed_5c(context.mixed_5b(context.pool(x)))
    assert out.shape == (2, 3, context.out_channels) and context.out_channels == 32
    assert by_hand.shape[2:] == (3, 5, 4)  # the pooling halves the map and keeps time
    assert torch.allclose(out[1, 2], by_hand[1, :, 2].mean(dim=(1, 2)), atol=1e-6)


def test_i3d_context_of_full_width_has_1024_channels():
    with torch.device('meta'):
        context = MODELS.build(dict(type='I3DSceneContext'))
        assert context(torch.empty(1, 832, 3, 25, 25)).shape == (1, 3, 1024)


def test_roi_pooled_context_is_a_map_per_feature_frame():
    for size in ((25, 25), (8, 4), (3, 2)):  # larger than, of the order of, and smaller than the RoI's 4 x 4
        assert pooled()(torch.rand(2, 6, 5, *size)).shape == (2, 5, 6, 4, 4)
        assert pooled(out_channels=3)(torch.rand(2, 6, 5, *size)).shape == (2, 5, 3, 4, 4)


def test_roi_pooling_of_the_whole_image_takes_maxima():
    x = torch.zeros(1, 6, 2, 8, 8)
    x[0, 0, 1, 0, 0], x[0, 0, 1, 0, 1], x[0, 0, 1, 7, 7] = 5, 3, 1
    out = pooled()(x)
    assert out[0, 1, 0, 0, 0] == 5 and out[0, 1, 0, 3, 3] == 1 and out.sum() == 6


@pytest.mark.parametrize('cells', [4, 7, 25])
def test_pooling_for_export_is_the_same(cells):
    x = torch.randn(2, 3, 2, cells, cells + 1)
    wanted = torch.nn.functional.adaptive_max_pool3d(x, (2, 7, 7))
    assert torch.equal(max_of_bins(max_of_bins(x, 3, 7), 4, 7), wanted)


def test_roi_pooled_context_sees_all_of_the_image_and_passes_gradients():
    context = pooled(out_channels=3)
    x = torch.rand(1, 6, 3, 8, 8, requires_grad=True)
    context(x).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in context.parameters())
    # Every one of the 4 x 4 cells has a maximum that matters.
    cells = x.grad.abs().sum(dim=(0, 1, 2)).unfold(0, 2, 2).unfold(1, 2, 2).sum(dim=(2, 3))
    assert (cells > 0).all()


def test_the_global_features_encode_the_context_so_that_the_local_branch_sees_it():
    head = MODELS.build(
        head_cfg(
            in_channels=6,
            context_channels=6,
            context_to='global_branch',
            global_branch=dict(type='Conv3dGlobalBranch', in_channels=12, channels=5, norm_cfg=None))).eval()
    feats, context = torch.rand(2, 3, 6, 4, 4), torch.rand(2, 3, 6, 4, 4, requires_grad=True)
    output = head(feats, 3, context)
    for out in (output.cls_score, output.deltas):
        gradient, = torch.autograd.grad(out.square().sum(), context, retain_graph=True)
        assert gradient.abs().sum() > 0


def test_where_the_context_goes_is_one_of_two():
    with pytest.raises(ValueError, match="choose 'classifier' or 'global_branch'"):
        MODELS.build(head_cfg(context_to='local_branch'))


def test_no_windows():
    assert pooled()(torch.zeros(0, 6, 3, 8, 8)).shape == (0, 3, 6, 4, 4)
