"""Boxes of the mini data set are the bounds of the drawn figure."""
from dataclasses import replace

import cv2
import numpy as np
import pytest
from actions import POSE_SIZE
from figure import SUPERSAMPLE, build_figure, draw_figure, figure_bounds, random_body
from scene import make_scene


def drawn_bounds(capsules, size):
    """Bounds of what is drawn on black: x1y1x2y2 in pixels of the frame, with x2, y2 as right and lower edges."""
    canvas = np.zeros((size * SUPERSAMPLE, size * SUPERSAMPLE, 3), np.uint8)
    white = [capsule._replace(colour=(255, 255, 255)) for capsule in capsules]
    draw_figure(canvas, white)
    rows, columns = np.nonzero(canvas[..., 0] > 127)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / SUPERSAMPLE


@pytest.mark.parametrize('index', range(4))
@pytest.mark.parametrize('size', [64, 128])
def test_box_is_what_is_drawn(index, size):
    scene = make_scene(0, 'train', index, size, 12, 12)
    for actor in scene.actors:
        for frame in range(0, scene.num_frames, 7):
            drawn = drawn_bounds(actor.capsules(frame, 12, size), size)
            assert np.abs(actor.box(frame, 12, size) - drawn).max() <= 1


def test_box_of_a_covered_actor_is_whole():
    """The box does not depend on who else is in the scene: it is the bounds of the actor drawn alone."""
    scene = make_scene(0, 'train', 0, 64, 5, 12)
    frame = 30
    canvas = np.zeros((128, 128, 3), np.uint8)
    for actor in scene.actors:
        draw_figure(canvas, actor.capsules(frame, 12, 64))
        alone = drawn_bounds(actor.capsules(frame, 12, 64), 64)
        assert np.abs(actor.box(frame, 12, 64) - alone).max() <= 1


def test_figure_stands_on_the_ground_with_its_height():
    body = random_body(np.random.default_rng(3))
    capsules = build_figure(body, np.zeros(POSE_SIZE), 0.5, 1, 0.5, 0.9, 200)
    x1, y1, x2, y2 = figure_bounds(capsules)
    assert y2 == pytest.approx(0.9 * 200)
    assert y2 - y1 == pytest.approx(0.5 * 200, rel=0.04)
    assert (x1 + x2) / 2 == pytest.approx(100, abs=4)


def test_hop_lifts_the_figure():
    body = random_body(np.random.default_rng(3))
    pose = np.zeros(POSE_SIZE)
    low = figure_bounds(build_figure(body, pose, 0.5, 1, 0.5, 0.9, 200))
    pose[-1] = 0.1
    high = figure_bounds(build_figure(body, pose, 0.5, 1, 0.5, 0.9, 200))
    assert np.allclose(low - high, [0, 10, 0, 10])


def test_mirrored_pose_gives_mirrored_box():
    body = random_body(np.random.default_rng(5))
    pose = np.random.default_rng(6).uniform(-0.8, 0.8, POSE_SIZE)
    mirrored = -pose
    # Left and right limbs change places.
    mirrored[[2, 3, 4, 5, 6, 7, 8, 9]] = mirrored[[4, 5, 2, 3, 8, 9, 6, 7]]
    mirrored[-1] = pose[-1] = 0
    x1, y1, x2, y2 = figure_bounds(build_figure(body, pose, 0.5, 1, 0.5, 0.9, 200))
    bounds = figure_bounds(build_figure(body, mirrored, 0.5, -1, 0.5, 0.9, 200))
    assert np.allclose(bounds, [200 - x2, y1, 200 - x1, y2])


def test_frames_show_the_actor_inside_its_box_only():
    """Without actors the frames differ from those with them only inside the boxes."""
    scene = make_scene(0, 'train', 2, 64, 5, 12)
    empty = replace(scene, actors=())
    for frame, (image, background) in enumerate(zip(scene.frames(), empty.frames())):
        changed = cv2.absdiff(image, background).max(axis=2) > 0
        for actor in scene.actors:
            x1, y1, x2, y2 = actor.box(frame, 12, 64)
            changed[max(0, int(y1) - 1):int(y2) + 2, max(0, int(x1) - 1):int(x2) + 2] = False
        assert not changed.any()
