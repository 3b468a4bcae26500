"""The annotations of some videos of a data set of tubes, as a file of their own."""
import pickle
from pathlib import Path
from typing import Any, Collection, Dict, List, Union

import numpy as np

from mmstep.errors import DataError
from mmstep.structures import TubeGroundTruth
from mmstep.utils import AtomicFile


def select_videos(truth: TubeGroundTruth, videos: Collection[str]) -> TubeGroundTruth:
    """Keeps some of the videos, with their tubes and all classes.

    Args:
        truth (TubeGroundTruth): Annotated tubes.
        videos (Collection[str]): Names of the videos to keep; those that ``truth`` does not have count for nothing.

    Returns:
        TubeGroundTruth: In the order of ``truth``.
    """
    kept = np.isin(truth.videos, list(videos))
    kept_tubes = kept[truth.tube_video]
    kept_rows = kept_tubes[truth.row_tube]
    # New numbers of the videos and tubes that stay.
    video_number, tube_number = np.cumsum(kept) - 1, np.cumsum(kept_tubes) - 1
    return truth._replace(
        videos=[name for name, keep in zip(truth.videos, kept) if keep],
        nframes=truth.nframes[kept],
        resolution=truth.resolution[kept],
        rows=truth.rows[kept_rows],
        row_tube=tube_number[truth.row_tube[kept_rows]],
        tube_video=video_number[truth.tube_video[kept_tubes]],
        tube_label=truth.tube_label[kept_tubes])


def write_tube_annotations(path: Union[str, Path], train: TubeGroundTruth, test: TubeGroundTruth) -> None:
    """Writes tubes in the layout of ACT's pickles, which :func:`read_tube_annotations` reads.

    Args:
        path (str or Path): The file, which appears whole or not at all.
        train (TubeGroundTruth): Tubes of the training videos.
        test (TubeGroundTruth): Tubes of the test videos; a video may be in both.

    Raises:
        LaunchError: If the file cannot be written.
        ValueError: If the two do not have the same classes.
    """
    if train.labels != test.labels:
        raise DataError(f'the training videos have {len(train.labels)} classes and the test videos '
                        f'{len(test.labels)}, or others; both need the same list')
    content: Dict[str, Any] = dict(
        labels=list(train.labels),
        gttubes={},
        nframes={},
        train_videos=[list(train.videos)],
        test_videos=[list(test.videos)],
        resolution={})
    for truth in (train, test):
        content['gttubes'].update(_tubes_by_video(truth))
        content['nframes'].update(zip(truth.videos, truth.nframes.tolist()))
        content['resolution'].update(zip(truth.videos, map(tuple, truth.resolution.tolist())))
    with AtomicFile(path) as name, open(name, 'wb') as file:
        pickle.dump(content, file, protocol=4)


def _tubes_by_video(truth: TubeGroundTruth) -> Dict[str, Dict[int, List[np.ndarray]]]:
    tubes: Dict[str, Dict[int, List[np.ndarray]]] = {name: {} for name in truth.videos}
    order = np.argsort(truth.row_tube, kind='stable')
    starts = np.searchsorted(truth.row_tube[order], np.arange(1, len(truth.tube_video)))
    for video, label, rows in zip(truth.tube_video, truth.tube_label, np.split(truth.rows[order], starts)):
        tubes[truth.videos[video]].setdefault(int(label), []).append(rows.astype(np.float32))
    return tubes
