"""Late fusion of what several detectors found in a window."""
import pytest
import torch
from mmengine.structures import InstanceData

from mmstep.models import fuse_instances, fuse_mean, fuse_union, fused_test_cfg

A, B, FAR = [0., 0., 10., 10.], [0., 0., 10., 8.], [50., 50., 60., 60.]


def stream(*rows, length=3):
    """Still tubes with their scores of two classes."""
    boxes = torch.tensor([box for box, _ in rows]).reshape(-1, 1, 4).expand(-1, length, 4)
    return boxes, torch.tensor([scores for _, scores in rows]).reshape(-1, 2)


def instances(*rows, length=3):
    tubes, scores = stream(*rows, length=length)
    return InstanceData(tubes=tubes, scores=torch.nn.functional.pad(scores, (1, 0)))


def test_mean_by_hand():
    """Boxes with an IoU of 0.8 are one tube; what one stream alone has found counts half."""
    tubes, scores = fuse_mean([stream((A, [.8, .2])), stream((FAR, [.0, .6]), (B, [.4, .4]))])
    assert torch.allclose(tubes[:, 0], torch.tensor([[0., 0., 10., 9.], FAR]))
    assert torch.allclose(scores, torch.tensor([[.6, .3], [0., .3]]))


def test_mean_of_three_streams_by_hand():
    tubes, scores = fuse_mean([stream((A, [.9, .0])), stream((FAR, [.3, .0])), stream((B, [.3, .0]), (FAR, [.6, .3]))])
    assert torch.allclose(tubes[:, 0], torch.tensor([[0., 0., 10., 9.], FAR]))
    assert torch.allclose(scores, torch.tensor([[.4, .0], [.3, .1]]))


def test_mean_pairs_by_class_where_tubes_overlap_alike():
    """Two tubes on one person, with a class each, meet those with the same class."""
    one = stream((A, [.9, .0]), (A, [.0, .8]))
    two = stream((A, [.0, .6]), (A, [.7, .0]))
    _, scores = fuse_mean([one, two])
    assert torch.allclose(scores, torch.tensor([[.8, .0], [.0, .7]]))


def test_mean_pairs_nothing_below_half_an_overlap():
    tubes, scores = fuse_mean([stream((A, [.8, .0])), stream(([0., 0., 10., 4.9], [.8, .0]))])
    assert len(tubes) == 2 and torch.allclose(scores, torch.tensor([[.4, .0]] * 2))


def test_mean_of_twins_is_the_twin():
    twin = (torch.rand(6, 3, 2) * 50, torch.rand(6, 4))
    twin = (torch.cat([twin[0], twin[0] + 20], dim=2), twin[1])
    tubes, scores = fuse_mean([twin, twin])
    assert torch.allclose(tubes, twin[0]) and torch.allclose(scores, twin[1])


def test_streams_are_not_changed():
    one, two = stream((A, [.8, .2])), stream((B, [.4, .4]))
    copies = [item.clone() for item in (*one, *two)]
    fuse_mean([one, two])
    assert all(torch.equal(a, b) for a, b in zip((*one, *two), copies))


def test_union_keeps_every_tube():
    tubes, scores = fuse_union([stream((A, [.8, .2])), stream((B, [.4, .4]), (FAR, [.1, .1]))])
    assert torch.equal(tubes[:, 0], torch.tensor([A, B, FAR])) and scores.shape == (3, 2)


def test_union_suppresses_duplicates_class_by_class():
    fused = fuse_instances([instances((A, [.8, .2])), instances((B, [.4, .5]))], 'union', (100, 200))
    assert torch.allclose(fused.scores, torch.tensor([[0., .8, 0.], [0., 0., .5]]))
    assert torch.allclose(fused.tubes[:, 0], torch.tensor([A, B]))
    assert torch.allclose(fused.bboxes, torch.tensor([[0., 0., .05, .1], [0., 0., .05, .08]]))


@pytest.mark.parametrize('mode', ['mean', 'union'])
@pytest.mark.parametrize('found', [(0, 0), (0, 1), (1, 0)])
def test_streams_that_found_nothing(mode, found):
    fused = fuse_instances([instances(*[(A, [.8, .2])] * n) for n in found], mode, (100, 100))
    assert len(fused) == sum(found)
    assert fused.tubes.shape[1:] == (3, 4) and fused.scores.shape[1:] == (3, ) and fused.bboxes.shape[1:] == (4, )


def test_what_cannot_be_fused_is_named():
    with pytest.raises(ValueError, match="fusion 'max' is unknown; choose mean or union"):
        fuse_instances([instances((A, [.8, .2]))] * 2, 'max', (100, 100))
    with pytest.raises(ValueError, match='the streams have 3, 9 feature frames a tube'):
        fuse_instances([instances((A, [.8, .2])), instances((A, [.8, .2]), length=9)], 'mean', (100, 100))
    other = InstanceData(tubes=torch.zeros(0, 3, 4), scores=torch.zeros(0, 6))
    with pytest.raises(ValueError, match='the streams have 2, 5 classes'):
        fuse_instances([instances((A, [.8, .2])), other], 'mean', (100, 100))


def test_limits_of_the_fused_tubes_are_obeyed():
    streams = [instances((A, [.8, .2])), instances((FAR, [.5, .4]))]
    fused = fuse_instances(streams, 'union', (100, 200), dict(score_thr=.4, max_per_img=1))
    assert torch.allclose(fused.scores, torch.tensor([[0., .8, 0.]]))


def test_nms_of_the_streams_is_that_of_the_fusion():
    """Of people who touch each other, a stream that keeps both is not to lose one in the fusion."""
    loose = dict(type='nms', iou_threshold=.9)
    streams = [instances((A, [.8, .0])), instances((B, [.4, .0]))]
    fused = fuse_instances(streams, 'union', (100, 200), fused_test_cfg([dict(nms=loose, score_thr=.5)] * 2))
    assert len(fused.scores) == 2  # the streams' score_thr is not the fusion's
    strict = fused_test_cfg([dict(nms=loose), {}], dict(nms=dict(type='nms', iou_threshold=.4)))
    assert len(fuse_instances(streams, 'union', (100, 200), strict).scores) == 1
    with pytest.raises(ValueError, match='different NMS.*test_cfg'):
        fused_test_cfg([dict(nms=loose), {}])
