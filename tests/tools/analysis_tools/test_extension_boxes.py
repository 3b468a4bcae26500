"""Boxes that temporal extension adds, against the annotated ones, worked out by hand."""
import torch
from extension_boxes import AnnotatedBoxes, Truth, WatchedExtension

from mmstep.models.task_modules.temporal_extension import Replicate

# Somebody who walks 10 pixels a frame, one feature frame a clip, and somebody who stands far away.
WALKER = torch.tensor([[0., 0., 20., 20.], [10., 0., 30., 20.], [20., 0., 40., 20.]])
STANDER = torch.tensor([60., 60., 80., 80.]).expand(3, 4)
TRUTH = Truth(torch.stack([WALKER, STANDER]), torch.ones(2, 3, dtype=torch.bool))
ON_WALKER, ON_NOBODY = WALKER[1:2], torch.tensor([[0., 50., 20., 70.]])


def test_the_person_whom_a_tube_follows():
    boxes, known = TRUTH.neighbours(torch.stack([ON_WALKER, ON_NOBODY]), 1)
    assert boxes[0].equal(WALKER)
    assert known.tolist() == [[True, False, True], [False] * 3]


def test_seconds_without_annotation_are_not_known():
    truth = TRUTH._replace(valid=torch.tensor([[False, True, True], [True] * 3]))
    assert truth.neighbours(ON_WALKER[None], 1)[1].tolist() == [[False, False, True]]


def test_windows_without_persons_and_windows_without_tubes():
    empty = Truth(torch.zeros(0, 3, 4), torch.zeros(0, 3, dtype=torch.bool))
    assert not empty.neighbours(ON_WALKER[None], 1)[1].any()
    assert TRUTH.neighbours(torch.zeros(0, 1, 4), 1)[0].shape == (0, 3, 4)


def test_annotated_boxes_replace_those_beside_the_tube_alone():
    extension = AnnotatedBoxes()
    extension.truth = TRUTH
    tube = torch.tensor([[11., 0., 31., 20.]])
    extended = extension(torch.stack([tube, ON_NOBODY]), 1)
    assert extended[0].equal(torch.stack([WALKER[0], tube[0], WALKER[2]]))
    assert extended[1].equal(ON_NOBODY.expand(3, 4))


def test_a_repeated_box_overlaps_a_walker_by_a_third():
    watched = WatchedExtension(Replicate())
    watched.truth = TRUTH
    extended = watched(torch.stack([ON_WALKER, ON_NOBODY]), 1)
    assert extended.equal(Replicate()(torch.stack([ON_WALKER, ON_NOBODY]), 1))
    torch.testing.assert_close(torch.cat(watched.overlaps), torch.tensor([1 / 3, 1 / 3]))


def test_annotated_boxes_overlap_wholly():
    watched = WatchedExtension(AnnotatedBoxes())
    watched.truth = TRUTH
    watched(ON_WALKER[None], 1)
    torch.testing.assert_close(watched.overlaps[0], torch.ones(2))
