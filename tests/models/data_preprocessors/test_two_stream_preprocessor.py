"""Batches of windows with optical flow."""
import pytest
import torch
from mmaction.registry import MODELS

from mmstep.models.data_preprocessors.two_stream_preprocessor import stack_flows

SIZE, FRAMES = (4, 6), 3


def build(**kwargs):
    return MODELS.build(dict(type='TwoStreamPreprocessor', **kwargs))


def window(seed=0, num_flows=5, size=SIZE):
    rng = torch.Generator().manual_seed(seed)
    return dict(
        imgs=torch.randint(256, (3, FRAMES, *size), generator=rng, dtype=torch.uint8),
        flows=torch.randn(2, FRAMES + num_flows - 1, *size, generator=rng).half())


def batch(*windows):
    return dict(
        inputs={key: [w[key] for w in windows]
                for key in windows[0]}, data_samples=[object() for _ in windows])


def test_stacks_by_hand():
    """Frame t gets x and y of the maps t, t + 1, ..."""
    flows = torch.arange(4.).view(1, 1, 4, 1, 1) + torch.tensor([0., 100.]).view(1, 2, 1, 1, 1)
    assert stack_flows(flows, 2)[0, :, :, 0, 0].t().tolist() == [[0, 100, 1, 101], [1, 101, 2, 102], [2, 102, 3, 103]]


def test_flow_alone():
    data = batch(window(0), window(1))
    samples = data['data_samples']
    out = build(num_flows=5, flow_scale=4.)(data)
    assert out['inputs'].shape == (2, 10, FRAMES, *SIZE) and out['inputs'].dtype == torch.float32
    assert out['inputs'].is_contiguous(memory_format=torch.channels_last_3d)
    assert out['data_samples'] == samples
    flows = window(1)['flows'].float() / 4
    for frame in range(FRAMES):
        assert torch.allclose(out['inputs'][1, 0::2, frame], flows[0, frame:frame + 5])
        assert torch.allclose(out['inputs'][1, 1::2, frame], flows[1, frame:frame + 5])


def test_rgb_goes_first_and_is_normalised_as_alone():
    colours = dict(mean=[100., 110., 120.], std=[50., 60., 70.])
    out = build(num_flows=5, flow_scale=4., **colours)(batch(window(0), window(1)))['inputs']
    assert out.shape == (2, 13, FRAMES, *SIZE)
    alone = MODELS.build(dict(type='WindowPreprocessor', **colours))
    rgb = alone(dict(inputs=[window(0)['imgs'], window(1)['imgs']], data_samples=[]))['inputs']
    assert torch.equal(out[:, :3], rgb)
    assert torch.equal(out[:, 3:], build(num_flows=5, flow_scale=4.)(batch(window(0), window(1)))['inputs'])


def test_what_is_missing_or_differs_is_named():
    with pytest.raises(ValueError, match='no optical flow in the windows; add FlowFramesDecode'):
        build()(dict(inputs=[window()['imgs']], data_samples=[]))
    with pytest.raises(ValueError, match=r'sizes \[\(2, 7, 4, 6\), \(2, 7, 5, 6\)\].*TubeResize'):
        build()(batch(window(), window(size=(5, 6))))
