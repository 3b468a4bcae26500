"""Check of a data set in AVA's format."""
import difflib
import os.path as osp
from collections import Counter, defaultdict
from typing import Dict, List, Set, Tuple

import numpy as np

from mmstep.video.frame_times import frame_start_times
from ..ava_csv import SOMEBODY, AVARow, read_annotations, read_excluded, read_label_map
from ..ava_files import image_key, read_start_seconds
from ..ava_window_dataset import AVAWindowDataset, Key
from ..data_files import list_videos, locate_videos
from ..frame_folders import count_frames
from ..person_boxes import keys_without_boxes, read_person_boxes
from ..transforms import WindowInit
from .report import Report


def check_ava(dataset: AVAWindowDataset, report: Report, open_videos: bool) -> None:
    """Checks every line, box, second, class and video, excluded seconds and proposals.

    Args:
        dataset (AVAWindowDataset): Made with ``lazy_init=True``.
        report (Report): Gets faults and figures.
        open_videos (bool): Whether to open every video file; folders of frames are counted in any case.
    """
    labels, labels_name = None, ''
    try:
        labels, labels_name = dataset.permitted_labels()
    except (ValueError, FileNotFoundError) as error:
        report.faults.append(str(error))
    if not osp.isfile(dataset.ann_file):
        return
    rows: List[AVARow] = []
    nobody: List[AVARow] = []
    try:
        if dataset.start_file and osp.isfile(dataset.start_file):
            dataset.start_seconds = read_start_seconds(dataset.start_file)
        for row in read_annotations(dataset.ann_file, labels, labels_name, report.faults.append, nobody.append):
            fault = dataset.row_fault(row)
            if fault:
                report.faults.append(f'{dataset.ann_file}:{row.line}: {fault}')
            rows.append(row)
    except ValueError as error:  # not a text file
        report.faults.append(str(error))
    if nobody:
        videos, empty = {row.video_id for row in nobody}, {row[1:3] for row in nobody}
        report.lines.append(f'{len(empty):,} seconds of {len(videos):,} videos in which nobody is: background')
        taken = {row[1:3] for row in rows}
        report.faults += [
            f'{dataset.ann_file}:{row.line}: {SOMEBODY.format(row)}' for row in nobody if row[1:3] in taken
        ]
    if not rows and not nobody:
        report.faults.append(f'{dataset.ann_file} has no line that can be used: empty data set')
        return
    excluded: Set[Key] = set()
    if dataset.exclude_file and osp.isfile(dataset.exclude_file):
        try:
            excluded = read_excluded(dataset.exclude_file)
        except ValueError as error:
            report.faults.append(str(error))
    _check_videos(dataset, [*rows, *nobody], report, open_videos)
    _describe(dataset, rows, excluded, report)
    _check_proposals(dataset, rows, excluded, report)


def _check_videos(dataset: AVAWindowDataset, rows: List[AVARow], report: Report, open_videos: bool) -> None:
    """Looks for each video, and for key seconds past its end where that is known."""
    folder = dataset.data_prefix['img']
    if not osp.isdir(folder):
        return
    by_video: Dict[str, List[AVARow]] = defaultdict(list)
    for row in rows:
        by_video[row.video_id].append(row)
    paths = locate_videos(folder, by_video, dataset.use_frames)
    names = None
    for video_id, lines in by_video.items():
        if video_id not in paths:
            names = list(list_videos(folder, dataset.use_frames)) if names is None else names
            near = difflib.get_close_matches(video_id, names, n=1)
            hint = f' Did you mean {near[0]}?' if near else ''
            report.faults.append(f'{dataset.ann_file}:{lines[0].line}: the video {video_id} ({len(lines)} lines) is '
                                 f'not in {folder}.{hint}')
            continue
        try:
            end = _last_time(dataset, paths[video_id], open_videos)
        except (ValueError, FileNotFoundError) as error:
            report.faults.append(str(error))
            continue
        start = dataset.start_of(video_id)
        late = [row for row in lines if row.timestamp - start > end + 1]
        if late:
            report.faults.append(
                f'{dataset.ann_file}:{late[0].line}: second {late[0].timestamp} is past the end of {paths[video_id]}, '
                f'whose last frame is at {start + end:.2f} s ({len(late)} such lines)')


