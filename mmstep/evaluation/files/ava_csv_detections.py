"""Detections in AVA's csv form."""
import math
from array import array
from typing import Collection, Dict

import numpy as np

from mmstep.datasets.ava_files import MOST_SECONDS, image_key, iter_csv, parse_second
from mmstep.errors import DataError
from mmstep.utils.quoting import one_line
from ..ava import AVADetections

COLUMNS = 'video_id,timestamp,x1,y1,x2,y2,action_id,score'


def read_ava_detections(path: str, labels: Collection[int]) -> AVADetections:
    """Reads detections.

    Args:
        path (str): A csv file with the columns video_id, timestamp, x1, y1, x2, y2 (fractions of the frame),
            action_id, score, without a header, as MMAction2's ``results2csv`` writes it.
        labels (Collection[int]): Action ids that are scored; lines of others are left out.

    Returns:
        AVADetections: In the order of the lines, not rounded.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: On the first bad line; the message starts with ``file:line:``.
    """
    number: Dict[str, int] = {}
    frames, ids, values = array('q'), array('q'), array('d')
    for line, fields in iter_csv(path, 'file of detections'):
        if len(fields) != 8:
            raise DataError(f'{path}:{line}: {len(fields)} columns, 8 are needed: {COLUMNS}')
        try:
            x1, y1, x2, y2, score = (float(fields[index]) for index in (2, 3, 4, 5, 7))
            second, label = parse_second(fields[1]), int(fields[6])
        except ValueError as error:
            raise DataError(
                f'{path}:{line}: {one_line(str(error))}; the columns are {COLUMNS}, without a header') from None
        if not all(map(math.isfinite, (x1, y1, x2, y2, score))):
            raise DataError(f'{path}:{line}: a box or score is not a finite number')
        if not -MOST_SECONDS <= second <= MOST_SECONDS:
            raise DataError(f'{path}:{line}: timestamp is {one_line(fields[1])}, and {MOST_SECONDS} is the most')
        if label in labels:
            frames.append(number.setdefault(image_key(fields[0].strip(), second), len(number)))
            ids.append(label)
            values.extend((y1, x1, y2, x2, score))
    rows = np.array(values).reshape(-1, 5)
    return AVADetections(
        list(number), np.array(frames), rows[:, :4], np.arange(len(rows)), np.array(ids), rows[:,
                                                                                               4].astype(np.float32))
