"""One video: a panning background, up to three actors on it, and where everyone is in every frame."""
from dataclasses import dataclass
from typing import Iterator, List, Tuple

import cv2
import numpy as np
from actions import Segment, block_of_frame, pose_at_frame, segment_of_block
from figure import SUPERSAMPLE, Body, Capsule, build_figure, draw_figure, figure_bounds, random_body
from script import BOX_WIDTH, Lane, ScriptWriter

SPLITS = ('train', 'val', 'heldout')
_TRIES = 20  # scripts drawn for an actor before the scene does without it
_CHECK_SIZE = 128  # pixels; boxes are compared at this size whatever the size of the video
_MAX_COVER = 0.65  # the largest part of a box that another box may cover at a checked frame


@dataclass(frozen=True)
class Actor:
    """One person of a scene."""
    person_id: int
    body: Body
    height: float
    ground: float
    script: Tuple[Segment, ...]

    def capsules(self, frame: int, fps: int, size: int) -> List[Capsule]:
        """The figure at a frame."""
        pose, x, facing = pose_at_frame(self.script, frame, fps)
        return build_figure(self.body, pose, x, facing, self.height, self.ground, size)

    def box(self, frame: int, fps: int, size: int) -> np.ndarray:
        """Box (4,) x1y1x2y2 in pixels, clipped to the frame; x2, y2 are the right and lower edges."""
        return np.clip(figure_bounds(self.capsules(frame, fps, size)), 0, size)

    def action(self, frame: int, fps: int) -> str:
        """The action at a frame."""
        return self.script[segment_of_block(self.script, block_of_frame(frame, fps))].action


@dataclass(frozen=True)
class Scene:
    """Everything that decides the pixels and the labels of one video.

    Actors are ordered from far to near.
    """
    size: int
    fps: int
    num_frames: int
    actors: Tuple[Actor, ...]
    texture: np.ndarray
    pan: np.ndarray
    gain: float
    bias: float
    noise: float
    noise_seed: int

    def background(self, frame: int) -> np.ndarray:
        """The panned background, (size, size, 3) uint8."""
        x, y = self.pan[frame]
        return cv2.warpAffine(
            self.texture, np.float32([[1, 0, -x], [0, 1, -y]]), (self.size, self.size), borderMode=cv2.BORDER_REFLECT)

    def frames(self) -> Iterator[np.ndarray]:
        """Yields the frames, (size, size, 3) uint8 BGR."""
        rng = np.random.default_rng(self.noise_seed)
        side = self.size * SUPERSAMPLE
        for frame in range(self.num_frames):
            canvas = cv2.resize(self.background(frame), (side, side), interpolation=cv2.INTER_NEAREST)
            for actor in self.actors:
                draw_figure(canvas, actor.capsules(frame, self.fps, self.size))
            image = cv2.resize(canvas, (self.size, self.size), interpolation=cv2.INTER_AREA).astype(np.float32)
            noise = rng.standard_normal((self.size, self.size, 1), dtype=np.float32)
            image = image * self.gain + self.bias + noise * self.noise
            yield np.clip(image, 0, 255).astype(np.uint8)


