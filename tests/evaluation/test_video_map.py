"""Tests of mmstep.evaluation.video_map: Video-mAP: average precision over whole tubes."""
import numpy as np
import pytest
from helpers.tube_cases import one_tube, random_case

from mmstep.evaluation import link_tubes, video_map
from mmstep.structures import ActionTube, tubelets_by_video


def test_absent_classes_are_none():
    truth, tubelets = random_case(1)
    tubes = {video: link_tubes(found, 3) for video, found in tubelets_by_video(tubelets, len(truth.videos))}
    result = video_map(truth, tubes)
    assert result[0.2]['class2'] is None and set(result) == {0.05, 0.1, 0.2, 0.5}
    assert video_map(truth, tubes.items()) == result


def test_video_map_by_hand():
    truth = one_tube(20)
    boxes = np.tile([0., 0, 9, 9], (10, 1))
    half = ActionTube(0, 0.9, 1, boxes)  # 10 of 20 frames, overlap 0.5
    elsewhere = ActionTube(0, 0.95, 1, boxes + 10)
    result = video_map(truth, {0: [half]}, (0.5, 0.55))
    assert result[0.5]['mAP'] == 1 and result[0.55]['mAP'] == 0
    # A wrong tube before it: points (0, 1), (0, 0), (1, .5).
    assert video_map(truth, {0: [half, elsewhere]}, 0.5)[0.5]['mAP'] == pytest.approx(0.25)
    # A weaker duplicate of the same place is suppressed.
    assert video_map(truth, {0: [half, half._replace(score=0.3)]}, 0.5)[0.5]['mAP'] == 1
    assert video_map(truth, {}, 0.5)[0.5]['mAP'] == 0
