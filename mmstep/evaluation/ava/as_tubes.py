"""AVA's annotations and detections in the arrays of tubes, for analyses that were written for those."""
from typing import Dict, List, Tuple

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets
from .ava_detections import AVADetections
from .truth import AVATruth

# Boxes are fractions of the frame, and a detector's per-class NMS has been done.
AVA_RULES = dict(type='act', plus_one=False, frame_nms_thr=1., average_precision='voc')


def ava_as_tubes(truth: AVATruth, detected: AVADetections) -> Tuple[TubeGroundTruth, Tubelets]:
    """Each key second as a frame, each annotated action of a person as a tube of one box.

    Excluded seconds are left out, and detections of videos that are not annotated.

    Args:
        truth (AVATruth): Annotations.
        detected (AVADetections): Detections.

    Returns:
        tuple[TubeGroundTruth, Tubelets]: Boxes as fractions of the frame, x1, y1, x2, y2; frames count the key seconds
        of a video, annotated or detected in, from 1. To be used with :data:`AVA_RULES`.
    """
    ids = sorted(truth.names)
    place_of = {label: place for place, label in enumerate(ids)}
    videos = sorted({key.rsplit(',', 1)[0] for key in truth.keys})
    number = {name: index for index, name in enumerate(videos)}
    seconds: List[List[str]] = [[] for _ in videos]
    for key in sorted({*truth.keys, *detected.keys} - truth.excluded, key=_order):
        if key.rsplit(',', 1)[0] in number:
            seconds[number[key.rsplit(',', 1)[0]]].append(key)
    frame: Dict[str, Tuple[int, int]] = {
        key: (video, index)
        for video, keys in enumerate(seconds)
        for index, key in enumerate(keys, 1)
    }
    rows = np.flatnonzero([truth.keys[index] in frame for index in truth.frame])
    cells = np.array([frame[truth.keys[truth.frame[row]]] for row in rows], dtype=np.int64).reshape(-1, 2)
    order = np.argsort(cells[:, 0], kind='stable')
    rows, cells = rows[order], cells[order]
    tubes = TubeGroundTruth(
        labels=[truth.names[label] for label in ids],
        videos=videos,
        nframes=np.array([max(len(keys), 1) for keys in seconds], dtype=np.int64),
        resolution=np.ones((len(videos), 2), dtype=np.int64),
        rows=np.column_stack([cells[:, 1], truth.boxes[rows][:, [1, 0, 3, 2]]]).astype(np.float64),
        row_tube=np.arange(len(rows)),
        tube_video=cells[:, 0],
        tube_label=np.array([place_of[label] for label in truth.label[rows].tolist()], dtype=np.int64))
    known = np.array([key in frame for key in detected.keys], dtype=bool)
    kept = np.zeros(0, dtype=np.int64)
    if len(known):
        kept = np.flatnonzero(known[detected.frame[detected.box]] & np.isin(detected.label, ids))
    found = np.array([frame[detected.keys[detected.frame[detected.box[row]]]] for row in kept],
                     dtype=np.int64).reshape(-1, 2)
    boxes = detected.boxes[detected.box[kept]].reshape(-1, 4)[:, None, [1, 0, 3, 2]]
    labels = np.array([place_of[label] for label in detected.label[kept].tolist()], dtype=np.int64)
    return tubes, Tubelets(found[:, 0], found[:, 1], boxes, detected.score[kept].astype(np.float64), labels)


def _order(key: str) -> Tuple[str, float]:
    video, second = key.rsplit(',', 1)
    return video, float(second)
