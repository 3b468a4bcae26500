"""A stick figure with thick limbs: from a pose to capsules, from capsules to a box and to pixels."""
import math
from dataclasses import dataclass
from typing import List, NamedTuple, Tuple

import cv2
import numpy as np
from actions import ELBOW_L, ELBOW_R, HIP_L, HIP_R, HOP, KNEE_L, KNEE_R, LEAN, ROT, SHOULDER_L, SHOULDER_R

SUPERSAMPLE = 2  # figures are drawn at twice the size and shrunk by area, which smooths the edges
_SHIFT = 4  # fractional bits of the coordinates given to OpenCV

Colour = Tuple[int, int, int]
Point = Tuple[float, float]


class Capsule(NamedTuple):
    """A line with round ends.

    Points and thickness are in pixels of the supersampled canvas.
    """
    start: Point
    end: Point
    thickness: int
    colour: Colour


@dataclass(frozen=True)
class Body:
    """Proportions (fractions of the body height, which they add up to) and colours (BGR) of one actor."""
    thigh: float
    shin: float
    torso: float
    head: float
    arm: float
    limb_width: float
    torso_width: float
    skin: Colour
    hair: Colour
    shirt: Colour
    stripe: Colour
    sleeve: Colour
    trousers: Colour
    trousers_low: Colour
    shoes: Colour


def random_body(rng: np.random.Generator) -> Body:
    """Draws proportions and clothes."""
    limb_width = rng.uniform(0.075, 0.1)
    head = rng.uniform(0.15, 0.19)  # diameter
    torso = rng.uniform(0.29, 0.34)
    leg = 1 - 0.5 * limb_width - torso - 0.03 - head

    def colour() -> Colour:
        hue, saturation, value = rng.integers(180), rng.integers(60, 256), rng.integers(70, 256)
        return tuple(int(c) for c in cv2.cvtColor(np.uint8([[[hue, saturation, value]]]), cv2.COLOR_HSV2BGR)[0, 0])

    def shade(base: Colour) -> Colour:
        factor = rng.choice((0.55, 0.7, 1.35))
        return tuple(int(min(255, c * factor + 10)) for c in base)

    tone = rng.uniform(0.35, 1.0)
    skin = (int(150 * tone), int(185 * tone), int(235 * tone))
    shirt, trousers = colour(), colour()
    return Body(
        thigh=leg * 0.5,
        shin=leg * 0.5,
        torso=torso,
        head=head,
        arm=rng.uniform(0.16, 0.19),
        limb_width=limb_width,
        torso_width=rng.uniform(0.17, 0.22),
        skin=skin,
        hair=tuple(int(c) for c in rng.integers(10, 110, 3)),
        shirt=shirt,
        stripe=shade(shirt),
        sleeve=skin if rng.random() < 0.5 else shade(shirt),
        trousers=trousers,
        trousers_low=skin if rng.random() < 0.3 else shade(trousers),
        shoes=tuple(int(c) for c in rng.integers(20, 240, 3)))


def _step(start: Point, angle: float, length: float) -> Point:
    """The point ``length`` away; angle 0 is down, pi/2 is right."""
    return start[0] + length * math.sin(angle), start[1] + length * math.cos(angle)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _leg(body: Body, hip: Point, angle: float, knee: float, facing: int, scale: float) -> List[Capsule]:
    width = max(1, round(body.limb_width * 1.15 * scale))
    knee_point = _step(hip, angle, body.thigh * scale)
    ankle = _step(knee_point, angle + knee, body.shin * scale)
    toe = _step(ankle, angle + knee + facing * math.pi / 2, 0.06 * scale)
    return [
        Capsule(knee_point, ankle, max(1, round(body.limb_width * scale)), body.trousers_low),
        Capsule(hip, knee_point, width, body.trousers),
        Capsule(ankle, toe, max(1, round(body.limb_width * scale)), body.shoes)
    ]


def _arm(body: Body, shoulder: Point, angle: float, elbow: float, scale: float) -> List[Capsule]:
    width = max(1, round(body.limb_width * 0.9 * scale))
    elbow_point = _step(shoulder, angle, body.arm * scale)
    hand = _step(elbow_point, angle + elbow, body.arm * scale)
    return [
        Capsule(elbow_point, hand, width, body.sleeve),
        Capsule(_between(elbow_point, hand, 0.85), hand, width, body.skin),
        Capsule(shoulder, elbow_point, width, body.shirt)
    ]


