"""Assignment of ground truth."""
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.structures import InstanceData

from mmstep.models import TubeAssigner


def assign(priors, boxes, thr=0.5, labels=None, **kwargs):
    labels = torch.arange(1, len(boxes) + 1) if labels is None else labels
    gt = InstanceData(bboxes=boxes, labels=labels, **kwargs)
    return TubeAssigner(thr).assign(InstanceData(priors=priors), gt)


def row(*starts, width=10.):
    return torch.tensor([[x, 0., x + width, 10.] for x in starts]).view(-1, 4)


def test_each_ground_truth_takes_its_best_free_candidate():
    # Both ground truths overlap candidate 0 most; the better pair goes first, the other takes its next best.
    priors, boxes = row(0, 8), row(0, 2)
    result = assign(priors, boxes, thr=0.9)
    assert result.gt_inds.tolist() == [1, 2]


def test_threshold_makes_more_positives_of_their_best():
    result = assign(row(0, 1, 4, 30), row(0, 31), thr=0.5)
    assert result.gt_inds.tolist() == [1, 1, 0, 2]
    assert result.labels.tolist() == [1, 1, 0, 2]
    assert torch.allclose(result.max_overlaps, torch.tensor([1., 9 / 11, 6 / 14, 9 / 11]))


def test_multi_hot_labels_and_valid_frames():
    priors = row(0, 50)[:, None].repeat(1, 2, 1)
    boxes = torch.stack([row(0, 90)])
    labels = torch.tensor([[0., 1., 1.]])
    result = assign(priors, boxes, labels=labels, valid=torch.tensor([[True, False]]))
    assert result.gt_inds.tolist() == [1, 0]
    assert result.labels.tolist() == [[0, 1, 1], [0, 0, 0]]
    assert result.max_overlaps.tolist() == [1, 0]


def test_a_ground_truth_that_nothing_overlaps_gets_nothing():
    assert assign(row(0), row(100)).gt_inds.tolist() == [0]


@pytest.mark.parametrize('n, g', [(3, 0), (0, 2), (0, 0), (2, 5)])
def test_empty_and_crowded(n, g):
    result = assign(row(*range(n)), row(*range(g)), labels=torch.zeros(g, 4))
    assert result.gt_inds.shape == (n, ) and result.labels.shape == (n, 4)
    assert (result.gt_inds > 0).all() if g and n else (result.gt_inds == 0).all()


def test_ignored_boxes_are_left_out():
    gt = InstanceData(bboxes=row(0), labels=torch.tensor([1]))
    ignored = InstanceData(bboxes=row(50))
    result = TubeAssigner(0.5).assign(InstanceData(priors=row(0, 50, 90)), gt, ignored)
    assert result.gt_inds.tolist() == [1, -1, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(1, 12), st.integers(1, 12))
def test_every_overlapped_ground_truth_has_one_if_there_is_room(seed, n, g):
    rng = torch.Generator().manual_seed(seed)
    priors, boxes = (torch.cat([c, c + 60], dim=1) for c in (torch.rand(k, 2, generator=rng) * 20 for k in (n, g)))
    inds = assign(priors, boxes, thr=0.7).gt_inds
    assert len(set(inds[inds > 0].tolist())) == min(n, g)


def test_an_overlap_of_just_the_threshold_is_not_higher():
    """Section 3.4: "the proposals having an overlap higher than tau"."""
    priors = torch.tensor([[0., 0., 10., 10.], [0., 0., 10., 5.], [0., 0., 10., 6.]])
    assert assign(priors, row(0), thr=0.5).gt_inds.tolist() == [1, 0, 1]


def test_a_positive_belongs_to_the_ground_truth_that_it_overlaps_most():
    """Section 3.4: "a single proposal can be assigned to only one ground truth tube"."""
    assert assign(row(0, 4, 1, 3), row(0, 4), thr=0.2).gt_inds.tolist() == [1, 2, 1, 2]
