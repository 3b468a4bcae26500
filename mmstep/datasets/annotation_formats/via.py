"""VIA 3, the VGG Image Annotator for video: a JSON project."""
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from mmstep.errors import DataError
from .annotated_tracks import AnnotatedTrack, AnnotatedVideo
from .reading import VideoFolder, actions_of, read_json, stem

RECTANGLE = 2  # the first number of a region's "xy"
VIDEO = 4  # the type of a file
# Attributes that say who somebody is.
IDENTITY = ('id', 'person', 'person_id', 'track', 'track_id', 'entity_id', 'player')


def read_via(path: str, videos: Optional[VideoFolder] = None, attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads a project of VIA 3.

    Rectangles at points of time are taken; segments of time have none. A region's values are its actions, except
    that an attribute named ``id``, ``person``, ``track`` or the like says who it is; without one, nobody is followed.

    Args:
        path (str): The JSON file.
        videos (VideoFolder): The videos; the file knows neither their size nor their frames.
        attribute (str, optional): The attribute that says the action, see :func:`actions_of`.

    Returns:
        list[AnnotatedVideo]: Those that have a rectangle.

    Raises:
        MissingDataError: If a file is missing.
        DataError: If it is no such project.
    """
    content = read_json(path)
    try:
        files = {fid: stem(item['fname']) for fid, item in content['file'].items() if item['type'] == VIDEO}
        views = {vid: files.get(str(view['fid_list'][0])) for vid, view in content['view'].items()}
        attributes = content['attribute']
        regions: Dict[str, List[Tuple[float, List[float], Dict[str, str]]]] = {}
        for item in content['metadata'].values():
            name = views.get(str(item['vid']))
            if name is None or len(item['z']) != 1 or not item['xy'] or item['xy'][0] != RECTANGLE:
                continue
            x, y, width, height = (float(value) for value in item['xy'][1:5])
            said = {attributes[key]['aname']: _value(attributes[key], value) for key, value in item['av'].items()}
            regions.setdefault(name, []).append((float(item['z'][0]), [x, y, x + width, y + height], said))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise DataError(f'{path} is no project of VIA 3 ({type(error).__name__}: {error})') from error
    folder = videos or VideoFolder()
    return [_video(folder, name, found, attribute) for name, found in sorted(regions.items())]


def _value(attribute: Dict[str, Any], value: str) -> str:
    """What a value says: the names of the options that are chosen, or the text."""
    options = attribute.get('options') or {}
    chosen = [options[key] for key in str(value).split(',') if key in options]
    return ','.join(chosen) if options else str(value)


def _video(folder: VideoFolder, name: str, regions: list, attribute: Optional[str]) -> AnnotatedVideo:
    facts = folder.get(name, 'its size, which VIA does not say')
    people: Dict[str, List[Tuple[int, List[float], frozenset]]] = {}
    for number, (time, box, said) in enumerate(regions):
        frame = int(np.clip(np.searchsorted(facts.times, time + 1e-3, side='right') - 1, 0, len(facts.times) - 1))
        who = next((said[key] for key in said if key.lower() in IDENTITY and said[key]), f'\0{number}')
        what = {key: value for key, value in said.items() if key.lower() not in IDENTITY}
        people.setdefault(who, []).append((frame, box, actions_of('', what, attribute)))
    tracks = []
    for number, (who, items) in enumerate(people.items()):
        ordered = list({frame: (frame, box, actions) for frame, box, actions in items}.values())
        ordered.sort(key=lambda item: item[0])
        tracks.append(
            AnnotatedTrack(-1 if who.startswith('\0') else number, np.array([item[0] for item in ordered]),
                           np.array([item[1] for item in ordered]), [item[2] for item in ordered]))
    return AnnotatedVideo(name, facts.width, facts.height, tracks, len(facts.times), facts.fps)
