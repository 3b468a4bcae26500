"""CVAT for video 1.1: XML of tracks."""
import os
from typing import Dict, List, Optional, Sequence, Union
from xml.etree import ElementTree

import numpy as np

from mmstep.errors import DataError, MissingDataError
from mmstep.utils import write_text
from .annotated_tracks import AnnotatedTrack, AnnotatedVideo, KeyBox, fill_frames
from .reading import VideoFolder, actions_of, stem


def read_cvat(path: str,
              videos: Optional[VideoFolder] = None,
              attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads an export in the form "CVAT for video 1.1".

    Args:
        path (str): ``annotations.xml`` of a task or a job.
        videos (VideoFolder, optional): Is not needed; the file knows the size.
        attribute (str, optional): The attribute that says the action, see :func:`actions_of`.

    Returns:
        list[AnnotatedVideo]: One.

    Raises:
        MissingDataError: If there is no such file.
        DataError: If it is no such export; the message names file and track.
    """
    root = _parse(path)
    meta = root.find('meta')
    task = None if meta is None else next(
        (meta.find(kind) for kind in ('task', 'job') if meta.find(kind) is not None), None)
    if root.tag != 'annotations' or task is None:
        raise DataError(
            f'{path} is no export of a task in the form "CVAT for video 1.1"'
            f'{"; export each task of the project by itself" if root.find("meta/project") is not None else ""}')
    if root.find('image') is not None:
        raise DataError(f'{path} is an export "CVAT for images": choose "CVAT for video 1.1"')
    try:
        size = [int(task.findtext(f'original_size/{side}', '')) for side in ('width', 'height')]
        num_frames = int(task.findtext('size', '')) or None
    except ValueError:
        raise DataError(f'{path}: meta says no original_size or size') from None
    last = None if num_frames is None else num_frames - 1
    tracks = [_read_track(path, number, element, last, attribute) for number, element in enumerate(root.iter('track'))]
    assert meta is not None
    name = stem(task.findtext('source') or meta.findtext('source') or task.findtext('name') or os.path.basename(path))
    return [AnnotatedVideo(name, size[0], size[1], tracks, num_frames)]


def _parse(path: str) -> ElementTree.Element:
    try:
        with open(path, 'rb') as file:
            text = file.read()
    except FileNotFoundError:
        raise MissingDataError(f'{path} does not exist') from None
    if b'<!DOCTYPE' in text or b'<!ENTITY' in text:
        # Entities can unfold to any size.
        raise DataError(f'{path} defines entities, which no export of CVAT does')
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        hint = '; unpack the archive first' if text[:2] == b'PK' else ''
        raise DataError(f'{path} is not XML ({error}){hint}') from error


def _read_track(path: str, number: int, element: ElementTree.Element, last: Optional[int],
                attribute: Optional[str]) -> AnnotatedTrack:
    name = element.get('id') or str(number)
    label = element.get('label') or ''
    keys = []
    for box in element.iter('box'):
        try:
            corners = tuple(float(box.attrib[key]) for key in ('xtl', 'ytl', 'xbr', 'ybr'))
            frame = int(box.attrib['frame'])
        except (KeyError, ValueError) as error:
            raise DataError(f'{path}: track {name} has a box that is not as CVAT writes it ({error})') from error
        said: Dict[str, str] = {item.get('name') or '': item.text or '' for item in box.iter('attribute')}
        ends = box.get('outside') == '1'
        keys.append(KeyBox(frame, corners, actions_of(label, said, attribute), ends))  # type: ignore[arg-type]
    try:
        return fill_frames(int(name) if name.isdecimal() and len(name) < 10 else number, keys, last)
    except DataError as error:
        raise DataError(f'{path}: {error}') from None


def write_cvat(path: Union[str, os.PathLike], video: AnnotatedVideo) -> None:
    """Writes what CVAT's "Upload annotations" takes, in the form "CVAT for video 1.1".

    The label of every box is ``person``, with a checkbox for each action; the task in CVAT has to have them.

    Args:
        path (str): The file, which appears whole or not at all.
        video (AnnotatedVideo): Its tracks. Where a person is away for some frames the track ends and begins again.

    Raises:
        LaunchError: If the file cannot be written.
    """
    # A video in which nobody was found is a task, too.
    names = sorted({name for track in video.tracks for actions in track.actions for name in actions})
    root = ElementTree.Element('annotations')
    ElementTree.SubElement(root, 'version').text = '1.1'
    task = ElementTree.SubElement(ElementTree.SubElement(root, 'meta'), 'task')
    last = max([int(track.frames[-1]) for track in video.tracks if len(track.frames)], default=0)
    for key, value in (('name', video.name), ('size', video.num_frames or last + 1), ('mode', 'interpolation')):
        ElementTree.SubElement(task, key).text = str(value)
    label = ElementTree.SubElement(ElementTree.SubElement(task, 'labels'), 'label')
    ElementTree.SubElement(label, 'name').text = 'person'
    attributes = ElementTree.SubElement(label, 'attributes')
    for name in names:
        attribute = ElementTree.SubElement(attributes, 'attribute')
        for key, value in (('name', name), ('mutable', 'True'), ('input_type', 'checkbox'), ('default_value', 'false'),
                           ('values', 'false')):
            ElementTree.SubElement(attribute, key).text = str(value)
    size = ElementTree.SubElement(task, 'original_size')
    ElementTree.SubElement(size, 'width').text = str(video.width)
    ElementTree.SubElement(size, 'height').text = str(video.height)
    ElementTree.SubElement(task, 'source').text = video.name
    for number, track in enumerate(video.tracks):
        _write_track(root, number, track, names, video.num_frames)
    ElementTree.indent(root)
    write_text(path,
               '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding='unicode') + '\n')


def _write_track(root: ElementTree.Element, number: int, track: AnnotatedTrack, names: Sequence[str],
                 num_frames: Optional[int]) -> None:
    element = ElementTree.SubElement(root, 'track', id=str(number), label='person', source='manual')
    away = np.append(np.diff(track.frames) != 1, True)
    for index in np.flatnonzero(_needed(track)).tolist():
        frame, box, actions = int(track.frames[index]), track.boxes[index].tolist(), track.actions[index]
        _write_box(element, frame, box, False, actions, names)
        if away[index] and (num_frames is None or frame + 1 < num_frames):
            _write_box(element, frame + 1, box, True, actions, names)


def _needed(track: AnnotatedTrack) -> np.ndarray:
    """Frames that CVAT would not draw by itself between those beside them: a person corrects few key boxes easily."""
    needed = np.ones(len(track.frames), dtype=bool)
    if len(needed) > 2:
        beside = (np.diff(track.frames)[:-1] == 1) & (np.diff(track.frames)[1:] == 1)
        straight = np.abs(np.diff(track.boxes, n=2, axis=0)).max(axis=1) < 1e-6
        same = np.array([a == b for a, b in zip(track.actions, track.actions[1:])])
        needed[1:-1] = ~(beside & straight & same[:-1])
    return needed


def _write_box(element: ElementTree.Element, frame: int, box: Sequence[float], outside: bool, actions: frozenset,
               names: Sequence[str]) -> None:
    said = dict(frame=str(frame), outside=str(int(outside)), occluded='0', keyframe='1', z_order='0')
    said.update({key: f'{value:.2f}' for key, value in zip(('xtl', 'ytl', 'xbr', 'ybr'), box)})
    item = ElementTree.SubElement(element, 'box', said)
    for name in names:
        ElementTree.SubElement(item, 'attribute', name=name).text = 'true' if name in actions else 'false'
