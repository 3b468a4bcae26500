"""Tracks to tubes, the annotation of data sets with a box in every frame."""
from typing import List, Sequence

import numpy as np

from mmstep.structures import TubeGroundTruth
from .annotated_tracks import AnnotatedVideo, runs


def tubes_of(videos: Sequence[AnnotatedVideo], labels: Sequence[str]) -> TubeGroundTruth:
    """A tube for each stretch of frames in which a person does something.

    Args:
        videos (Sequence[AnnotatedVideo]): With ``num_frames``, or ending with their last box.
        labels (Sequence[str]): Names of the classes, from 0.

    Returns:
        TubeGroundTruth: The last pixel inside is a box's right and bottom, as in ACT's layout. Boxes outside of the
        picture are left out.
    """
    rows: List[np.ndarray] = []
    tube_video, tube_label, nframes = [], [], []
    for number, video in enumerate(videos):
        last = 0
        for track in video.tracks:
            last = max(last, int(track.frames[-1]) + 1 if len(track.frames) else 0)
            size = np.array([video.width, video.height] * 2)
            boxes = track.boxes.clip(0, size) - [0, 0, 1, 1]
            there = np.logical_and(*(boxes[:, :2] < boxes[:, 2:]).T)
            for label, name in enumerate(labels):
                for run in runs(track, name):
                    kept = run[there[run]]
                    for part in np.split(kept, np.flatnonzero(np.diff(kept) != 1) + 1):
                        if len(part):
                            rows.append(np.column_stack([track.frames[part] + 1, boxes[part]]))
                            tube_video.append(number)
                            tube_label.append(label)
        nframes.append(video.num_frames or last)
    return TubeGroundTruth(
        labels=list(labels),
        videos=[video.name for video in videos],
        nframes=np.array(nframes, dtype=np.int64),
        resolution=np.array([(video.height, video.width) for video in videos], dtype=np.int64).reshape(-1, 2),
        rows=np.concatenate(rows) if rows else np.zeros((0, 5)),
        row_tube=np.repeat(np.arange(len(rows)), [len(part) for part in rows]),
        tube_video=np.array(tube_video, dtype=np.int64),
        tube_label=np.array(tube_label, dtype=np.int64))
