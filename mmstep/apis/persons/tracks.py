"""Who did what from when to when: the result of a video turned from key times to persons."""
from typing import Dict, List, Tuple, TypedDict

from .video_result import TubeBox, VideoResult


class ActionSpan(TypedDict):
    """A stretch of time in which a person does something."""
    label: str  # name of the class
    score: float  # mean over its key times, 0..1
    start: float  # seconds from the first frame
    end: float  # seconds


class Track(TypedDict):
    """A person over time."""
    id: int  # number of the person
    start: float  # seconds from the first frame
    end: float  # seconds
    boxes: List[TubeBox]  # one at each key time at which the person was seen
    actions: List[ActionSpan]  # by start


def person_tracks(result: VideoResult) -> List[Track]:
    """Turns a result from key times to persons.

    An action goes on as long as it is found at consecutive key times. A key time stands for the time from half a
    stride before to half a stride after it, within the video.

    Args:
        result (VideoResult): With person numbers, as from :class:`STEPInferencer`.

    Returns:
        list[Track]: By number of the person.
    """
    half = (result['stride_seconds'] or 0.0) / 2
    latest = float('inf') if result['duration'] is None else result['duration']

    def span(first: float, last: float) -> Tuple[float, float]:
        return round(max(first - half, 0.0), 3), round(min(last + half, latest), 3)

    boxes: Dict[int, List[TubeBox]] = {}
    runs: Dict[int, List[dict]] = {}
    going: Dict[tuple, dict] = {}  # by person and label, the runs of the key time before
    for key_time in result['detections']:
        now = {}
        for person in key_time['persons']:
            number = person['id']
            if number is None:
                raise ValueError('persons have no numbers: see PersonMatcher')
            boxes.setdefault(number, []).append(TubeBox(time=key_time['time'], bbox=person['bbox']))
            for action in person['actions']:
                key = number, action['label']
                run = going.get(key)
                if run is None:
                    run = dict(label=action['label'], first=key_time['time'], scores=[])
                    runs.setdefault(number, []).append(run)
                run['last'] = key_time['time']
                run['scores'].append(action['score'])
                now[key] = run
        going = now
    tracks = []
    for number in sorted(boxes):
        start, end = span(boxes[number][0]['time'], boxes[number][-1]['time'])
        actions = []
        for run in runs[number]:
            first, last = span(run['first'], run['last'])
            score = round(sum(run['scores']) / len(run['scores']), 4)
            actions.append(ActionSpan(label=run['label'], score=score, start=first, end=last))
        tracks.append(Track(id=number, start=start, end=end, boxes=boxes[number], actions=actions))
    return tracks
