"""The nine actions as poses over time.

Time is cut into *blocks*: block t is the interval [t - 0.5, t + 0.5) around the whole second t, which is exactly the
centre clip of key second t. Every segment of a script covers whole blocks, so a centre clip shows one action only.

Two pairs are told apart only outside the centre clip, and the functions here keep the inside alike on purpose:

- walk / pace: inside a block both are the same straight walk; pace turns round exactly at the block's borders.
- squat / sit: inside a block both are low, and both have begun to rise at the block's borders. The squatter goes on
  rising there, the sitter sinks back.
"""
from dataclasses import dataclass
from typing import Sequence

import numpy as np

# The order is the order of the action ids, which start at 1.
ACTIONS = ('stand', 'walk', 'run', 'jump', 'wave', 'squat', 'sit', 'fall', 'pace')
# Actions whose centre clip must not be touched by a cross-fade from or to a neighbour.
CONTEXT_ACTIONS = ('walk', 'pace', 'squat', 'sit')

# Fields of a pose vector. Angles are in radians; limbs are measured from straight down (elbow and knee from the upper
# part of the limb), positive towards +x; LEAN bends the trunk, ROT turns the whole body; HOP is in body heights.
(LEAN, ROT, SHOULDER_L, ELBOW_L, SHOULDER_R, ELBOW_R, HIP_L, KNEE_L, HIP_R, KNEE_R, HOP) = range(11)
POSE_SIZE = 11
ARMS = [SHOULDER_L, ELBOW_L, SHOULDER_R, ELBOW_R]

BLEND_SECONDS = 0.17  # two frames at 12 fps
GET_UP_SECONDS = 0.35  # the part of getting up that lies behind the border of the last block of a fall
LOW_EDGE_SECONDS = 0.13  # how long before a border a low figure begins to rise, 1.5 frames at 12 fps
LOW_EDGE_DEPTH = 0.55  # how low it still is on the border: 0 is standing, 1 is fully low


@dataclass(frozen=True)
class Segment:
    """A stretch of whole blocks in which one actor performs one action.

    Args:
        action (str): One of ``ACTIONS``.
        start (int): First block.
        length (int): Number of blocks.
        x_start (float): Centre of the body at the start, 0..1 of the frame's width.
        x_end (float): The same at the end. Pace ends where its last block leads.
        facing (int): -1 (left) or 1 (right): the direction of the first block.
        speed (float): For walk, run and pace: frame widths per second, not negative.
        frequency (float): Of the cyclic motion in Hz.
        phase (float): Of the cyclic motion in radians.
        base (tuple[float]): The pose that the action starts from, ``POSE_SIZE`` numbers.
        swing (tuple[float]): What the cyclic motion adds per unit of its wave, ``POSE_SIZE`` numbers.
    """
    action: str
    start: int
    length: int
    x_start: float
    x_end: float
    facing: int
    speed: float
    frequency: float
    phase: float
    base: tuple
    swing: tuple

    @property
    def end(self) -> int:
        """The first block after the segment."""
        return self.start + self.length

    def facing_at(self, block: int) -> int:
        """Direction the actor looks and walks to in a block, -1 or 1."""
        if self.action == 'pace':
            return self.facing * (1 if (block - self.start) % 2 == 0 else -1)
        return self.facing

    def x_at(self, time: float, block: int) -> float:
        """Centre of the body at a time (seconds) of the given block, 0..1 of the frame's width."""
        elapsed = time - (self.start - 0.5)
        if self.action == 'pace':
            in_block = time - (block - 0.5)
            turned = (block - self.start) % 2
            return self.x_start + self.facing * self.speed * (1 - in_block if turned else in_block)
        if self.action in ('walk', 'run'):
            return self.x_start + self.facing * self.speed * elapsed
        if self.action == 'fall':
            return self.x_start + (self.x_end - self.x_start) * fall_progress(self, elapsed)
        return self.x_start


def smoothstep(value: float) -> float:
    """0 below 0, 1 above 1, smooth in between."""
    value = min(max(value, 0.0), 1.0)
    return value * value * (3 - 2 * value)


def fall_progress(segment: Segment, elapsed: float) -> float:
    """How far a fall has come (0..1) ``elapsed`` seconds after the start of its first block: it is over at 0.7 s."""
    return smoothstep((elapsed - 0.1) / 0.6)**1.5


def low_depth(time: float, block: int) -> float:
    """How low a squatting or sitting figure is at a time of a block, ``LOW_EDGE_DEPTH`` (on the borders) to 1.

    It depends on nothing but the time within the block: this is what makes the centre clips of squat and sit alike.
    """
    to_border = 0.5 - abs(time - block)
    return LOW_EDGE_DEPTH + (1 - LOW_EDGE_DEPTH) * smoothstep(to_border / LOW_EDGE_SECONDS)


