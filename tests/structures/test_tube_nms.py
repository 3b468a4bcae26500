"""Per-class NMS."""
import torch

from mmstep.structures import multiclass_tube_nms

NMS = dict(type='nms', iou_threshold=0.4)
BOXES = torch.tensor([[0., 0., 10., 10.], [0., 0., 10., 9.], [50., 50., 60., 60.]])


def test_suppresses_within_a_class_only():
    scores = torch.tensor([[.9, .1], [.8, .2], [.3, .005]])
    kept, rows = multiclass_tube_nms(BOXES, scores, 0.01, NMS)
    expected = torch.tensor([[.9, 0.], [0., .2], [.3, 0.]])
    assert torch.allclose(kept, expected)
    assert rows.tolist() == [0, 2, 1]


def test_keeps_the_best_entries():
    scores = torch.tensor([[.9, .1], [.2, .1], [.3, .6]])
    kept, rows = multiclass_tube_nms(BOXES, scores, 0.01, NMS, max_num=2)
    assert (kept > 0).sum() == 2 and rows.tolist() == [0, 2]


def test_nothing_over_the_threshold():
    kept, rows = multiclass_tube_nms(BOXES, torch.zeros(3, 2), 0.01, NMS)
    assert kept.shape == (3, 2) and rows.numel() == 0
    kept, rows = multiclass_tube_nms(BOXES[:0], torch.zeros(0, 2), 0.01, NMS)
    assert kept.shape == (0, 2) and rows.numel() == 0