def build_figure(body: Body, pose: np.ndarray, x: float, facing: int, height: float, ground: float,
                 size: int) -> List[Capsule]:
    """Turns a pose into capsules, in the order in which they are drawn.

    Args:
        body (Body): Proportions and colours.
        pose (np.ndarray): See :mod:`actions`.
        x (float): Centre of the hips, 0..1 of the frame's width.
        facing (int): -1 or 1, where nose and toes point to.
        height (float): Body height, 0..1 of the frame's height.
        ground (float): What the lowest part of the body touches, 0..1 of the frame's height.
        size (int): Side of the frame in pixels.

    Returns:
        list[Capsule]: The lowest pixel of the figure is on the ground, or above it by the pose's hop.
    """
    scale = height * size * SUPERSAMPLE
    pose = pose.tolist()  # plain numbers are much faster than numpy's here
    lean, rot = pose[LEAN] + pose[ROT], pose[ROT]
    hip = (x * size * SUPERSAMPLE, 0.0)
    neck = _step(hip, math.pi - lean, body.torso * scale)
    side = body.torso_width * 0.5 * scale
    hips = [_step(hip, math.pi / 2 - rot, sign * 0.45 * side) for sign in (1, -1)]
    shoulder_line = _step(neck, -lean, 0.06 * scale)
    shoulders = [_step(shoulder_line, math.pi / 2 - lean, sign * 0.75 * side) for sign in (1, -1)]
    legs = [
        _leg(body, hips[0], pose[HIP_L] - rot, pose[KNEE_L], facing, scale),
        _leg(body, hips[1], pose[HIP_R] - rot, pose[KNEE_R], facing, scale)
    ]
    arms = [
        _arm(body, shoulders[0], pose[SHOULDER_L] - lean, pose[ELBOW_L], scale),
        _arm(body, shoulders[1], pose[SHOULDER_R] - lean, pose[ELBOW_R], scale)
    ]
    radius = body.head * 0.5 * scale
    head = _step(neck, math.pi - lean, 0.03 * scale + radius)
    hair = _step(_step(head, math.pi - lean, 0.3 * radius), math.pi / 2 - lean, -facing * 0.3 * radius)
    torso_width = round(body.torso_width * scale)
    top = _step(neck, -lean, 0.5 * torso_width)
    # The far limbs (on the side that the body turns away from) lie behind the torso.
    far, near = (0, 1) if facing > 0 else (1, 0)
    capsules = [*arms[far], *legs[far], *legs[near]]
    capsules += [
        Capsule(hip, top, torso_width, body.shirt),
        Capsule(_between(hip, top, 0.35), _between(hip, top, 0.55), round(0.6 * torso_width), body.stripe),
        Capsule(neck, head, max(1, round(0.8 * radius)), body.skin),
        Capsule(head, head, round(2 * radius), body.skin),
        Capsule(hair, hair, round(1.3 * radius), body.hair), *arms[near]
    ]
    lowest = max(max(c.start[1], c.end[1]) + c.thickness / 2 for c in capsules)
    drop = ground * size * SUPERSAMPLE - lowest - pose[HOP] * scale
    return [c._replace(start=(c.start[0], c.start[1] + drop), end=(c.end[0], c.end[1] + drop)) for c in capsules]


def figure_bounds(capsules: List[Capsule]) -> np.ndarray:
    """Bounds (4,) x1y1x2y2 of a figure in pixels of the frame, not clipped; x2, y2 are the right and lower edges."""
    x1 = min(min(c.start[0], c.end[0]) - c.thickness / 2 for c in capsules)
    y1 = min(min(c.start[1], c.end[1]) - c.thickness / 2 for c in capsules)
    x2 = max(max(c.start[0], c.end[0]) + c.thickness / 2 for c in capsules)
    y2 = max(max(c.start[1], c.end[1]) + c.thickness / 2 for c in capsules)
    return np.array([x1, y1, x2, y2]) / SUPERSAMPLE


def draw_figure(canvas: np.ndarray, capsules: List[Capsule]) -> None:
    """Draws a figure onto a supersampled BGR canvas, in place."""

    def fixed(point: Point) -> Tuple[int, int]:
        # A pixel's centre has whole coordinates for OpenCV and halves for us.
        return round((point[0] - 0.5) * (1 << _SHIFT)), round((point[1] - 0.5) * (1 << _SHIFT))

    for capsule in capsules:
        if capsule.start == capsule.end:
            radius = round(capsule.thickness / 2 * (1 << _SHIFT))
            cv2.circle(canvas, fixed(capsule.start), radius, capsule.colour, -1, cv2.LINE_AA, _SHIFT)
        else:
            cv2.line(canvas, fixed(capsule.start), fixed(capsule.end), capsule.colour, capsule.thickness, cv2.LINE_AA,
                     _SHIFT)
