"""Scripts and poses of the mini data set: which actions may be told apart where."""

import numpy as np
import pytest
from actions import (ACTIONS, CONTEXT_ACTIONS, LOW_EDGE_DEPTH, ROT, block_of_frame, low_depth, pose_at_frame,
                     segment_of_block)
from script import FOLLOWERS, LENGTHS, RUN_SPEED, WALK_SPEED, WEIGHTS, Lane, ScriptWriter

FPS = 12
LAST_BLOCK = 12


@pytest.fixture(scope='module')
def scripts():
    lane = Lane(0.1, 0.9)
    return [ScriptWriter(np.random.default_rng(seed), 0.5, lane).write(0, LAST_BLOCK + 1) for seed in range(80)]


def segments_with_neighbours(scripts, action):
    """Yields (previous or None, segment, next or None) of an action; only segments whose neighbours are known."""
    for script in scripts:
        for index, segment in enumerate(script):
            if segment.action == action:
                previous = script[index - 1] if index else None
                yield previous, segment, script[index + 1] if index + 1 < len(script) else None


def motion_of_block(script, block):
    frames = range(block * FPS - FPS // 2, block * FPS + FPS // 2)
    x = np.array([pose_at_frame(script, frame, FPS)[1] for frame in frames])
    return np.diff(x)


@pytest.mark.parametrize('frame, fps, block', [(0, 12, 0), (5, 12, 0), (6, 12, 1), (17, 12, 1), (18, 12, 2),
                                               (12, 25, 0), (13, 25, 1), (14, 30, 0), (15, 30, 1)])
def test_block_of_frame(frame, fps, block):
    assert block_of_frame(frame, fps) == block


def test_every_table_knows_every_action():
    assert set(WEIGHTS) == set(LENGTHS) == set(FOLLOWERS) == set(ACTIONS)


def test_scripts_cover_every_block_once(scripts):
    for script in scripts:
        assert script[0].start == 0 and script[-1].end > LAST_BLOCK
        assert all(a.end == b.start for a, b in zip(script, script[1:]))
        assert all(a.x_end == pytest.approx(b.x_start) for a, b in zip(script, script[1:]))


def test_block_outside_the_script_is_named(scripts):
    with pytest.raises(ValueError, match='not block 99'):
        segment_of_block(scripts[0], 99)


def test_all_actions_are_drawn(scripts):
    assert {segment.action for script in scripts for segment in script} == set(ACTIONS)


def test_pace_turns_at_every_border_and_only_there(scripts):
    found = 0
    for script in scripts:
        for segment in script:
            if segment.action != 'pace':
                continue
            for block in range(segment.start + 1, segment.end - 1):
                signs = [np.unique(np.sign(motion_of_block(script, b))) for b in (block - 1, block, block + 1)]
                assert all(len(sign) == 1 for sign in signs)
                assert signs[0] == -signs[1] == signs[2]
                found += 1
    assert found > 10


def test_walk_never_turns_in_its_window(scripts):
    found = 0
    for script in scripts:
        for segment in script:
            if segment.action != 'walk':
                continue
            for block in range(segment.start, segment.end):
                neighbours = [b for b in (block - 1, block, block + 1) if script[0].start <= b < script[-1].end]
                actions = {b: script[segment_of_block(script, b)].action for b in neighbours}
                gaits = [b for b in neighbours if actions[b] in ('walk', 'run', 'pace')]
                steps = np.concatenate([motion_of_block(script, b) for b in gaits])
                assert (np.sign(steps) == segment.facing).all()
                assert len(gaits) >= 2
                found += 1
    assert found > 20


@pytest.mark.parametrize('action', ['walk', 'run', 'pace'])
def test_no_gait_beside_another(action):
    assert not set(FOLLOWERS[action]) & {'walk', 'run', 'pace'}


def test_squat_has_standing_seconds_around_it(scripts):
    found = [(before, after) for before, _, after in segments_with_neighbours(scripts, 'squat') if before and after]
    assert len(found) > 10
    assert all(before.action == after.action == 'stand' for before, after in found)


def test_sit_lasts_and_never_stands_on_both_sides(scripts):
    lengths = [segment.length for _, segment, _ in segments_with_neighbours(scripts, 'sit')]
    assert len(lengths) > 10 and min(lengths) >= 3


def test_low_figures_are_alike_within_the_block():
    offsets = np.linspace(-0.5, 0.5, 25)
    first = [low_depth(3 + offset, 3) for offset in offsets]
    assert np.allclose(first, [low_depth(7 + offset, 7) for offset in offsets])
    assert first[0] == first[-1] == LOW_EDGE_DEPTH and first[12] == 1


@pytest.mark.parametrize('action', CONTEXT_ACTIONS)
def test_context_actions_are_not_faded_into_their_neighbours(scripts, action):
    """The poses of a centre clip come from the segment alone, whatever its neighbours do."""
    for script in scripts:
        for segment in script:
            if segment.action != action or segment.end > LAST_BLOCK:
                continue
            for frame in range(segment.start * FPS - FPS // 2, segment.end * FPS - FPS // 2):
                with_neighbours = pose_at_frame(script, max(frame, 0), FPS)[0]
                alone = pose_at_frame([segment], max(frame, 0), FPS)[0]
                assert np.array_equal(with_neighbours, alone)


def test_fall_ends_lying_and_gets_up(scripts):
    for script in scripts:
        for segment in script:
            if segment.action != 'fall' or not 1 <= segment.start <= LAST_BLOCK - segment.length:
                continue
            before, during, after = (
                abs(pose_at_frame(script, block * FPS + 3, FPS)[0][ROT])  # 0.75 s after the block's start
                for block in (segment.start - 1, segment.start, segment.end))
            assert before < 0.5 and during > 1.4 and after < 0.1


def test_run_is_at_least_1_8_times_as_fast_as_walk():
    assert RUN_SPEED[0] > 1.8 * WALK_SPEED[1] and RUN_SPEED[1] <= 1


def test_actors_stay_in_their_lane(scripts):
    for script in scripts:
        x = [pose_at_frame(script, frame, FPS)[1] for frame in range(LAST_BLOCK * FPS)]
        assert min(x) >= 0.1 - 1e-9 and max(x) <= 0.9 + 1e-9
