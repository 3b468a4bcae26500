"""The whole evaluation against plain loops, by hand, and whatever the order of its input."""
import numpy as np
import pytest
from helpers.tube_cases import perfect_tubelets, random_case
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_evaluation import plain_evaluation

from mmstep.evaluation import TubeEvaluator, TubeGroundTruth, Tubelets, evaluate_tubelets, get_rules
from mmstep.structures import select_tubelets, tubelets_by_video

THRS = (0.05, 0.1, 0.2, *np.linspace(0.5, 0.95, 10).round(2).tolist())


@pytest.mark.parametrize('rules', ['act', 'moc'])
@pytest.mark.parametrize('seed', range(6))
def test_plain_loops_find_the_same(seed, rules):
    truth, tubelets = random_case(seed, specific=seed % 2 == 1)
    if seed > 2:  # stride 3
        tubelets = select_tubelets(tubelets, tubelets.start % 3 == 1)
    frame, video = plain_evaluation(truth, tubelets, get_rules(rules), [0.5, 0.75], THRS)
    result = evaluate_tubelets(truth, tubelets, rules=rules, frame_iou_thrs=[0.5, 0.75], video_iou_thrs=THRS)
    assert {thr: item['mAP'] for thr, item in result.frame.items()} == pytest.approx(frame, abs=1e-6)
    assert {thr: result.video[thr]['mAP'] for thr in THRS} == pytest.approx(video, abs=1e-6)


def test_perfect_detections():
    truth, _ = random_case(0)
    result = evaluate_tubelets(truth, perfect_tubelets(truth)).figures()
    assert {value for name, value in result.items()} == {1.0}
    assert 'video-mAP@0.5:0.95' in result and 'AP/class2' not in result


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


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 20), st.sampled_from(['act', 'moc']))
def test_order_of_detections_with_many_ties(random, seed, rules):
    truth, tubelets = random_case(seed, num_videos=2)
    tubelets = tubelets._replace(scores=tubelets.scores.round(1), boxes=tubelets.boxes.round(-1))
    order = list(range(len(tubelets.video)))
    random.shuffle(order)
    mixed = select_tubelets(tubelets, np.array(order))
    assert evaluate_tubelets(truth, mixed, rules=rules) == evaluate_tubelets(truth, tubelets, rules=rules)


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


def test_video_by_video():
    truth, tubelets = random_case(5)
    evaluator = TubeEvaluator(truth)
    for video, found in reversed(list(tubelets_by_video(tubelets, len(truth.videos)))):
        evaluator.add(video, found)
    assert evaluator.result() == evaluate_tubelets(truth, tubelets)
    assert evaluator.result().absent == ['class2']


def test_stride_comes_from_all_videos():
    """In one video alone two windows 9 frames apart would tell nothing."""
    truth, tubelets = random_case(0)
    sparse = select_tubelets(tubelets, (tubelets.start % 9 == 1))
    figures = evaluate_tubelets(truth, sparse).figures()
    assert figures == evaluate_tubelets(truth, sparse, stride=9).figures()
    assert figures['video-mAP@0.05'] > 0
    assert evaluate_tubelets(truth, sparse, stride=1).figures()['video-mAP@0.05'] == 0


def test_arrays_of_any_project():
    """What the README shows."""
    truth = TubeGroundTruth(
        labels=['run', 'jump'],
        videos=['a', 'b'],
        nframes=np.array([20, 30]),
        resolution=np.array([[240, 320]] * 2),
        rows=np.array([[frame, 10, 20, 60, 120] for frame in range(1, 21)]),
        row_tube=np.zeros(20, int),
        tube_video=np.array([0]),
        tube_label=np.array([1]))
    tubelets = Tubelets(
        video=np.zeros(15, int),
        start=np.arange(1, 16),
        boxes=np.tile([10, 20, 60, 120], (15, 6, 1)),
        scores=np.tile([0.1, 0.8], (15, 1)))
    assert evaluate_tubelets(truth, tubelets, rules='moc').figures()['video-mAP@0.5:0.95'] == 1


@pytest.mark.parametrize('clip_len, nframes', [(30, 18), (6, 4), (30, 30)])
def test_clips_that_are_longer_than_the_video(clip_len, nframes):
    """The perfect detection of a short video, padded after its end with its last box."""
    rows = np.array([[frame, frame, 20, 40 + frame, 90] for frame in range(1, nframes + 1)])
    truth = TubeGroundTruth(['a'], ['v'], np.array([nframes]), np.array([[240, 320]]), rows, np.zeros(nframes, int),
                            np.array([0]), np.array([0]))
    boxes = np.concatenate([rows[:, 1:], np.repeat(rows[-1:, 1:], clip_len - nframes, axis=0)])[None]
    tubelets = Tubelets(np.array([0]), np.array([1]), boxes, np.array([[0.9]]))
    figures = evaluate_tubelets(truth, tubelets, rules=dict(type='act', min_tube_length=1)).figures()
    assert set(figures.values()) == {1.0}


@pytest.mark.parametrize('what, message',
                         [('scores', '1 of [0-9]+ tubelets of the video video0 have a score'),
                          ('boxes', 'video0 have a box that is not a finite number; the first begins')])
def test_numbers_that_are_none(what, message):
    truth, tubelets = random_case(0)
    values = np.array(getattr(tubelets, what))
    values.reshape(-1)[5] = np.nan
    with pytest.raises(ValueError, match=message):
        evaluate_tubelets(truth, tubelets._replace(**{what: values}))


def test_with_and_without_trimming():
    truth, tubelets = random_case(1)
    plain = evaluate_tubelets(truth, tubelets)
    both = evaluate_tubelets(truth, tubelets, trim=dict(switch_cost=0.1, threshold=0.45))
    assert both.untrimmed == plain.video != both.video and plain.untrimmed == {}
    assert both.figures()['untrimmed-video-mAP@0.5:0.95'] == plain.figures()['video-mAP@0.5:0.95']