def _last_time(dataset: AVAWindowDataset, path: str, open_videos: bool) -> float:
    """Seconds from the first to the last frame of a video; infinite if it is not opened."""
    if dataset.use_frames:
        return (count_frames(path, dataset.filename_tmpl, dataset.start_index) - 1) / dataset._FPS
    if not open_videos:
        return float('inf')
    reader = WindowInit(max_open=1).transform(dict(filename=path, fps=dataset._FPS))['video_reader']
    return float(frame_start_times(reader)[-1])


def _describe(dataset: AVAWindowDataset, rows: List[AVARow], excluded: set, report: Report) -> None:
    """Counts per class, boxes per key second, sizes and displacement; excluded seconds and other classes are out."""
    wanted = None if dataset.custom_classes is None else set(dataset.custom_classes)
    used = [
        row for row in rows
        if (row.video_id, row.timestamp) not in excluded and (wanted is None or row.label in wanted)
    ]
    if not used and rows:
        report.faults.append(f'{dataset.ann_file} leaves no window: empty data set (exclude_file='
                             f'{dataset.exclude_file}, custom_classes={dataset.custom_classes})')
    if not used:
        return
    seconds: Dict[Key, Dict[tuple, int]] = defaultdict(dict)
    for row in used:
        seconds[row.video_id, row.timestamp].setdefault(row.box, row.entity_id)
    videos = {video for video, _ in seconds}
    report.lines.append(f'{len(used):,} lines of {dataset.ann_file}: {len(videos):,} videos, {len(seconds):,} key '
                        f'seconds, {sum(map(len, seconds.values())):,} persons')
    label_names = read_label_map(dataset.label_file) if dataset.label_file else {}
    actions = Counter((row.video_id, row.timestamp, row.box) for row in used)
    if not dataset.multilabel and max(actions.values()) > 1:
        (video, second, _), count = actions.most_common(1)[0]
        report.faults.append(f'{dataset.ann_file}: a person of {video}, second {second} has {count} actions, and '
                             'multilabel=False allows one. Set multilabel=True')
    counts = Counter(row.label for row in used)
    in_videos = Counter(label for label, _ in {(row.label, row.video_id) for row in used})
    every = sorted(counts.keys() | label_names.keys() if wanted is None else wanted - {0})
    report.add_counts('class',
                      {f'{label} {label_names.get(label, "")}': [counts[label], in_videos[label]]
                       for label in every}, ('persons', 'videos'))
    report.add_spread('persons per key second', np.array([len(boxes) for boxes in seconds.values()]))
    boxes = np.array([box for actors in seconds.values() for box in actors])
    report.add_spread('width of a box', 100 * (boxes[:, 2] - boxes[:, 0]), ' % of the picture')
    report.add_spread('height of a box', 100 * (boxes[:, 3] - boxes[:, 1]), ' % of the picture')
    _describe_motion(seconds, report)


def _describe_motion(seconds: Dict[Key, Dict[tuple, int]], report: Report) -> None:
    """Says how far persons move from second to second, by their entity ids."""
    places: Dict[Tuple[str, float, int], tuple] = {}
    doubled = 0
    for (video, second), actors in seconds.items():
        for box, entity in actors.items():
            doubled += (video, second, entity) in places and entity >= 0
            places.setdefault((video, second, entity), box)
    pairs = [(box, places[video, second + 1, entity]) for (video, second, entity), box in places.items()
             if entity >= 0 and (video, second + 1, entity) in places]
    report.lines.append(f'persons who are annotated in the next second too: {len(pairs):,} of {len(places):,}')
    if pairs:
        boxes = np.array(pairs)
        centers = (boxes[..., :2] + boxes[..., 2:]) / 2
        moved = np.linalg.norm(centers[:, 1] - centers[:, 0], axis=1)
        report.add_spread('displacement from one second to the next', 100 * moved, ' % of the picture')
    if doubled:
        report.notes.append(f'{doubled} times two boxes of one second have the same entity id; the first one is '
                            'followed. Give each person an id of its own, or -1')


def _check_proposals(dataset: AVAWindowDataset, rows: List[AVARow], excluded: set, report: Report) -> None:
    if dataset.proposal_file is None or not osp.isfile(dataset.proposal_file):
        return
    keys = {image_key(row.video_id, row.timestamp): None for row in rows if row[1:3] not in excluded}
    try:
        lacking = keys_without_boxes(dataset.proposal_file, read_person_boxes(dataset.proposal_file), list(keys))
    except ValueError as error:
        report.faults.append(str(error))
    else:
        report.notes += [lacking] if lacking else []
