"""Label Studio: the JSON export of video tracks."""
import re
from typing import List, Optional

from mmstep.errors import DataError
from .annotated_tracks import AnnotatedTrack, AnnotatedVideo, KeyBox, fill_frames
from .reading import VideoFolder, actions_of, read_json, stem


def read_label_studio(path: str,
                      videos: Optional[VideoFolder] = None,
                      attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads an export "JSON" of tasks with ``VideoRectangle``.

    A region's labels are its actions. Of a task the first annotation that was not cancelled counts.

    Args:
        path (str): The JSON file.
        videos (VideoFolder): The videos; the export knows boxes in percent alone.
        attribute (str, optional): Is not used; labels say the action.

    Returns:
        list[AnnotatedVideo]: One for each task with an annotation.

    Raises:
        MissingDataError: If a file is missing.
        DataError: If it is no such export.
    """
    content = read_json(path)
    found = []
    try:
        for task in content:
            name = re.sub(r'^[0-9a-f]{8}-', '',
                          stem(str(task['data'].get('video') or next(iter(task['data'].values())))))
            done = [item for item in task['annotations'] if not item.get('was_cancelled')]
            if done:
                regions = [item for item in done[0]['result'] if item['type'] == 'videorectangle']
                found.append((name, regions))
    except (AttributeError, KeyError, StopIteration, TypeError) as error:
        raise DataError(f'{path} is no export "JSON" of Label Studio ({type(error).__name__}: {error})') from error
    folder = videos or VideoFolder()
    result = []
    for name, regions in found:
        facts = folder.get(name, 'its size, which Label Studio does not say')
        try:
            tracks = [
                _track(number, region['value'], facts.width, facts.height, len(facts.times))
                for number, region in enumerate(regions)
            ]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(f'{path}: a region of {name} is not as Label Studio writes it ({error})') from error
        result.append(AnnotatedVideo(name, facts.width, facts.height, tracks, len(facts.times), facts.fps))
    return result


def _track(number: int, value: dict, width: int, height: int, num_frames: int) -> AnnotatedTrack:
    names = [action for label in value.get('labels', []) for action in actions_of(label, {})]
    keys = []
    for item in value['sequence']:
        x, y = item['x'] * width / 100, item['y'] * height / 100
        box = (x, y, x + item['width'] * width / 100, y + item['height'] * height / 100)
        # Frames are counted from 1. The box of a frame that is switched off is still shown in that frame.
        frame = int(item['frame']) - 1
        keys.append(KeyBox(frame, box, frozenset(names)))
        if not item.get('enabled', True):
            keys.append(KeyBox(frame + 1, box, ends=True))
    return fill_frames(number, keys, num_frames - 1)
