"""Who did what and when, as HTML: a row for each action of each person.

Rows are buttons, so that keys and screen readers reach them; the page's script (``look.py``) seeks the video.
"""
import json
import re
from html import escape
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from mmstep.visualization import number_tag, person_color

# A bar of score 0 is still seen.
LEAST_OPACITY = 0.35
# Of a long video the timeline is wider than the page and scrolls.
PIXELS_A_SECOND = 4
TICK_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
MOST_TICKS = 8


class TimelineView(NamedTuple):
    """What of a timeline is to be seen.

    Attributes:
        most (int): So many persons, those who act for the longest time.
        search (str): Only actions whose name holds this text, or the person of this number (``12`` or ``#12``).
        min_seconds (float): Only stretches of at least this length.
    """
    most: int = 20
    search: str = ''
    min_seconds: float = 0.0


def choose_tracks(tracks: Sequence[Any], view: TimelineView) -> List[Dict[str, Any]]:
    """Chooses what a timeline shows.

    Args:
        tracks (Sequence[Track]): Persons over time, as from :func:`mmstep.apis.person_tracks`.
        view (TimelineView): What is wanted.

    Returns:
        list[dict]: ``id`` and ``actions`` of the chosen persons, by number.

    Example:
        >>> run = dict(label='run', score=0.5, start=1.0, end=3.0)
        >>> sit = dict(label='sit', score=0.9, start=0.0, end=0.5)
        >>> chosen = choose_tracks([dict(id=0, actions=[run, sit]), dict(id=1, actions=[sit])], TimelineView(1))
        >>> [track['id'] for track in chosen]
        [0]
    """
    text = view.search.strip().lower()
    number = re.fullmatch(r'#?(\d+)', text)
    chosen = []
    for track in tracks:
        own = number is not None and int(number[1]) == track['id']
        actions = [
            action for action in track['actions']
            if (own or text in action['label'].lower()) and action['end'] - action['start'] >= view.min_seconds
        ]
        if actions:
            chosen.append(dict(id=track['id'], actions=actions))
    chosen.sort(key=lambda track: (-sum(action['end'] - action['start'] for action in track['actions']), track['id']))
    return sorted(chosen[:view.most], key=lambda track: track['id'])


def render_timeline(tracks: Sequence[Any], duration: float, view: TimelineView = TimelineView()) -> str:
    """Draws the timeline.

    Args:
        tracks (Sequence[Track]): As in :func:`choose_tracks`; may be empty.
        duration (float): Length of the video in seconds.
        view (TimelineView): What of it is shown. Defaults to 20 persons.

    Returns:
        str: HTML. Bars have the persons' colors, and are the fainter, the lower their score.
    """
    chosen = choose_tracks(tracks, view)
    if not chosen:
        return f'<p class="timeline-note">{"Nothing fits the search." if tracks else "Nobody was found."}</p>'
    duration = max(duration, 1e-3)
    body = ''.join(_person(track, duration) for track in chosen)
    counted = f'{len(chosen)} of {len(tracks)}' if len(chosen) < len(tracks) else str(len(tracks))
    return (f'<p class="timeline-note">{counted} {"person" if counted == "1" else "people"}. '
            'A press on an action seeks to it, once more to its next time; a click beside it seeks there.</p>'
            f'<div class="timeline" data-duration="{duration:.3f}">'
            f'<div class="timeline-inner" style="min-width: calc(var(--timeline-names) + '
            f'{duration * PIXELS_A_SECOND:.0f}px)">{_axis(duration)}{body}</div></div>')


def ticks(duration: float) -> List[float]:
    """Round times from 0 on, at most eight up to the end.

    Example:
        >>> ticks(4.2)
        [0, 1, 2, 3, 4]
    """
    step = next((step for step in TICK_STEPS if duration / step < MOST_TICKS), TICK_STEPS[-1])
    return [round(index * step, 1) if step < 1 else index * step for index in range(int(duration / step) + 1)]


def _axis(duration: float) -> str:
    marks = ''.join(f'<span style="left: {100 * tick / duration:.2f}%">{clock(tick)}</span>'
                    for tick in ticks(duration))
    return (f'<div class="timeline-row timeline-axis" aria-hidden="true"><span>time</span>'
            f'<div class="timeline-track">{marks}</div></div>')


def clock(seconds: float) -> str:
    """Seconds as people say them; from a minute on minutes and seconds.

    Example:
        >>> clock(2), clock(0.5), clock(83)
        ('2 s', '0.5 s', '1:23')
    """
    return f'{seconds:g} s' if seconds < 60 else f'{int(seconds) // 60}:{int(seconds) % 60:02d}'


def _person(track: Dict[str, Any], duration: float) -> str:
    red, green, blue = person_color(track['id'])
    by_label: Dict[str, List[dict]] = {}
    for action in track['actions']:
        by_label.setdefault(action['label'], []).append(action)
    name = number_tag(track['id'])
    rows = ''.join(_row(name, label, actions, duration) for label, actions in by_label.items())
    return (f'<div class="timeline-person" role="group" aria-label="person {name}" '
            f'style="--person: rgb({red}, {green}, {blue})">'
            f'<div class="timeline-name">{name}</div><div class="timeline-rows">{rows}</div></div>')


def _row(name: str, label: str, actions: Sequence[dict], duration: float) -> str:
    starts = json.dumps([round(action['start'], 3) for action in actions])
    first = actions[0]
    times = '' if len(actions) == 1 else f', {len(actions)} times'
    said = f'{label}, {name}{times}: {first["start"]:.1f} to {first["end"]:.1f} s, score {first["score"]:.2f}'
    return (f'<div class="timeline-row"><button type="button" data-starts="{starts}" aria-label="{escape(said)}">'
            f'{escape(label)}</button><div class="timeline-track">'
            f'{"".join(_bar(action, duration) for action in actions)}</div></div>')


def _bar(action: dict, duration: float) -> str:
    left, width = _percent(action, duration)
    opacity = LEAST_OPACITY + (1 - LEAST_OPACITY) * action['score']
    said = f'{action["label"]} {action["start"]:.1f} to {action["end"]:.1f} s, score {action["score"]:.2f}'
    return (f'<span class="timeline-bar" style="left: {left:.2f}%; width: {width:.2f}%; opacity: {opacity:.2f}" '
            f'title="{escape(said)}"></span>')


def _percent(action: dict, duration: float) -> Tuple[float, float]:
    return 100 * action['start'] / duration, 100 * (action['end'] - action['start']) / duration
