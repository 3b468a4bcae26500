"""Detections in AVA's csv form."""
import math
from collections import defaultdict
from typing import Collection, Dict, List, Tuple

from mmaction.evaluation.functional.ava_utils import make_image_key

from mmstep.datasets.ava_csv import iter_csv

Detections = Tuple[Dict[str, list], Dict[str, list], Dict[str, list]]
COLUMNS = 'video_id,timestamp,x1,y1,x2,y2,action_id,score'


def read_ava_detections(path: str, labels: Collection[int]) -> Detections:
    """Reads detections.

    Args:
        path (str): A csv file with the columns video_id, timestamp, x1, y1, x2, y2 (fractions of the frame),
            action_id, score, without a header, as MMAction2's ``results2csv`` writes it.
        labels (Collection[int]): Action ids that are scored; lines of others are left out.

    Returns:
        tuple[dict, dict, dict]: Boxes y1x1y2x2, labels and scores by image key, as MMAction2's ``read_csv`` gives
        them, best first.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: On the first bad line; the message starts with ``file:line:``.
    """
    entries: Dict[str, List[tuple]] = defaultdict(list)
    for line, fields in iter_csv(path, 'file of detections'):
        if len(fields) != 8:
            raise ValueError(f'{path}:{line}: {len(fields)} columns, 8 are needed: {COLUMNS}')
        try:
            x1, y1, x2, y2, score = (float(fields[index]) for index in (2, 3, 4, 5, 7))
            second, label = int(fields[1]), int(fields[6])
        except ValueError as error:
            raise ValueError(f'{path}:{line}: {error}; the columns are {COLUMNS}, without a header') from None
        if not all(map(math.isfinite, (x1, y1, x2, y2, score))):
            raise ValueError(f'{path}:{line}: a box or score is not a finite number')
        if label in labels:
            entries[make_image_key(fields[0].strip(), second)].append((score, label, (y1, x1, y2, x2)))
    return by_score(entries)


def by_score(entries: Dict[str, List[tuple]]) -> Detections:
    """Orders detections.

    Args:
        entries (dict[str, list[tuple]]): Score, label and box of the detections by image key.

    Returns:
        tuple[dict, dict, dict]: Boxes, labels and scores by image key, best first.
    """
    ordered = {key: sorted(items, key=lambda item: -item[0]) for key, items in entries.items()}
    boxes, labels, scores = ({
        key: [item[part] for item in items]
        for key, items in ordered.items()
    } for part in (2, 1, 0))
    return boxes, labels, scores
