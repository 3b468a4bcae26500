"""Measures where persons are found and whether they keep their numbers, against tubes annotated in every frame.

    python tools/analysis_tools/benchmark_persons.py configs/step/step_tiny_mini-ava.py CHECKPOINT

prints, over the test videos of the tubes:

- the mean IoU of the persons with their true boxes at every feature frame of the clip around the key time, which shows
  whether the first and the last box of a clip are as good as the middle one;
- how many numbers (ids) were given to how many persons, IDF1 and id switches (`pip install motmetrics`), from the
  boxes that a drawn video shows in every frame; and the share of those boxes that lie on nobody.

Annotated tubes are of one action each. Those of a video that follow each other without a gap are one person if their
boxes at that place overlap.
"""
import argparse
import json
import os.path as osp
from typing import Dict, Iterator, List, Tuple

import motmetrics
import numpy as np
import torch
from rich.progress import track
from scipy.optimize import linear_sum_assignment

import mmstep  # noqa: F401  registers the components and repairs the stack
from mmstep.apis import KeyFrame, STEPInferencer, VideoSource, persons_at
from mmstep.datasets import read_tube_annotations
from mmstep.datasets.data_files import find_videos
from mmstep.engine.launch import run_tool
from mmstep.structures import TubeGroundTruth, tube_iou
from mmstep.utils import refuse_overwriting, write_text

MATCHED = 0.5  # IoU from which a detected and an annotated box are one person
CONTINUED = 0.2  # IoU over which an annotated tube continues the one before: a change of pose changes the box


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Measure boxes and identities of persons')
    parser.add_argument('config', help='config file of the model')
    parser.add_argument('checkpoint', help='its weights')
    parser.add_argument('--tubes', default='data/mini/annotations/mini_tubes.pkl', help="tubes in ACT's layout")
    parser.add_argument('--videos', default='data/mini/videos', help='folder of the videos')
    parser.add_argument('--score-thr', type=float, default=0.5, help='default: 0.5')
    parser.add_argument('--limit', type=int, help='only so many videos')
    parser.add_argument('--device', default='auto', help='cpu, cuda:0 ... (default: the first GPU, or the CPU)')
    parser.add_argument('--json', metavar='OUT.json', help='writes the figures')
    return parser.parse_args()


def annotated_persons(truth: TubeGroundTruth, video: int) -> List[Dict[int, np.ndarray]]:
    """The persons of a video.

    Args:
        truth (TubeGroundTruth): Annotated tubes.
        video (int): Index of the video.

    Returns:
        list[dict[int, np.ndarray]]: Of each person the box (4,) by frame, from 0; x2 and y2 do not belong to it.
    """
    tubes = []
    for tube in np.flatnonzero(truth.tube_video == video):
        rows = truth.rows[truth.row_tube == tube]
        tubes.append({int(row[0]) - 1: row[1:] + [0, 0, 1, 1] for row in rows})
    persons: List[Dict[int, np.ndarray]] = []
    for tube in sorted(tubes, key=min):
        first = min(tube)
        ended = [person for person in persons if max(person) == first - 1]
        overlaps = [iou([person[first - 1]], [tube[first]]).item() for person in ended]
        if overlaps and max(overlaps) > CONTINUED:
            ended[int(np.argmax(overlaps))].update(tube)
        else:
            persons.append(tube)
    return persons


def iou(boxes: list, others: list) -> np.ndarray:
    """IoU (n, m) of boxes (n, 4) and (m, 4)."""
    if not len(boxes) or not len(others):
        return np.zeros((len(boxes), len(others)))
    return tube_iou(*(torch.as_tensor(np.stack(items)).double() for items in (boxes, others))).numpy()


def boxes_at(persons: List[Dict[int, np.ndarray]], frame: int) -> Tuple[List[int], List[np.ndarray]]:
    """Indices and boxes of the persons that a frame shows."""
    there = [index for index, person in enumerate(persons) if frame in person]
    return there, [persons[index][frame] for index in there]


