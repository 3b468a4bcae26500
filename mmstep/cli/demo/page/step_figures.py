"""How boxes move over the steps, as HTML: a picture for each step, with its actions as text below it.

Text on a picture shrinks with it; text below it stays readable on a phone.
"""
import base64
from html import escape
from typing import List, NamedTuple, Sequence

import cv2
import numpy as np

from mmstep.apis import Detection
from mmstep.visualization import number_tag

MOST_WORDS = 3  # persons that the text names


class StepRow(NamedTuple):
    """A key time.

    Attributes:
        time (float): Seconds.
        pictures (list[np.ndarray]): The initial tubes and each step, (H, W, 3) uint8, RGB.
        persons (list[list[Detection]]): Who is drawn in each, best first.
    """
    time: float
    pictures: List[np.ndarray]
    persons: List[List[Detection]]


def render_steps(rows: Sequence[StepRow]) -> str:
    """Lays out the steps of some key times.

    Args:
        rows (Sequence[StepRow]): By time; may be empty.

    Returns:
        str: HTML; empty without rows.
    """
    return ''.join(_row(row) for row in rows)


def _row(row: StepRow) -> str:
    time = f'{row.time:.1f} s'
    figures = ''.join(
        _figure('Initial boxes' if not number else f'Step {number}', time, picture, persons)
        for number, (picture, persons) in enumerate(zip(row.pictures, row.persons)))
    return f'<h3 class="steps-time">At {time}</h3><div class="steps-row">{figures}</div>'


def _figure(title: str, time: str, picture: np.ndarray, persons: Sequence[Detection]) -> str:
    said = describe(persons)
    alt = f'{title} at {time}: {said or "boxes of " + ", ".join(map(_name, persons[:MOST_WORDS]))}'
    text = f'<b>{title}</b>' + (f' {escape(said)}' if said else '')
    return (f'<figure><img src="{data_uri(picture)}" alt="{escape(alt)}" width="{picture.shape[1]}" '
            f'height="{picture.shape[0]}" loading="lazy"><figcaption>{text}</figcaption></figure>')


def describe(persons: Sequence[Detection]) -> str:
    """Says who does what, the best action of each; '' of persons without actions.

    Args:
        persons (Sequence[Detection]): With numbers.

    Returns:
        str: At most three persons, and how many more there are.
    """
    words = [
        f'{_name(person)} {person.actions[0][0]} {person.actions[0][1]:.2f}' for person in persons if person.actions
    ]
    more = len(words) - MOST_WORDS
    return ', '.join(words[:MOST_WORDS]) + (f' and {more} more' if more > 0 else '')


def _name(person: Detection) -> str:
    return number_tag(person.person_id or 0)


def data_uri(picture: np.ndarray) -> str:
    """A picture inside of the page.

    Args:
        picture (np.ndarray): (H, W, 3) uint8, RGB.

    Returns:
        str: A JPEG as ``data:`` address.
    """
    jpeg = cv2.imencode('.jpg', cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    return 'data:image/jpeg;base64,' + base64.b64encode(jpeg.tobytes()).decode()
