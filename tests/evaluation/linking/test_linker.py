"""Tests of mmstep.evaluation.linking.linker.

Linking of tubelets into tubes, as in ACT, for finished videos and for streams.
"""
import numpy as np
import pytest
from helpers.memory import kept_alive
from helpers.tube_cases import perfect_tubelets, random_case

from mmstep.evaluation import OnlineLinker, link_tubes
from mmstep.structures import Tubelets, select_tubelets


def as_rows(tubes):
    return sorted((t.label, round(t.score, 9), t.start, t.boxes.round(6).tolist()) for t in tubes)


def moving(starts, score=0.9, clip_len=6, speed=1.):
    """One box that moves to the right, seen at the given start frames."""
    starts = np.array(starts)
    left = (starts[:, None] + np.arange(clip_len)) * speed
    boxes = np.stack([left, 0 * left, left + 40, 0 * left + 60], axis=2)
    return Tubelets(0 * starts, starts, boxes, np.full((len(starts), 1), score))


@pytest.mark.parametrize('preset', ['act', 'moc'])
@pytest.mark.parametrize('specific', [False, True])
def test_order_of_tubelets_does_not_matter(preset, specific):
    truth, tubelets = random_case(0, num_videos=1, specific=specific)
    mixed = select_tubelets(tubelets, np.random.default_rng(1).permutation(len(tubelets.video)))
    assert as_rows(link_tubes(tubelets, 3, preset)) == as_rows(link_tubes(mixed, 3, preset)) != []


def test_ties_do_not_matter():
    truth, tubelets = random_case(2, num_videos=1)
    tied = tubelets._replace(scores=tubelets.scores.round(1))
    mixed = select_tubelets(tied, np.random.default_rng(1).permutation(len(tied.video)))
    assert as_rows(link_tubes(tied, 3)) == as_rows(link_tubes(mixed, 3))


def test_perfect_tubelets_give_the_annotated_tube():
    truth, _ = random_case(1, num_videos=1)
    tubes = link_tubes(perfect_tubelets(truth), 3)
    assert len(tubes) == len(truth.tube_label)
    for tube in tubes:
        rows = [truth.rows[truth.row_tube == t] for t in range(len(tubes)) if truth.tube_label[t] == tube.label]
        assert any(len(r) == len(tube.boxes) and np.allclose(r[:, 1:], tube.boxes) for r in rows)
        assert tube.score == pytest.approx(0.9)


def test_boxes_and_scores_are_means_of_the_covering_tubelets():
    tubelets = moving([1, 2], clip_len=3, speed=0.)
    tubelets.boxes[1] += 2
    tubelets.scores[1] = 0.5
    tube, = link_tubes(tubelets, 1, dict(min_tube_length=1))
    assert tube.score == pytest.approx(0.7)
    assert tube.boxes[:, 0].tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize('stride', [1, 3, 5, 6, 8, 12])
def test_every_stride_gives_one_tube(stride):
    starts = list(range(1, 60, stride))
    tube, = link_tubes(moving(starts), 1)
    assert (tube.start, len(tube.boxes)) == (1, starts[-1] + 5)
    assert np.allclose(tube.boxes[:, 0], np.arange(1, starts[-1] + 6))


def test_a_gap_ends_a_tube():
    tubelets = moving([*range(1, 21), *range(32, 52)], speed=0.)
    assert [(t.start, len(t.boxes)) for t in link_tubes(tubelets, 1)] == [(1, 25), (32, 25)]
    # Four frames without a tubelet are bridged, five are not.
    assert len(link_tubes(moving([*range(1, 21), *range(25, 45)], speed=0.), 1)) == 1
    assert len(link_tubes(moving([*range(1, 21), *range(26, 46)], speed=0.), 1)) == 2
    assert len(link_tubes(moving([*range(1, 21), *range(26, 46)], speed=0.), 1, 'moc')) == 1


def test_short_and_weak_tubes_are_dropped():
    assert link_tubes(moving(range(1, 10)), 1) == []
    assert len(link_tubes(moving(range(1, 11)), 1)) == 1
    assert link_tubes(moving(range(1, 21), score=0.009), 1) == []
    assert len(link_tubes(moving(range(1, 21), score=0.009), 1, 'moc')) == 1


