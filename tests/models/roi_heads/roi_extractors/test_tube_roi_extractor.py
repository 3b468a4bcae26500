"""RoI features along tubes."""
import pytest
import torch

from mmstep.models import TubeRoIExtractor

LAYER = dict(type='RoIAlign', output_size=2, sampling_ratio=2, aligned=True)


def test_takes_the_right_window_and_frame():
    frames = torch.zeros(2, 9, 1, 4, 4) + torch.arange(18.).view(2, 9, 1, 1, 1)
    tubes = torch.tensor([0., 0., 64., 64.]).expand(3, 3, 4)
    feats = TubeRoIExtractor(LAYER)(frames, tubes, torch.tensor([0, 1, 1]))
    assert feats.shape == (3, 3, 1, 2, 2)
    # The three frames in the middle of nine.
    assert feats.amax(dim=(2, 3, 4)).tolist() == [[3, 4, 5], [12, 13, 14], [12, 13, 14]]


def test_equals_a_call_per_frame():
    frames = torch.rand(1, 3, 5, 8, 8)
    corner = torch.rand(4, 3, 2) * 50
    tubes = torch.cat([corner, corner + 40], dim=-1)
    extractor = TubeRoIExtractor(LAYER, featmap_stride=16)
    feats = extractor(frames, tubes, torch.zeros(4, dtype=torch.long))
    for t in range(3):
        rois = torch.cat([torch.zeros(4, 1), tubes[:, t]], dim=1)
        assert torch.allclose(feats[:, t], extractor.roi_layer(frames[:, t], rois), atol=1e-6)


def test_no_tubes_and_unknown_layer():
    feats = TubeRoIExtractor(LAYER)(torch.rand(1, 3, 5, 8, 8), torch.zeros(0, 3, 4), torch.zeros(0, dtype=torch.long))
    assert feats.shape == (0, 3, 5, 2, 2)
    with pytest.raises(ValueError, match='RoIAlign or RoIPool'):
        TubeRoIExtractor(dict(type='RoIWarp', output_size=2))


def test_roi_pool_without_cuda_says_what_to_do():
    extractor = TubeRoIExtractor(dict(type='RoIPool', output_size=2))
    with pytest.raises(RuntimeError, match="type='RoIAlign'"):
        extractor(torch.rand(1, 3, 5, 8, 8), torch.zeros(1, 3, 4), torch.zeros(1, dtype=torch.long))


@pytest.mark.parametrize('aligned', [True, False])
def test_inference_and_training_agree(aligned):
    layer = dict(type='RoIAlign', output_size=3, sampling_ratio=0, aligned=aligned)
    extractor, x = TubeRoIExtractor(layer), torch.rand(2, 5, 9, 8, 8)
    corner = torch.rand(4, 3, 2) * 50
    tubes, inds = torch.cat([corner, corner + 40], dim=-1), torch.tensor([1, 0, 1, 0])
    trained = extractor(extractor.arrange_maps(x), tubes, inds)
    extractor.eval()
    assert torch.allclose(extractor(extractor.arrange_maps(x), tubes, inds), trained, atol=1e-5)


def test_maximum_is_left_to_the_kernel():
    layer = dict(type='RoIAlign', output_size=3, sampling_ratio=2, pool_mode='max')
    extractor, x = TubeRoIExtractor(layer), torch.rand(1, 5, 3, 8, 8)
    tubes, inds = torch.tensor([0., 0., 64., 64.]).expand(2, 3, 4), torch.zeros(2, dtype=torch.long)
    trained = extractor(extractor.arrange_maps(x), tubes, inds)
    extractor.eval()
    assert torch.equal(extractor(extractor.arrange_maps(x), tubes, inds), trained)
