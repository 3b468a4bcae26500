"""AVA's annotations as arrays."""
from typing import Collection, Dict, List, NamedTuple, Optional, Set

import numpy as np

from mmstep.datasets.ava_csv import read_annotations, read_excluded
from mmstep.datasets.ava_files import image_key
from mmstep.errors import DataError
from mmstep.utils.quoting import one_line


class AVATruth(NamedTuple):
    """Annotations; a person who does two things has two rows.

    Attributes:
        keys (list[str]): Image keys (video and second) of the annotated frames, in the order of the file.
        frame (np.ndarray): (M,) int64, index into ``keys``, ascending.
        boxes (np.ndarray): (M, 4) float64, y1, x1, y2, x2, fractions of the frame.
        label (np.ndarray): (M,) int64, action ids.
        excluded (set[str]): Image keys of the seconds that are not scored.
        names (dict[int, str]): The classes that are scored.
    """
    keys: List[str]
    frame: np.ndarray
    boxes: np.ndarray
    label: np.ndarray
    excluded: Set[str]
    names: Dict[int, str]

    @property
    def counted(self) -> np.ndarray:
        """(M,) bool, the rows that do not lie on excluded seconds."""
        return np.array([key not in self.excluded for key in self.keys], dtype=bool)[self.frame]

    def of_seconds(self, keys: Collection[str]) -> 'AVATruth':
        """The annotations of some key seconds.

        Args:
            keys (Collection[str]): Their image keys; those that are not annotated count for nothing.

        Returns:
            AVATruth: In the same order, with all classes.
        """
        wanted = set(keys)
        kept = np.array([key in wanted for key in self.keys], dtype=bool)
        rows = kept[self.frame]
        return self._replace(
            keys=[key for key in self.keys if key in wanted],
            frame=(np.cumsum(kept) - 1)[self.frame[rows]],
            boxes=self.boxes[rows],
            label=self.label[rows])


def read_ava_truth(ann_file: str, names: Dict[int, str], exclude_file: Optional[str] = None) -> AVATruth:
    """Reads annotations.

    Args:
        ann_file (str): AVA's csv file.
        names (dict[int, str]): The classes that are scored.
        exclude_file (str, optional): File of the seconds that are not scored.

    Returns:
        AVATruth: The annotations of these classes.

    Raises:
        FileNotFoundError: If a file does not exist.
        ValueError: If one cannot be read or has no row of a class that is scored.
    """
    rows = [row for row in read_annotations(ann_file) if row.label in names]
    if not rows:
        raise DataError(f'{ann_file} has no row of a class that is scored: {one_line(", ".join(names.values()), 300)}')
    number: Dict[str, int] = {}
    frame = np.array([number.setdefault(image_key(row.video_id, row.timestamp), len(number)) for row in rows])
    # AVAMetric takes the last column, the person, for a score, by which it orders the boxes of a frame.
    order = np.lexsort((-np.array([row.entity_id for row in rows]), frame))
    boxes = np.array([row.box for row in rows])[order][:, [1, 0, 3, 2]]
    excluded = set() if exclude_file is None else read_excluded(exclude_file)
    return AVATruth(
        list(number), frame[order], boxes,
        np.array([row.label for row in rows])[order], {image_key(*key)
                                                       for key in excluded}, names)
