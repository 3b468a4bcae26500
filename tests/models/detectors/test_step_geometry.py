"""Boxes stay in the frame whatever the network says."""
import pytest
import torch
from helpers.model_cases import SIZE, build_detector
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL = build_detector().eval()


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), scale=st.sampled_from([0., .01, 1., 10., 1e3, 1e9]))
def test_random_windows(seed, scale):
    """200 windows of random features, with regression from none to absurd."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(1, 52, 9, 4, 4, generator=rng)
    head = MODEL.roi_head
    for step in head.bbox_head:
        for fc in (step.fc_reg, step.fc_prev, step.fc_next):
            if fc is not None:
                fc.weight.data = torch.randn(fc.weight.shape, generator=rng) * scale
    with torch.no_grad():
        outs = head(x, (SIZE, SIZE))
    for out in outs:
        assert torch.isfinite(out.scores).all()
        for tubes in (out.tubes, out.prev, out.next):
            if tubes is not None:
                assert torch.isfinite(tubes).all()
                assert (tubes >= 0).all() and (tubes <= SIZE).all()
                assert (tubes[..., 2:] - tubes[..., :2] >= 1).all()
