"""A whole video on one page."""
import os.path as osp
from typing import Sequence

import numpy as np

from mmstep.video.sources import SeekableSource
from mmstep.visualization import draw_persons, filmstrip, put_text, scale_to_height, style_for, text_width
from ..persons.detections import KeyFrame


def paint_contact_sheet(source: SeekableSource, key_frames: Sequence[KeyFrame], width: int = 1920) -> np.ndarray:
    """Lays out key frames with what was found on them in a grid, each with its time.

    Args:
        source (SeekableSource): The video.
        key_frames (Sequence[KeyFrame]): At least one, in ascending order of time, with person numbers.
        width (int): About the width of the sheet in pixels. Defaults to 1920.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    aspect = source.width / source.height
    # About four pictures wide for every three high.
    columns = int(np.clip(round(np.sqrt(len(key_frames) * 4 / 3 / aspect)), 1, len(key_frames)))
    height = max(round(width / columns / aspect), 48)
    cells = [_paint(source, key_frame, height) for key_frame in key_frames]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    rows = [cells[start:start + columns] for start in range(0, len(cells), columns)]
    title = '   '.join([
        osp.basename(source.path), f'{source.width}x{source.height}', f'{source.fps:.4g} fps',
        _clock(source.duration)
    ])
    return filmstrip(rows, [title])


def _paint(source: SeekableSource, key_frame: KeyFrame, height: int) -> np.ndarray:
    scale = height / source.height
    picture = scale_to_height(source.frames_at([key_frame.time])[0], height)
    persons = key_frame.persons
    picture = draw_persons(
        picture, [person.bbox * scale for person in persons], [person.actions for person in persons],
        [person.person_id for person in persons],
        max_labels=2)
    return _stamp(picture, _clock(key_frame.time))


def _stamp(picture: np.ndarray, text: str) -> np.ndarray:
    """Writes the time into the lower right corner."""
    style = style_for(picture.shape[1], picture.shape[0])
    left = max(picture.shape[1] - text_width(text, style.text) - 2 * style.pad, 0)
    picture[-style.row:, left:] //= 4
    bottom = style.baseline(picture.shape[0] - style.row)
    put_text(picture, text, left + style.pad, bottom, (255, 255, 255), style.text)
    return picture


def _clock(seconds: float) -> str:
    """Minutes and seconds, as on a player."""
    minutes, rest = divmod(round(float(seconds), 1), 60)
    return f'{int(minutes)}:{rest:04.1f}'
