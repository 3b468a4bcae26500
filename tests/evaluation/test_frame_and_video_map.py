import numpy as np
import pytest
from tube_cases import perfect_tubelets, random_case

from mmstep.evaluation import analyse_errors, evaluate_tubelets, frame_map, link_tubes, plot_errors, video_map
from mmstep.structures import ActionTube, TubeGroundTruth, Tubelets, select_tubelets, tubelets_by_video


def tubes_of(truth, tubelets, rules='act'):
    return {
        v: link_tubes(found, len(truth.labels), rules)
        for v, found in tubelets_by_video(tubelets, len(truth.videos))
    }


def one_tube(frames=20):
    rows = np.tile([0., 0, 0, 9, 9], (frames, 1))
    rows[:, 0] = np.arange(1, frames + 1)
    return TubeGroundTruth(['a', 'b'], ['v'], np.array([30]), np.array([[20, 20]]), rows, np.zeros(frames, dtype=int),
                           np.array([0]), np.array([0]))


def test_perfect_detections():
    truth, _ = random_case(0)
    result = evaluate_tubelets(truth, perfect_tubelets(truth)).figures()
    assert {value for name, value in result.items()} == {1.0}
    assert 'video-mAP@0.5:0.95' in result and 'AP/class2' not in result


def test_absent_classes_are_none_and_not_in_the_mean():
    truth, tubelets = random_case(1)
    result = frame_map(truth, tubelets)[0.5]
    assert result['class2'] is None
    assert result['mAP'] == pytest.approx(np.mean([result['class0'], result['class1']]))
    assert video_map(truth, tubes_of(truth, tubelets))[0.2]['class2'] is None


def test_frame_ap_by_hand():
    truth = one_tube(2)
    # Frame 1: hit at .9, miss at .8 in a place of its own; frame 2: only a box that overlaps too little.
    boxes = np.array([[[0., 0, 9, 9]], [[12., 12, 19, 19]], [[0., 0, 9, 3]]])
    tubelets = Tubelets(np.zeros(3, int), np.array([1, 1, 2]), boxes, np.array([[.9, 0], [.8, 0], [.7, 0]]))
    result = frame_map(truth, tubelets, iou_thrs=(0.5, 0.4))
    assert result[0.5]['a'] == pytest.approx(0.5)
    # With 0.4 the third hits: points (0, 1), (.5, 1), (.5, .5), (1, 2/3).
    assert result[0.4]['a'] == pytest.approx(0.5 + 0.5 * (0.5 + 2 / 3) / 2)


def test_plus_one_is_an_option():
    truth = one_tube(1)
    tubelets = Tubelets(np.zeros(1, int), np.ones(1, int), np.array([[[0., 0, 9, 4]]]), np.array([[.9, 0]]))
    assert frame_map(truth, tubelets)[0.5]['mAP'] == 1
    assert frame_map(truth, tubelets, dict(plus_one=False))[0.5]['mAP'] == 0


def test_soft_nms_keeps_the_duplicate():
    truth = one_tube(1)
    boxes = np.array([[[0., 0, 9, 9]], [[0., 0, 9, 8]]])
    tubelets = Tubelets(np.zeros(2, int), np.ones(2, int), boxes, np.array([[.9, 0], [.8, 0]]))
    assert frame_map(truth, tubelets, 'act')[0.5]['mAP'] == 1
    assert frame_map(truth, tubelets, 'moc')[0.5]['mAP'] == 1  # the second comes after full recall
    wrong_first = tubelets._replace(boxes=boxes[::-1], scores=np.array([[.9, 0], [.95, 0]]))
    assert frame_map(truth, wrong_first, 'moc')[0.5]['mAP'] == 1


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


@pytest.mark.parametrize('rules', ['act', 'moc'])
@pytest.mark.parametrize('specific', [False, True])
@pytest.mark.parametrize('decimals', [8, 1])
def test_no_order_matters(rules, specific, decimals):
    """Neither that of detections, nor of videos, nor of classes, with or without ties."""
    truth, tubelets = random_case(4, specific=specific)
    tubelets = tubelets._replace(scores=tubelets.scores.round(decimals))
    expected = evaluate_tubelets(truth, tubelets, rules=rules).figures()
    rng = np.random.default_rng(0)
    videos, labels = rng.permutation(len(truth.videos)), rng.permutation(len(truth.labels))
    new_video, new_label = np.argsort(videos), np.argsort(labels)
    turned = truth._replace(
        labels=[truth.labels[i] for i in labels],
        videos=[truth.videos[i] for i in videos],
        nframes=truth.nframes[videos],
        resolution=truth.resolution[videos],
        tube_video=new_video[truth.tube_video],
        tube_label=new_label[truth.tube_label])
    mixed = select_tubelets(tubelets, rng.permutation(len(tubelets.video)))
    mixed = mixed._replace(video=new_video[mixed.video])
    if specific:
        mixed = mixed._replace(label=new_label[mixed.label])
    else:
        mixed = mixed._replace(scores=mixed.scores[:, labels])
    assert evaluate_tubelets(turned, mixed, rules=rules).figures() == pytest.approx(expected, abs=1e-12)


def test_videos_without_detections_count_as_missed():
    truth, _ = random_case(0)
    tubelets = perfect_tubelets(truth)
    some = select_tubelets(tubelets, tubelets.video == 0)
    result = evaluate_tubelets(truth, some).figures()
    assert 0 < result['frame-mAP@0.5'] < 1 and 0 < result['video-mAP@0.2'] < 1


def test_no_detection_at_all():
    truth, tubelets = random_case(0)
    nothing = select_tubelets(tubelets, np.zeros(0, dtype=int))
    assert set(evaluate_tubelets(truth, nothing).figures().values()) == {0.0}
    assert analyse_errors(truth, [])['mean']['missed'] == 1


def test_errors_by_hand(tmp_path):
    rows = np.array([[1, 0, 0, 9, 9], [2, 0, 0, 9, 9], [1, 10, 10, 19, 19], [3, 10, 10, 19, 19]], dtype=float)
    truth = TubeGroundTruth(['a', 'b'], ['v'], np.array([9]), np.array([[20, 20]]), rows, np.array([0, 0, 1, 1]),
                            np.array([0, 0]), np.array([0, 1]))
    boxes = np.array([[0, 0, 9, 9], [0, 0, 3, 3], [10, 10, 19, 19], [0, 0, 9, 9]], dtype=float)[:, None]
    # Class a: right in frame 1; too small in frame 2; on b in frame 3; in frame 5, where nothing is.
    tubelets = Tubelets(
        np.zeros(4, int), np.array([1, 2, 3, 5]), boxes, np.array([[.6, 0], [.9, 0], [.8, 0], [.7, 0]]))
    shares = analyse_errors(truth, [(0, tubelets)])
    # Recall moves once, from 0 to .5 at the fourth detection: each share is the mean of the curve there and before.
    assert shares['a']['localisation'] == pytest.approx(0.5 * (1 / 3 + 1 / 4) / 2)
    assert shares['a']['classification'] == pytest.approx(0.5 * (1 / 3 + 1 / 4) / 2)
    assert shares['a']['time'] == pytest.approx(0.5 * (1 / 3 + 1 / 4) / 2)
    assert shares['a']['missed'] == 0.5
    assert sum(shares['a'].values()) == pytest.approx(1)
    plot_errors(shares, str(tmp_path / 'errors.png'))
    assert (tmp_path / 'errors.png').stat().st_size > 1000