def test_scores_of_zero_do_not_count():
    tubelets = moving(range(1, 31))
    tubelets.scores[10:] = 0
    tube, = link_tubes(tubelets, 1)
    assert len(tube.boxes) == 15


def test_trimming_splits_a_path():
    tubelets = moving(range(1, 91, 6))
    tubelets.scores[5:8] = 0.05
    first, second = sorted(link_tubes(tubelets, 1, trim=dict(switch_cost=0.5)), key=lambda tube: tube.start)
    assert (first.start, len(first.boxes), second.start, len(second.boxes)) == (1, 30, 49, 42)
    assert first.score == pytest.approx(0.9)


@pytest.mark.parametrize('stride', [1, 2, 7])
@pytest.mark.parametrize('trim', [None, dict(switch_cost=0.3, threshold=0.3)])
@pytest.mark.parametrize('rules', ['act', 'moc'])
def test_stream_gives_what_the_finished_video_gives(rules, trim, stride):
    truth, tubelets = random_case(3, num_videos=1)
    tubelets = select_tubelets(tubelets, tubelets.start % stride == 1 % stride)
    linker = OnlineLinker(3, rules, stride, trim)
    emitted, numbers = [], set()
    for start in np.unique(tubelets.start):
        rows = tubelets.start == start
        emitted += linker.push(int(start), tubelets.boxes[rows], tubelets.scores[rows])
        numbers |= {number for number, *_ in linker.active()}
    emitted += linker.finish()
    assert as_rows(emitted) == as_rows(link_tubes(tubelets, 3, rules, trim=trim))
    assert linker.active() == [] and numbers


def test_stream_keeps_only_what_lives():
    linker = OnlineLinker(1, history=10)
    box = np.tile([0., 0, 40, 60], (1, 6, 1))
    for start in range(1, 400):
        linker.push(start, box, np.array([[0.9]]))
    assert len(kept_alive(linker, np.ndarray)) == 10 + 1  # tubelets of the path, boxes of the start frame
    nothing = np.zeros((0, 6, 4))
    ended = [linker.push(start, nothing, np.zeros((0, 1))) for start in range(400, 410)]
    assert [len(tubes) for tubes in ended].count(1) == 1 and not kept_alive(linker, np.ndarray)


def test_numbers_are_steady_and_never_used_twice():
    linker, seen = OnlineLinker(1), {}
    for start in [*range(1, 30), *range(60, 80)]:
        left = np.array([0., 200.] if start < 30 else [0.])
        boxes = np.stack([left, 0 * left, left + 40, 0 * left + 60], axis=1)[:, None].repeat(6, axis=1)
        linker.push(start, boxes, np.array([[0.9], [0.8]])[:len(left)])
        for number, label, score, box in linker.active():
            seen.setdefault(number, set()).add((box[0, 0], start > 30))
    assert seen == {0: {(0, False)}, 1: {(200, False)}, 2: {(0, True)}}


def test_history_bounds_what_a_stream_keeps():
    linker = OnlineLinker(1, history=20)
    for start in range(1, 500):
        linker.push(start, np.tile([0., 0, 40, 60], (1, 6, 1)), np.array([[0.9]]))
    assert len(kept_alive(linker, np.ndarray)) == 20 + 1
    tube, = linker.finish()
    assert (tube.start, len(tube.boxes)) == (480, 25)


def test_boxes_of_a_path_do_not_hold_those_of_the_frame():
    linker = OnlineLinker(1)
    linker.push(1, np.tile([0., 0, 40, 60], (50, 6, 1)) + np.arange(50)[:, None, None], np.full((50, 1), 0.9))
    assert linker.active() and all(boxes.base is None for *_, boxes in linker.active())


def test_wrong_calls():
    linker = OnlineLinker(2)
    linker.push(3, np.zeros((1, 6, 4)), np.zeros((1, 2)))
    with pytest.raises(ValueError, match='3 came after 3'):
        linker.push(3, np.zeros((1, 6, 4)), np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r'scores must be \(n, L\) = \(1, 2\)'):
        linker.push(4, np.zeros((1, 6, 4)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r'boxes must be \(n, K, 4\)'):
        linker.push(4, np.zeros((1, 24)), np.zeros((1, 2)))
