"""From the tubes of a window to its detections."""
import pytest
import torch
from mmaction.structures import ActionDataSample

from mmstep.errors import LaunchError
from mmstep.models.roi_heads.bbox_heads import HeadOutput
from mmstep.models.roi_heads.post_processing import require_finite_outputs, select_detections

# Frame, its twin in another row, and one apart; the middle frame of three counts.
TUBES = torch.tensor([[[9., 9., 11., 11.], [0., 0., 40., 20.], [9., 9., 11., 11.]],
                      [[50., 50., 60., 60.], [0., 0., 40., 18.], [50., 50., 60., 60.]],
                      [[9., 9., 11., 11.], [50., 30., 90., 50.], [9., 9., 11., 11.]]])
SCORES = torch.tensor([[.9, .0], [.6, .3], [.2, .005]])


def test_by_hand():
    """NMS per class by the middle frame; the second tube loses class 0 to the first and keeps class 1."""
    found = select_detections(SCORES, TUBES, (50, 100))
    assert torch.allclose(found.scores, torch.tensor([[0., .9, .0], [0., .0, .3], [0., .2, .0]]))
    assert torch.equal(found.tubes, TUBES)
    assert torch.allclose(found.bboxes[0], torch.tensor([0., 0., .4, .4]))
    assert torch.allclose(found.bboxes[2], torch.tensor([.5, .6, .9, 1.]))


def test_best_first():
    found = select_detections(SCORES[[2, 0, 1]], TUBES[[2, 0, 1]], (50, 100))
    assert torch.allclose(found.scores.amax(dim=1), torch.tensor([.9, .3, .2]))


@pytest.mark.parametrize('change, kept', [
    (dict(score_thr=.25), [(0, .9), (1, .3)]),
    (dict(max_per_img=2), [(0, .9), (1, .3)]),
    (dict(max_per_img=0), []),
    (dict(nms=dict(type='nms', iou_threshold=.95)), [(0, .9), (0, .6), (0, .2)]),
    (dict(score_thr=1.), []),
])
def test_options(change, kept):
    found = select_detections(SCORES, TUBES, (50, 100), **change)
    best = [(int(row.argmax()) - 1, round(float(row.max()), 3)) for row in found.scores]
    assert best == kept and found.tubes.shape == (len(kept), 3, 4)


def test_no_tubes():
    found = select_detections(torch.zeros(0, 2), torch.zeros(0, 6, 4), (50, 100))
    assert found.bboxes.shape == (0, 4) and found.scores.shape == (0, 3) and found.tubes.shape == (0, 6, 4)


@pytest.mark.parametrize('part, value', [(0, torch.inf), (0, -torch.inf), (1, torch.nan), (2, torch.nan)])
def test_logits_and_deltas_that_are_not_finite(part, value):
    """Their scores, 0 or 1, and their boxes, which are repaired, would be finite."""
    numbers = [torch.zeros(2, 3), torch.zeros(2, 4, 4), torch.zeros(2, 1, 4)]
    require_finite_outputs([HeadOutput(*numbers), HeadOutput(*numbers[:2])], None)
    numbers[part].view(-1)[1] = value
    with pytest.raises(LaunchError, match=r'not finite \(film 7\): .*fp16'):
        require_finite_outputs([HeadOutput(*numbers)], [ActionDataSample(metainfo=dict(video_id='film', timestamp=7))])