def make_scene(seed: int, split: str, index: int, size: int, seconds: int, fps: int) -> Scene:
    """Draws a scene that depends on its arguments only.

    Args:
        seed (int): Seed of the whole set.
        split (str): One of ``SPLITS``.
        index (int): Number of the video in its split.
        size (int): Side of the square frame in pixels.
        seconds (int): Length of the video.
        fps (int): Frames per second.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    num_frames = seconds * fps
    return Scene(
        size=size,
        fps=fps,
        num_frames=num_frames,
        actors=_make_actors(rng, seconds, fps),
        texture=_make_texture(rng, size),
        pan=_make_pan(rng, size, num_frames, fps),
        gain=float(rng.uniform(0.85, 1.15)),
        bias=float(rng.uniform(-15, 15)),
        noise=float(rng.uniform(1, 4)),
        noise_seed=int(rng.integers(2**31)))


def _make_actors(rng: np.random.Generator, seconds: int, fps: int) -> Tuple[Actor, ...]:
    """Draws one to three actors.

    An actor that hides another one, or is hidden, is drawn again.
    """
    count = int(rng.choice((1, 2, 3), p=(0.3, 0.45, 0.25)))
    # Shuffled, so that neither depth nor person id tells the place.
    places = rng.permutation(count)
    actors: List[Actor] = []
    checked: List[np.ndarray] = []
    # Everyone far is drawn before everyone near; a gap between the grounds keeps the order plain.
    grounds = np.sort(rng.uniform(0.84, 0.97, count))
    for person_id in range(count):
        for _ in range(_TRIES):
            height = float(rng.uniform(0.45, (0.7, 0.66, 0.54)[count - 1]))
            lane = _make_lane(rng, int(places[person_id]), count, height)
            writer = ScriptWriter(rng, height, lane)
            script = writer.write(int(rng.integers(-2, 1)), seconds + 1)
            actor = Actor(person_id, random_body(rng), height, float(grounds[person_id]), tuple(script))
            boxes = _check_boxes(actor, seconds, fps)
            if not any(_hides(boxes, other) for other in checked):
                actors.append(actor)
                checked.append(boxes)
                break
    return tuple(actors)


def _make_lane(rng: np.random.Generator, place: int, count: int, height: float) -> Lane:
    """The part of the frame an actor keeps to: mostly its share and a little more, sometimes all of it."""
    margin = 0.56 * BOX_WIDTH * height
    left, right = place / count, (place + 1) / count
    extra = 1.0 if rng.random() < 0.35 / count else rng.uniform(0.1, 0.5 / count)
    left, right = max(left - extra, 0) + margin, min(right + extra, 1) - margin
    return Lane(left, right)


def _check_boxes(actor: Actor, seconds: int, fps: int) -> np.ndarray:
    """Boxes (n, 4) of an actor at about three frames a second."""
    frames = range(0, seconds * fps, max(1, fps // 3))
    return np.array([actor.box(frame, fps, _CHECK_SIZE) for frame in frames])


def _hides(boxes: np.ndarray, other: np.ndarray) -> bool:
    """Whether two actors, given by their boxes (n, 4), ever cover each other too much to tell what they do."""
    sides = np.minimum(boxes[:, 2:], other[:, 2:]) - np.maximum(boxes[:, :2], other[:, :2])
    common = np.prod(np.maximum(sides, 0), axis=1)
    areas = [np.prod(b[:, 2:] - b[:, :2], axis=1) for b in (boxes, other)]
    return bool((common > _MAX_COVER * np.minimum(*areas)).any())


def _make_texture(rng: np.random.Generator, size: int) -> np.ndarray:
    """Smooth noise at several scales with rectangles and lines, (1.5 size, 2 size, 3) uint8."""
    rows, columns = size * 3 // 2, size * 2
    texture = np.full((rows, columns, 3), rng.uniform(60, 190, 3), np.float32)
    for cells, strength in ((3, 30), (8, 22), (24, 14)):
        # Half of the noise is the same in all three channels, otherwise everything is garish.
        noise = rng.standard_normal((cells, cells * 4 // 3, 3)) + rng.standard_normal((cells, cells * 4 // 3, 1))
        texture += strength * cv2.resize(noise.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(4, 10))):
        colour = rng.uniform(20, 235, 3).tolist()
        start = rng.integers(0, (columns, rows)).tolist()
        end = (np.array(start) + rng.integers(-size // 2, size // 2, 2)).tolist()
        if rng.random() < 0.5:
            cv2.rectangle(texture, start, end, colour, -1 if rng.random() < 0.5 else max(1, size // 50))
        else:
            cv2.line(texture, start, end, colour, int(rng.integers(1, max(2, size // 24))), cv2.LINE_AA)
    return np.clip(texture, 0, 255).astype(np.uint8)


def _make_pan(rng: np.random.Generator, size: int, num_frames: int, fps: int) -> np.ndarray:
    """Offset of the view in the texture, (num_frames, 2) pixels: to and fro at constant speed, or a slow sine."""
    time = np.arange(num_frames) / fps
    reach = 0.45 * size
    phase = rng.uniform(0, 1)
    if rng.random() < 0.5:
        speed = rng.uniform(0.02, 0.15) * size
        wave = np.abs((time * speed / reach + 2 * phase) % 2 - 1) * 2 - 1  # a triangle of -1..1
    else:
        wave = np.sin(2 * np.pi * (time / rng.uniform(8, 20) + phase))
    drift = rng.uniform(0, 0.08) * size * np.sin(2 * np.pi * (time / rng.uniform(6, 15) + rng.uniform(0, 1)))
    return np.stack([0.5 * size + reach * wave, 0.25 * size + drift], axis=1)