def gait(segment: Segment, time: float, block: int) -> np.ndarray:
    """Walk, run and pace: legs and arms swing against each other, knees bend as a leg comes forward."""
    pose = np.array(segment.base)
    swing = np.array(segment.swing)
    angle = 2 * np.pi * segment.frequency * time + segment.phase
    wave, lift = np.sin(angle), np.cos(angle)
    pose[HIP_L] = swing[HIP_L] * wave
    pose[HIP_R] = -swing[HIP_R] * wave
    pose[KNEE_L] = -0.15 - swing[KNEE_L] * max(lift, 0.0)
    pose[KNEE_R] = -0.15 - swing[KNEE_R] * max(-lift, 0.0)
    pose[SHOULDER_L] = -swing[SHOULDER_L] * wave
    pose[SHOULDER_R] = swing[SHOULDER_R] * wave
    return pose * segment.facing_at(block)


def jump(segment: Segment, time: float, block: int) -> np.ndarray:
    """Hops on the spot: in the air for half of the period, knees bent for the other half."""
    pose = np.array(segment.base)
    swing = np.array(segment.swing)
    wave = np.sin(2 * np.pi * segment.frequency * (time - segment.start + 0.5) + segment.phase)
    pose[HOP] = swing[HOP] * max(wave, 0.0)
    bend = max(-wave, 0.0)
    pose[[HIP_L, HIP_R]] += bend * swing[[HIP_L, HIP_R]]
    pose[[KNEE_L, KNEE_R]] += bend * swing[[KNEE_L, KNEE_R]]
    pose[[SHOULDER_L, SHOULDER_R]] += wave * swing[[SHOULDER_L, SHOULDER_R]]
    return pose


def fall(segment: Segment, time: float, block: int) -> np.ndarray:
    """From standing to lying in the first block; begins to get up at the very end of the last one."""
    down = fall_progress(segment, time - (segment.start - 0.5))
    up = smoothstep((time - (segment.end - 0.5) + 0.2) / 0.5)
    return np.array(segment.base) + np.array(segment.swing) * down * (1 - up)


def low(segment: Segment, time: float, block: int) -> np.ndarray:
    """Squat and sit: ``base`` is the standing pose and ``swing`` leads from it to the low one."""
    return np.array(segment.base) + np.array(segment.swing) * low_depth(time, block)


def sway(segment: Segment, time: float, block: int) -> np.ndarray:
    """Stand and wave: a base pose plus a sine, small on the whole body for stand, large on the arms for wave."""
    wave = np.sin(2 * np.pi * segment.frequency * time + segment.phase)
    return np.array(segment.base) + np.array(segment.swing) * wave


POSE_FUNCTIONS = dict(stand=sway, wave=sway, walk=gait, run=gait, pace=gait, jump=jump, squat=low, sit=low, fall=fall)


def block_of_frame(frame: int, fps: int) -> int:
    """The block that a frame (0-based) belongs to, in whole numbers so that borders never depend on rounding."""
    return (2 * frame + fps) // (2 * fps)


def segment_of_block(script: Sequence[Segment], block: int) -> int:
    """Index of the segment that covers a block.

    Raises:
        ValueError: If the script does not cover the block.
    """
    for index, segment in enumerate(script):
        if segment.start <= block < segment.end:
            return index
    raise ValueError(f'the script covers blocks {script[0].start} to {script[-1].end - 1}, not block {block}')


def pose_at_frame(script: Sequence[Segment], frame: int, fps: int) -> tuple:
    """Pose of an actor at a frame.

    Segments are joined by short cross-fades, which always lie in the segment that is not a context action.

    Returns:
        tuple: pose (``POSE_SIZE``,), x (0..1 of the frame's width), facing (-1 or 1).
    """
    time, block = frame / fps, block_of_frame(frame, fps)
    index = segment_of_block(script, block)
    segment = script[index]
    pose = POSE_FUNCTIONS[segment.action](segment, time, block)
    if segment.action not in CONTEXT_ACTIONS:
        if index > 0 and script[index - 1].action in CONTEXT_ACTIONS + ('fall', ):
            pose = _fade(pose, script[index - 1], segment.start - 0.5, time, before=True)
        if index + 1 < len(script):
            pose = _fade(pose, script[index + 1], segment.end - 0.5, time, before=False)
    return pose, segment.x_at(time, block), segment.facing_at(block)


def _fade(pose: np.ndarray, other: Segment, border: float, time: float, before: bool) -> np.ndarray:
    """Mixes a pose with the pose that the neighbouring segment has on the common border."""
    seconds = GET_UP_SECONDS if other.action == 'fall' and before else BLEND_SECONDS
    weight = 1 - smoothstep(abs(time - border) / seconds)
    if weight == 0:
        return pose
    neighbour = POSE_FUNCTIONS[other.action](other, border, other.end - 1 if before else other.start)
    return (1 - weight) * pose + weight * neighbour
