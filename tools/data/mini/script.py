"""Who does what, when and where: random scripts of segments that keep an actor in its part of the frame."""
from dataclasses import dataclass
from typing import List, Optional, Tuple

import numpy as np
from actions import (ARMS, ELBOW_L, ELBOW_R, HIP_L, HIP_R, HOP, KNEE_L, KNEE_R, LEAN, POSE_SIZE, ROT, SHOULDER_L,
                     SHOULDER_R, Segment)

# What may follow what. Two gaits never touch, since a turn between them would look like pace; a squat and a sit always
# have a standing second on either side; after a fall there is time to get up.
FOLLOWERS = dict(
    stand=('walk', 'run', 'jump', 'wave', 'squat', 'sit', 'fall', 'pace'),
    wave=('stand', 'walk', 'run', 'jump', 'fall', 'pace'),
    jump=('stand', 'walk', 'run', 'wave', 'fall', 'pace'),
    walk=('stand', 'jump', 'wave', 'fall'),
    run=('stand', 'jump', 'wave', 'fall'),
    pace=('stand', 'jump', 'wave', 'fall'),
    squat=('stand', ),
    sit=('stand', ),
    fall=('stand', 'wave'))
# Chances and lengths (in blocks) that make the labels about balanced over a set.
WEIGHTS = dict(stand=0.5, walk=2.6, run=7.0, jump=0.8, wave=0.7, squat=3.6, sit=1.2, fall=1.0, pace=2.2)
LENGTHS = dict(
    stand=(1, 1),
    walk=(2, 4),
    run=(1, 3),
    jump=(1, 3),
    wave=(1, 2),
    squat=(1, 1),
    sit=(3, 4),
    fall=(1, 2),
    pace=(2, 4))

BOX_WIDTH = 0.5  # of a box in body heights, the unit of the speeds below
WALK_SPEED = (0.27, 0.43)  # box widths per second
RUN_SPEED = (0.80, 0.88)


@dataclass(frozen=True)
class Lane:
    """Where an actor may be: the centre of its body stays in [left, right], fractions of the frame's width."""
    left: float
    right: float


def neutral_pose(rng: np.random.Generator) -> np.ndarray:
    """A standing pose: legs apart, arms hanging off the body."""
    pose = np.zeros(POSE_SIZE)
    spread = rng.uniform(0.12, 0.22)
    pose[[HIP_L, HIP_R]] = spread, -spread
    pose[SHOULDER_L], pose[SHOULDER_R] = rng.uniform(0.2, 0.4), -rng.uniform(0.2, 0.4)
    pose[ELBOW_L], pose[ELBOW_R] = rng.uniform(-0.2, 0.3), -rng.uniform(-0.2, 0.3)
    return pose


