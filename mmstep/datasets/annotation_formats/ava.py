"""Tracks to and from AVA's csv: the boxes at key times, every whole second or at other distances."""
import os.path as osp
from collections import defaultdict
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from mmstep.errors import DataError
from mmstep.utils import write_text
from ..ava_csv import read_annotations, read_label_map
from ..ava_files.seconds import Second, second_text, seconds_every
from .annotated_tracks import AnnotatedTrack, AnnotatedVideo
from .reading import VideoFolder


class AVALine(NamedTuple):
    """A line of AVA's annotation csv, see :class:`mmstep.datasets.ava_csv.AVARow`.

    Of a second in which nobody is there all after the timestamp is empty.
    """
    video_id: str
    timestamp: Union[int, str]
    x1: str
    y1: str
    x2: str
    y2: str
    action_id: Union[int, str]
    entity_id: Union[int, str]


def key_frames(video: AnnotatedVideo, videos: Optional[VideoFolder] = None, every: float = 1) -> Dict[Second, int]:
    """The frame shown at each key time: every whole second, or at other distances.

    Args:
        video (AnnotatedVideo): With ``fps``, or in ``videos``.
        videos (VideoFolder, optional): The files, whose own times of frames are used where they are.
        every (float): Seconds from one key time to the next, at least 0.001. Defaults to 1.

    Returns:
        dict[int | float, int]: Key time in seconds -> frame from 0.

    Raises:
        MissingDataError: If neither is known.
    """
    folder = videos or VideoFolder()
    facts = folder.find(video.name)
    if facts is None and not video.fps:
        facts = folder.get(video.name, 'the times of its frames')
    if facts is not None:
        times = facts.times
    else:
        assert video.fps is not None
        last = max([int(track.frames[-1]) for track in video.tracks if len(track.frames)], default=-1)
        times = np.arange(video.num_frames or last + 1) / video.fps
    seconds = seconds_every(every, times[-1]) if len(times) else []
    return dict(zip(seconds, frames_at(times, seconds)))


def frames_at(times: np.ndarray, seconds: Sequence[Second]) -> List[int]:
    """The frames on the screen at some seconds.

    Args:
        times (np.ndarray): (F,) seconds at which the frames begin, ascending.
        seconds (Sequence): The seconds.

    Returns:
        list[int]: Frames from 0.
    """
    return (np.searchsorted(times, np.array(seconds, dtype=float) + 1e-3, side='right') - 1).tolist()


def ava_lines(video: AnnotatedVideo,
              labels: Sequence[str],
              videos: Optional[VideoFolder] = None,
              every: float = 1) -> List[AVALine]:
    """Lines of AVA's csv for a video.

    Args:
        video (AnnotatedVideo): Its tracks.
        labels (Sequence[str]): Names of the classes; the first one has id 1.
        videos (VideoFolder, optional): See :func:`key_frames`.
        every (float): Seconds from one key time to the next. Defaults to 1.

    Returns:
        list[AVALine]: By second and person. Boxes are cut at the edge of the picture; one that is outside has none.
    """
    lines = []
    size = np.array([video.width, video.height] * 2)
    for second, frame in key_frames(video, videos, every).items():
        timestamp = second if isinstance(second, int) else second_text(second)
        for track in video.tracks:
            index = int(np.searchsorted(track.frames, frame))
            if index == len(track.frames) or track.frames[index] != frame:
                continue
            box = (track.boxes[index] / size).clip(0, 1)
            x1, y1, x2, y2 = (f'{value:.6f}' for value in box)
            if float(x1) < float(x2) and float(y1) < float(y2):
                lines += [
                    AVALine(video.name, timestamp, x1, y1, x2, y2,
                            labels.index(name) + 1, track.id)
                    for name in sorted(track.actions[index], key=labels.index)
                ]
    return lines


def write_ava(path: str, lines: Sequence[AVALine]) -> None:
    """Writes an annotation file.

    Raises:
        LaunchError: If it cannot be written.
    """
    write_text(path, ''.join(','.join(map(str, line)) + '\n' for line in lines))


def write_label_map(path: str, labels: Sequence[str]) -> None:
    """Writes a label map (``.pbtxt``), ids from 1.

    Raises:
        LaunchError: If it cannot be written.
        DataError: If a name holds a quotation mark or a line break.
    """
    for name in labels:
        if '"' in name or '\n' in name:
            raise DataError(f'the name {name!r} holds a quotation mark or a line break: rename the action')
    write_text(path, ''.join(f'item {{\n  name: "{name}"\n  id: {i}\n}}\n' for i, name in enumerate(labels, 1)))


def read_ava(path: str, label_file: str, videos: VideoFolder) -> List[AnnotatedVideo]:
    """Reads AVA's csv as tracks with boxes at the key frames alone.

    Args:
        path (str): The csv; seconds are from the beginning of the file.
        label_file (str): The label map.
        videos (VideoFolder): The videos, for their sizes and times.

    Returns:
        list[AnnotatedVideo]: By name.

    Raises:
        MissingDataError: If a file is missing.
        DataError: If a line is wrong.
    """
    names = read_label_map(label_file)
    people: Dict[str, Dict[tuple, Dict[float, Tuple[tuple, set]]]] = defaultdict(lambda: defaultdict(dict))
    for row in read_annotations(path, names, osp.basename(label_file)):
        # Without a number each box is somebody else.
        who = (row.entity_id, ) if row.entity_id >= 0 else (-1, row.timestamp, *row.box)
        people[row.video_id][who].setdefault(row.timestamp, (row.box, set()))[1].add(names[row.label])
    result = []
    for name, by_person in sorted(people.items()):
        facts = videos.get(name, 'its size and the times of its frames')
        seconds = sorted({second for by_second in by_person.values() for second in by_second})
        late = [second for second in seconds if not 0 <= second <= facts.times[-1] + 1e-3]
        if late:
            raise DataError(f'{path}: second {late[0]} of {name} lies outside of the video, which ends at '
                            f'{facts.times[-1]:.2f} s')
        frame_of = dict(zip(seconds, frames_at(facts.times, seconds)))
        size = np.array([facts.width, facts.height] * 2)
        tracks = []
        for who, by_second in by_person.items():
            seconds = sorted(by_second)
            tracks.append(
                AnnotatedTrack(who[0], np.array([frame_of[second] for second in seconds]),
                               np.array([by_second[second][0] for second in seconds]) * size,
                               [frozenset(by_second[second][1]) for second in seconds]))
        result.append(AnnotatedVideo(name, facts.width, facts.height, tracks, len(facts.times), facts.fps))
    return result
