"""MOTChallenge's csv and COCO's JSON for video: a box a line or an entry, with the number of the person."""
import os.path as osp
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from mmstep.errors import DataError, MissingDataError
from ..ava_csv import iter_csv
from .annotated_tracks import MOST_FRAMES, NOTHING, AnnotatedTrack, AnnotatedVideo
from .reading import VideoFolder, actions_of, read_json, stem

Boxes = Dict[int, Dict[int, Tuple[List[float], frozenset]]]  # person -> frame -> box and actions


def read_mot(path: str, videos: Optional[VideoFolder] = None, attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads ``gt.txt`` of MOTChallenge: frame from 1, id, x, y, width, height, confidence, class, visibility.

    Names of the classes are the lines of ``labels.txt`` beside it, as CVAT exports them; lines of confidence 0 are
    left out. Somebody with two actions at once has two lines.

    Args:
        path (str): The file; the video has the name of the folder that holds it, or that holds its folder ``gt``.
        videos (VideoFolder): The videos; the file does not know their size.
        attribute (str, optional): Is not used; the class says the action.

    Returns:
        list[AnnotatedVideo]: One.

    Raises:
        MissingDataError: If a file is missing.
        DataError: If a line is wrong; the message starts with ``file:line:``.
    """
    folder = osp.dirname(osp.abspath(path))
    labels_file = osp.join(folder, 'labels.txt')
    if not osp.isfile(labels_file):
        raise MissingDataError(
            f'{labels_file} does not exist: it holds the names of the classes of {path}, a line each')
    with open(labels_file, encoding='utf-8-sig') as file:
        labels = [line.strip() for line in file if line.strip()]
    boxes: Boxes = {}
    for line, fields in iter_csv(path, 'MOT file'):
        try:
            frame, person = int(float(fields[0])) - 1, int(float(fields[1]))
            x, y, width, height = (float(value) for value in fields[2:6])
            if len(fields) > 6 and float(fields[6]) == 0:
                continue
            name = labels[int(float(fields[7])) - 1] if len(fields) > 7 else labels[0]
            if not 0 <= frame <= MOST_FRAMES or not np.isfinite([x, y, width, height]).all():
                raise ValueError(f'frame {frame + 1}, box {(x, y, width, height)}')
        except (IndexError, ValueError, OverflowError) as error:
            raise DataError(f'{path}:{line}: not frame, id, x, y, width, height, confidence, class, visibility with a '
                            f'class of {labels_file} ({error})') from None
        _add(boxes, person, frame, [x, y, x + width, y + height], actions_of(name, {}))
    name = osp.basename(osp.dirname(folder) if osp.basename(folder) == 'gt' else folder)
    facts = (videos or VideoFolder()).get(name, 'its size, which MOT files do not say')
    return [AnnotatedVideo(name, facts.width, facts.height, _tracks(boxes), len(facts.times), facts.fps)]


def read_coco_video(path: str,
                    videos: Optional[VideoFolder] = None,
                    attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads COCO's JSON with ``videos``, ``images`` (``video_id``, ``frame_id`` from 0) and ``annotations``.

    An annotation has ``instance_id`` or ``track_id``, ``category_id`` and ``bbox`` (x, y, width, height), and
    perhaps ``attributes``.

    Args:
        path (str): The JSON file.
        videos (VideoFolder, optional): Is not needed where the file has sizes.
        attribute (str, optional): The attribute that says the action, see :func:`actions_of`.

    Returns:
        list[AnnotatedVideo]: In the order of the file.

    Raises:
        MissingDataError: If there is no such file.
        DataError: If it is no such JSON.
    """
    content = read_json(path)
    try:
        categories = {item['id']: item['name'] for item in content['categories']}
        images = {item['id']: item for item in content['images']}
        by_video: Dict[Any, Boxes] = {item['id']: {} for item in content['videos']}
        sizes: Dict[Any, Tuple[int, int]] = {}
        for image in images.values():
            sizes.setdefault(image['video_id'], (int(image['width']), int(image['height'])))
        for item in content['annotations']:
            image = images[item['image_id']]
            person = int(item.get('instance_id', item.get('track_id', -1)))
            x, y, width, height = (float(value) for value in item['bbox'])
            said = actions_of(categories[item['category_id']], item.get('attributes') or {}, attribute)
            frame = int(image['frame_id'])
            if not 0 <= frame <= MOST_FRAMES or not np.isfinite([x, y, width, height]).all():
                raise ValueError(f'frame_id {frame}, bbox {item["bbox"]}')
            _add(by_video[image['video_id']], person if person >= 0 else -1 - len(by_video[image['video_id']]), frame,
                 [x, y, x + width, y + height], said)
        return [
            AnnotatedVideo(
                stem(str(item.get('name') or item.get('file_name'))), *sizes.get(item['id'], (0, 0)),
                _tracks(by_video[item['id']]), item.get('length'), item.get('fps')) for item in content['videos']
        ]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise DataError(f'{path} is no COCO file of videos ({type(error).__name__}: {error})') from error


def _add(boxes: Boxes, person: int, frame: int, box: List[float], actions: frozenset) -> None:
    _, before = boxes.setdefault(person, {}).get(frame, (box, NOTHING))
    boxes[person][frame] = (box, before | actions)


def _tracks(boxes: Boxes) -> List[AnnotatedTrack]:
    tracks = []
    for person, by_frame in sorted(boxes.items()):
        frames = sorted(by_frame)
        tracks.append(
            AnnotatedTrack(
                max(person, -1), np.array(frames, dtype=np.int64), np.array([by_frame[f][0] for f in frames]),
                [by_frame[frame][1] for frame in frames]))
    return tracks