def raised_arms(rng: np.random.Generator, pose: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Raises one or both arms.

    Returns:
        tuple: the new pose and the swing of a wave with these arms. A still figure with raised arms and a waving one
        take the same poses, hence one frame does not tell them apart.
    """
    pose, swing = pose.copy(), np.zeros(POSE_SIZE)
    side = rng.integers(3)
    for chosen, shoulder, elbow, sign in ((0, SHOULDER_L, ELBOW_L, 1), (1, SHOULDER_R, ELBOW_R, -1)):
        if side in (chosen, 2):
            pose[shoulder] = sign * rng.uniform(1.9, 2.5)
            pose[elbow] = sign * rng.uniform(0.2, 0.6)
            swing[shoulder], swing[elbow] = sign * rng.uniform(0.2, 0.35), sign * rng.uniform(0.5, 0.8)
    return pose, swing


class ScriptWriter:
    """Draws the script of one actor.

    Args:
        rng (numpy.random.Generator): Source of all the choices.
        height (float): Body height as a fraction of the frame's height; frames are square.
        lane (Lane): Where the actor may be.
    """

    def __init__(self, rng: np.random.Generator, height: float, lane: Lane) -> None:
        self.rng = rng
        self.height = height
        self.lane = lane
        self.neutral = neutral_pose(rng)

    def write(self, first_block: int, last_block: int) -> List[Segment]:
        """Draws segments until they cover the blocks ``first_block`` to ``last_block``, both included."""
        rng = self.rng
        script: List[Segment] = []
        block, x, facing = first_block, rng.uniform(self.lane.left, self.lane.right), int(rng.choice((-1, 1)))
        options = tuple(WEIGHTS)
        while block <= last_block:
            segment = None
            while segment is None:
                weights = np.array([WEIGHTS[name] for name in options])
                action = str(rng.choice(options, p=weights / weights.sum()))
                segment = self._segment(action, block, x, facing)
            script.append(segment)
            block, x, facing = segment.end, segment.x_end, segment.facing_at(segment.end - 1)
            options = FOLLOWERS[action]
        return script

    def _segment(self, action: str, block: int, x: float, facing: int) -> Optional[Segment]:
        """Draws one segment, or None if there is no room for it."""
        rng = self.rng
        shortest, longest = LENGTHS[action]
        length = int(rng.integers(shortest, longest + 1))
        speed, frequency, x_end = 0.0, 0.0, x
        phase = float(rng.uniform(0, 2 * np.pi))
        base, swing = self.neutral.copy(), np.zeros(POSE_SIZE)
        if action in ('walk', 'run', 'pace'):
            unit = BOX_WIDTH * self.height
            speed = float(rng.uniform(*(RUN_SPEED if action == 'run' else WALK_SPEED))) * unit
            facing = int(rng.choice((-1, 1)))
            room = self.lane.right - x if facing > 0 else x - self.lane.left
            fitting = int(room / speed)
            if fitting < shortest:  # asked of pace too, or the place in the frame would tell it from walk
                return None
            if action == 'pace':
                x_end = x + facing * speed * (length % 2)
            else:
                length = min(length, fitting)
                x_end = x + facing * speed * length
            base, swing, frequency = self._gait(action)
        elif action == 'jump':
            frequency, phase = float(rng.uniform(1.0, 1.5)), 0.0
            swing[HOP] = rng.uniform(0.11, 0.17)
            swing[[HIP_L, HIP_R, KNEE_L, KNEE_R]] = 0.5, -0.5, -0.9, 0.9
            reach = rng.uniform(0.4, 0.9)
            swing[[SHOULDER_L, SHOULDER_R]] = reach, -reach
            base[[SHOULDER_L, SHOULDER_R]] = reach + 0.2, -reach - 0.2
        elif action in ('squat', 'sit'):
            swing = self._low_pose() - base
        elif action == 'fall':
            facing, x_end, swing = self._fall(x, base)
        elif action == 'wave':
            base, swing = raised_arms(rng, base)
            frequency = float(rng.uniform(1.5, 2.0))
        elif action == 'stand':
            base, swing, frequency = self._stand(base)
        return Segment(action, block, length, float(x), float(x_end), facing, speed, frequency, phase,
                       tuple(base.tolist()), tuple(swing.tolist()))

    def _gait(self, action: str) -> Tuple[np.ndarray, np.ndarray, float]:
        rng = self.rng
        base, swing = np.zeros(POSE_SIZE), np.zeros(POSE_SIZE)
        base[LEAN] = 0.06
        base[[ELBOW_L, ELBOW_R]] = rng.uniform(0.3, 0.6)
        swing[[HIP_L, HIP_R]] = rng.uniform(0.42, 0.6)
        swing[[KNEE_L, KNEE_R]] = rng.uniform(0.4, 0.7)
        swing[[SHOULDER_L, SHOULDER_R]] = rng.uniform(0.5, 0.7)
        frequency = float(rng.uniform(1.8, 2.3) if action == 'run' else rng.uniform(0.8, 1.1))
        return base, swing, frequency

    def _low_pose(self) -> np.ndarray:
        rng = self.rng
        pose = self.neutral.copy()
        bend = rng.uniform(1.1, 1.3)
        pose[[HIP_L, KNEE_L, HIP_R, KNEE_R]] = bend, -bend - 0.5, -bend, bend + 0.5
        pose[ARMS] = rng.uniform(0.3, 0.7), rng.uniform(-0.4, 0.4), -rng.uniform(0.3, 0.7), -rng.uniform(-0.4, 0.4)
        return pose

    def _fall(self, x: float, base: np.ndarray) -> Tuple[int, float, np.ndarray]:
        rng = self.rng
        reach = 0.47 * self.height  # half of the lying body stays in the frame on either side
        x_end = float(np.clip(x + rng.uniform(-0.2, 0.2) * self.height, reach, 1 - reach))
        facing = 1 if x_end >= x else -1
        swing = np.zeros(POSE_SIZE)
        swing[ROT] = facing * rng.uniform(1.45, 1.6)
        swing[[HIP_L, HIP_R]] = rng.uniform(-0.1, 0.3, 2)
        swing[[SHOULDER_L, SHOULDER_R]] = rng.uniform(0.5, 1.6), -rng.uniform(0.5, 1.6)
        return facing, x_end, swing

    def _stand(self, base: np.ndarray) -> Tuple[np.ndarray, np.ndarray, float]:
        rng = self.rng
        if rng.random() < 0.45:
            base, swing = raised_arms(rng, base)
            base = base + swing * rng.uniform(-1, 1)
        swing = np.zeros(POSE_SIZE)
        swing[[LEAN, SHOULDER_L, SHOULDER_R]] = rng.uniform(0.01, 0.03), 0.03, -0.03
        return base, swing, float(rng.uniform(0.2, 0.5))
