"""Persons' tubes over a video as a picture in three dimensions: time, x and y."""
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from .draw import person_color
from .filmstrip import scale_to_height

# Rectangles of a person that are drawn as lines; between them runs the ribbon.
MAX_RECTANGLES = 40
# Boxes of a person that make up the ribbon.
MAX_BOXES = 400
MAX_LEGEND = 12
# Longer side of a frame of the video that is put up; each of its pixels is a face.
PICTURE_SIDE = 160


class PersonTube(NamedTuple):
    """One person over time, without gaps.

    Attributes:
        person_id (int): Gives the color.
        label (str): What stands in the legend.
        times (np.ndarray): (n,) seconds, ascending, n > 0.
        boxes (np.ndarray): (n, 4) x1y1x2y2 in pixels.
    """
    person_id: int
    label: str
    times: np.ndarray
    boxes: np.ndarray


def plot_tubes(tubes: Sequence[PersonTube],
               size: Tuple[int, int],
               duration: float,
               pictures: Sequence[Tuple[float, np.ndarray]] = (),
               title: Optional[str] = None) -> np.ndarray:
    """Draws tubes as ribbons through time.

    Time runs from left to right, the picture stands upright across it.

    Args:
        tubes (Sequence[PersonTube]): Pieces of tubes; those of one person have one color and one line in the legend.
            May be empty.
        size (tuple[int, int]): Width and height of the video, pixels.
        duration (float): Length of the video, seconds.
        pictures (Sequence[tuple[float, np.ndarray]]): Frames of the video and their times, (H, W, 3) uint8, RGB, that
            are put up behind the tubes. Defaults to none.
        title (str, optional): Stands over the plot.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator
    width, height = size
    figure = Figure(figsize=(12, 7), dpi=100)
    canvas = FigureCanvasAgg(figure)
    # Any: Matplotlib names no type for axes in three dimensions here.
    axes: Any = figure.add_axes((0.0, -0.04, 0.96, 0.98), projection='3d', computed_zorder=False)
    for time, picture in pictures:
        _put_up(axes, time, picture, size)
    for tube in tubes:
        _draw_tube(axes, tube)
    # Matplotlib would cut everything off at a square in the middle of the figure.
    for collection in axes.collections:
        collection.set_clip_on(False)
    axes.set(xlim=(0, max(duration, 1e-3)), ylim=(0, width), zlim=(height, 0))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.zaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel('time (s)', labelpad=24)
    axes.set_ylabel('x (px)', labelpad=10)
    axes.set_zlabel('y (px)', labelpad=10)
    # The picture keeps its aspect ratio; time gets more room than the longer side.
    longest = max(size)
    axes.set_box_aspect((1.9, width / longest, height / longest), zoom=1.57 - 0.57 * height / longest)
    axes.view_init(elev=20, azim=-55)
    if title:
        figure.suptitle(title, fontsize=11)
    _legend(figure, tubes)
    canvas.draw()
    return np.array(np.asarray(canvas.buffer_rgba())[..., :3])


def _draw_tube(axes, tube: PersonTube) -> None:
    from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection
    color = _ink(tube.person_id)
    chosen = evenly_spaced(len(tube.times), MAX_BOXES)
    corners = box_corners(tube.times[chosen], tube.boxes[chosen])
    outlines = corners[evenly_spaced(len(corners), MAX_RECTANGLES)]
    closed = np.concatenate([outlines, outlines[:, :1]], axis=1)
    if len(corners) > 1:
        after = np.roll(corners, -1, axis=1)
        # One face for each side of the box and each pair of consecutive boxes.
        faces = np.stack([corners[:-1], after[:-1], after[1:], corners[1:]], axis=2).reshape(-1, 4, 3)
        axes.add_collection3d(Poly3DCollection(faces, facecolors=(*color, 0.12), edgecolors='none', zorder=2))
        axes.add_collection3d(
            Line3DCollection(corners.swapaxes(0, 1), colors=[(*color, 0.9)], linewidths=1.0, zorder=3))
    axes.add_collection3d(Line3DCollection(closed, colors=[(*color, 0.55)], linewidths=0.8, zorder=3))
    ends = closed[[0, -1]]
    axes.add_collection3d(Line3DCollection(ends, colors=[color], linewidths=1.8, zorder=4))


def _ink(person_id: int) -> Tuple[float, float, float]:
    """A person's color, 0..1, a little darker, for white paper."""
    red, green, blue = (0.85 * value / 255 for value in person_color(person_id))
    return red, green, blue


def box_corners(times: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The four corners of each box as points time, x, y: (n, 4, 3)."""
    x = boxes[:, [0, 2, 2, 0]]
    y = boxes[:, [1, 1, 3, 3]]
    return np.stack([np.broadcast_to(times[:, None], x.shape), x, y], axis=-1).astype(np.float64)


def _put_up(axes, time: float, picture: np.ndarray, size: Tuple[int, int]) -> None:
    height = round(PICTURE_SIDE * picture.shape[0] / max(picture.shape[:2]))
    small = scale_to_height(picture, max(height, 1)) / 255
    rows, columns = small.shape[:2]
    x, y = np.meshgrid(np.linspace(0, size[0], columns + 1), np.linspace(0, size[1], rows + 1))
    faces = axes.plot_surface(
        np.full_like(x, time), x, y, facecolors=small, rstride=1, cstride=1, shade=False, linewidth=0.8, zorder=1)
    # Without edges the ground shows between the faces.
    faces.set_edgecolor(small.reshape(-1, 3))


def _legend(figure, tubes: Sequence[PersonTube]) -> None:
    from matplotlib.patches import Patch
    labels: Dict[int, str] = {}
    for tube in tubes:
        labels.setdefault(tube.person_id, tube.label)
    handles = [
        Patch(color=_ink(person_id), label=f'{person_id}: {label}')
        for person_id, label in sorted(labels.items())[:MAX_LEGEND]
    ]
    if len(labels) > MAX_LEGEND:
        handles.append(Patch(color='none', label=f'and {len(labels) - MAX_LEGEND} more'))
    if handles:
        figure.legend(
            handles=handles, loc='upper center', bbox_to_anchor=(0.5, 0.95), ncols=3, fontsize=9, frameon=False)
    else:
        figure.text(0.5, 0.5, 'nobody was found', ha='center', fontsize=14)


def evenly_spaced(count: int, most: int) -> np.ndarray:
    """At most so many of the indices 0..count - 1, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)) if count else np.zeros(0, int)
