"""RoIAlign as matrix products, against mmcv's kernel."""
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmcv.ops import roi_align

from mmstep.models.roi_heads.roi_extractors.separable_roi_align import axis_weights, separable_roi_align

STRIDE = 16


def by_kernel(maps, tubes, batch_inds, output_size, sampling_ratio, aligned):
    num_frames = maps.shape[1]
    inds = (batch_inds[:, None] * num_frames + torch.arange(num_frames)).float()
    rois = torch.cat([inds[..., None], tubes], dim=-1).reshape(-1, 5)
    feats = roi_align(maps.flatten(0, 1).contiguous(), rois, output_size, 1 / STRIDE, sampling_ratio, 'avg', aligned)
    return feats.unflatten(0, tubes.shape[:2])


def random_tubes(seed, count, num_frames, low, high):
    """Boxes with corners from ``low`` to ``high`` pixels."""
    corners = low + (high - low) * torch.rand(2, count, num_frames, 2, generator=torch.Generator().manual_seed(seed))
    return torch.cat([corners.amin(0), corners.amax(0)], dim=-1)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    reach=st.sampled_from([(0, 90), (-60, 160), (-400, 600), (40, 44), (150, 300)]),
    sampling_ratio=st.sampled_from([0, 1, 2, 3]),
    aligned=st.booleans(),
    output_size=st.sampled_from([(7, 7), (4, 4), (1, 1), (3, 5)]),
    num_windows=st.sampled_from([1, 2, 3]))
def test_equals_the_kernel(seed, reach, sampling_ratio, aligned, output_size, num_windows):
    rng = torch.Generator().manual_seed(seed)
    maps = torch.rand(num_windows, 2, 5, 6, 8, generator=rng)
    tubes = random_tubes(seed, 7, 2, *reach)
    batch_inds = torch.randint(num_windows, (7, ), generator=rng)
    settings_ = (output_size, sampling_ratio, aligned)
    found = separable_roi_align(maps, tubes, batch_inds, output_size, 1 / STRIDE, sampling_ratio, aligned)
    assert torch.allclose(found, by_kernel(maps, tubes, batch_inds, *settings_), atol=1e-5)


@pytest.mark.parametrize('aligned', [True, False])
def test_special_boxes_equal_the_kernel(aligned):
    # The whole picture, a point, a line, on the far border, just outside and far outside it.
    boxes = [(0, 0, 128, 96), (30, 30, 30, 30), (5, 20, 90, 20), (112, 80, 128, 96), (128, 96, 150, 120),
             (300, 300, 400, 400), (-16, -16, 0, 0), (-17, -17, -16.5, -16.5), (0.01, 0.02, 0.03, 0.04)]
    tubes = torch.tensor(boxes, dtype=torch.float32)[:, None]
    maps, inds = torch.rand(1, 1, 3, 6, 8), torch.zeros(len(boxes), dtype=torch.long)
    found = separable_roi_align(maps, tubes, inds, (7, 7), 1 / STRIDE, 0, aligned)
    assert torch.allclose(found, by_kernel(maps, tubes, inds, (7, 7), 0, aligned), atol=1e-5)


def test_gradients_equal_those_of_the_kernel():
    tubes, inds = random_tubes(0, 5, 3, 0, 100), torch.tensor([0, 0, 1, 1, 1])
    grads = []
    for align in (lambda maps: separable_roi_align(maps, tubes, inds, (4, 4), 1 / STRIDE, 0, False),
                  lambda maps: by_kernel(maps, tubes, inds, (4, 4), 0, False)):
        maps = torch.rand(2, 3, 4, 6, 8, generator=torch.Generator().manual_seed(1)).requires_grad_()
        align(maps).square().sum().backward()
        grads.append(maps.grad)
    assert torch.allclose(*grads, atol=1e-4)


def test_weights_by_hand():
    # One bin from cell 0 to 2 with two points, at 0.5 and 1.5: half of each neighbour.
    weights = axis_weights(torch.tensor(0.), torch.tensor(2.), 4, 1, 2, False)
    assert torch.allclose(weights, torch.tensor([[0.25, 0.5, 0.25, 0.]]))


def test_result_is_channels_last_and_may_be_empty():
    maps = torch.rand(1, 3, 4, 6, 8)
    feats = separable_roi_align(maps, random_tubes(0, 5, 3, 0, 90), torch.zeros(5, dtype=torch.long), (7, 7), 1 / 16)
    assert feats.transpose(1, 2).is_contiguous(memory_format=torch.channels_last_3d)
    none = torch.zeros(0, dtype=torch.long)
    assert separable_roi_align(maps, torch.zeros(0, 3, 4), none, (7, 7), 1 / 16).shape == (0, 3, 4, 7, 7)
    maps = torch.rand(2, 3, 4, 6, 8)
    assert separable_roi_align(maps, torch.zeros(0, 3, 4), none, (7, 7), 1 / 16).shape == (0, 3, 4, 7, 7)