def tube_overlaps(key_frame: KeyFrame, persons: List[Dict[int, np.ndarray]], fps: float) -> Iterator[List[float]]:
    """IoU at each feature frame, NaN where it is not annotated, of each person found at a key time."""
    there, boxes = boxes_at(persons, round(key_frame.time * fps))
    overlaps = iou(boxes, [person.bbox for person in key_frame.persons])
    for row, column in zip(*linear_sum_assignment(-overlaps)):
        if overlaps[row, column] < MATCHED:
            continue
        person, truth = key_frame.persons[column], persons[there[row]]
        frames = [int(time * fps + 0.5) for time in person.tube_times]
        yield [iou([truth[f]], [box]).item() if f in truth else np.nan for f, box in zip(frames, person.tube)]


def follow(key_frames: List[KeyFrame], persons: List[Dict[int, np.ndarray]], num_frames: int, fps: float,
           reach: float) -> Tuple[motmetrics.MOTAccumulator, int, int]:
    """Compares what a drawn video would show with the persons, frame by frame.

    Returns:
        tuple: The events, the number of boxes drawn, and of those that lie on nobody (IoU under 0.1 with everybody).
    """
    events = motmetrics.MOTAccumulator(auto_id=True)
    times = np.array([key_frame.time for key_frame in key_frames])
    drawn = astray = 0
    for frame in range(num_frames):
        time = frame / fps
        after = int(np.searchsorted(times, time, side='right'))
        found = persons_at(time, key_frames[after - 1] if after else None,
                           key_frames[after] if after < len(key_frames) else None, reach)
        there, boxes = boxes_at(persons, frame)
        overlaps = iou(boxes, [box for _, box in found])
        drawn += len(found)
        astray += int((overlaps.max(axis=0) < 0.1).sum()) if len(boxes) else len(found)
        distances = np.where(overlaps >= MATCHED, 1 - overlaps, np.nan)
        events.update(there, [person.person_id for person, _ in found], distances)
    return events, drawn, astray


def main() -> None:
    """Runs the measurement."""
    args = parse_args()
    refuse_overwriting([args.json], [args.config, args.checkpoint, args.tubes])
    truth = read_tube_annotations(args.tubes)
    paths = find_videos(args.videos, truth.videos, False, args.tubes)
    inferencer = STEPInferencer(args.config, weights=args.checkpoint, device=args.device, show_progress=False)
    overlaps, events, names = [], [], []
    ids = people = drawn = astray = 0
    for video, name in enumerate(track(truth.videos[:args.limit], 'Videos')):
        source = VideoSource(paths[name])
        key_frames = list(inferencer.iterate(source, score_thr=args.score_thr))
        persons = annotated_persons(truth, video)
        for key_frame in key_frames:
            overlaps += tube_overlaps(key_frame, persons, source.fps)
        stride = key_frames[1].time - key_frames[0].time if len(key_frames) > 1 else 1.0
        followed, boxes, nobody = follow(key_frames, persons, int(truth.nframes[video]), source.fps, stride)
        events.append(followed)
        names.append(name)
        ids += len({person.person_id for key_frame in key_frames for person in key_frame.persons})
        people += len(persons)
        drawn, astray = drawn + boxes, astray + nobody
    summary = motmetrics.metrics.create().compute_many(
        events, names=names, metrics=['idf1', 'num_switches'], generate_overall=True).loc['OVERALL']
    figures = dict(
        videos=len(names),
        persons=people,
        ids=ids,
        ids_per_person=round(ids / max(people, 1), 3),
        idf1=round(100 * float(summary['idf1']), 1),
        switches=int(summary['num_switches']),
        boxes_on_nobody=round(100 * astray / max(drawn, 1), 2),
        iou_at_feature_frames=[round(float(value), 3) for value in np.nanmean(overlaps, axis=0)] if overlaps else [])
    for key, value in figures.items():
        print(f'{key:<24}{value}')
    if args.json:
        named = dict(config=osp.basename(args.config), score_thr=args.score_thr, **figures)
        write_text(args.json, json.dumps(named, indent=1))


if __name__ == '__main__':
    run_tool(main)
