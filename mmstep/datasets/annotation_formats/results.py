"""Detections of the inferencer as tracks, so that a person can correct them."""
from typing import Dict, List

import numpy as np

from mmstep.errors import DataError
from .annotated_tracks import AnnotatedVideo, KeyBox, fill_frames
from .reading import read_json, stem


def read_result(path: str) -> List[AnnotatedVideo]:
    """Reads a JSON file of the inferencer or of ``demo/demo_video.py``.

    A person's boxes lie at the key times. Between two that follow each other the box goes in a straight line; before
    and after, it is held for half the time between key times.

    Args:
        path (str): The file.

    Returns:
        list[AnnotatedVideo]: One.

    Raises:
        MissingDataError: If there is no such file.
        DataError: If it is no such file, or holds no result.
    """
    content = read_json(path)
    try:
        if content['error'] is not None:
            raise DataError(f'{path} holds no result: {content["error"]}')
        fps, width, height = float(content['fps']), int(content['width']), int(content['height'])
        step = max(round(float(content['stride_seconds']) * fps), 1)
        num_frames = None if content['duration'] is None else max(round(content['duration'] * fps), 1)
        keys: Dict[int, List[KeyBox]] = {}
        for moment in content['detections']:
            frame = round(float(moment['time']) * fps)
            for person in moment['persons']:
                # Without identities each is somebody else.
                who = person['id'] if person['id'] is not None else -1 - len(keys)
                x1, y1, x2, y2 = (float(value) for value in person['bbox'])
                actions = frozenset(action['label'] for action in person['actions'])
                keys.setdefault(who, []).append(KeyBox(frame, (x1, y1, x2, y2), actions))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f'{path} is no JSON file of the inferencer ({type(error).__name__}: {error})') from error
    end = num_frames if num_frames is not None else np.inf
    tracks = [fill_frames(number, _held(boxes, step, end)) for number, (_, boxes) in enumerate(sorted(keys.items()))]
    return [AnnotatedVideo(stem(content['video']), width, height, tracks, num_frames, fps)]


def _held(keys: List[KeyBox], step: int, end: float) -> List[KeyBox]:
    """Key boxes with the frames in which a person appears and leaves."""
    result: List[KeyBox] = []
    for index, key in enumerate(keys):
        before, after = keys[index - 1] if index else None, keys[index + 1] if index + 1 < len(keys) else None
        if before is None or key.frame - before.frame > 1.5 * step:
            result.append(key._replace(frame=max(key.frame - step // 2, 0)))
        result.append(key)
        if after is None or after.frame - key.frame > 1.5 * step:
            last = int(min(key.frame + step // 2, end - 1))
            result += [
                key._replace(frame=max(last, key.frame)),
                key._replace(frame=max(last, key.frame) + 1, ends=True)
            ]
    return result
