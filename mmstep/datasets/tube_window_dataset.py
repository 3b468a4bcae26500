"""Data sets of densely annotated videos, one window an item."""
import logging
from typing import Callable, List, Optional, Union

import numpy as np
from mmaction.datasets import BaseActionDataset
from mmaction.utils import ConfigType
from mmengine.logging import MMLogger, print_log

from mmstep.errors import DataError
from .data_files import find_flow, find_videos, require_files
from .tube_annotations import read_tube_annotations
from .tube_checks import oddities, visible_rows


class TubeWindowDataset(BaseActionDataset):
    """Windows around clips of K frames of videos whose every frame is annotated.

    Training has one window for every clip of K consecutive frames that shows an annotated actor; testing has the clips
    at a stride over the whole video, the last one at its end. Boxes wholly outside of the picture, of somebody who
    left while the annotation went on, count as not annotated. What an item holds is what :class:`SampleClipWindow`
    requires, and ``video_id``, ``img_key`` and, with flow, ``flow_dir``.

    Args:
        ann_file (str): ACT's layout or pyannot.pkl, see :func:`read_tube_annotations`.
        pipeline (list): Transforms.
        clip_len (int): Frames K of a clip.
        split (int): Split, from 1. Defaults to 1.
        test_list (str, optional): File of the test videos, for pyannot.pkl.
        data_prefix (dict): ``img``: folder of the videos, or of one folder of frames per video; ``flow``: folder of
            what ``tools/data/extract_flow.py`` made. Either may be left out.
        use_frames (bool): Read folders of frames rather than video files. Defaults to False.
        filename_tmpl (str): Name of a frame's file. Defaults to '{:05d}.jpg', as in ACT's and MOC's releases.
        start_index (int): Number of the first frame's file. Defaults to 1.
        window_stride (int): Frames between the clips. Defaults to 1.
        min_actor_frames (int): A training clip has an actor with so many annotated frames in it. Defaults to 1.
        background (bool): Training also has the clips that show no actor, so that a model learns when an action does
            not take place; without them it only meets background beside actors. Defaults to False.
        test_mode (bool): Whether to take the test videos, in testing's windows.

    Raises:
        FileNotFoundError: If a file, a folder or a video is missing.
        ValueError: If an annotation is wrong, or no window is left.
    """
    PAGE = 'tools/data/README.md'  # where a data set's files are explained

    def __init__(self,
                 ann_file: str,
                 pipeline: List[Union[ConfigType, Callable]],
                 clip_len: int,
                 split: int = 1,
                 test_list: Optional[str] = None,
                 data_prefix: ConfigType = dict(img=''),
                 use_frames: bool = False,
                 filename_tmpl: str = '{:05d}.jpg',
                 start_index: int = 1,
                 window_stride: int = 1,
                 min_actor_frames: int = 1,
                 background: bool = False,
                 test_mode: bool = False,
                 **kwargs) -> None:
        if clip_len < 1 or window_stride < 1 or not 1 <= min_actor_frames <= clip_len:
            raise DataError(f'clip_len={clip_len} and window_stride={window_stride} must be at least 1, '
                            f'min_actor_frames={min_actor_frames} in 1..clip_len')
        self.clip_len = clip_len
        self.split = split
        self.test_list = test_list
        self.use_frames = use_frames
        self.filename_tmpl = filename_tmpl
        self.window_stride = window_stride
        self.min_actor_frames = min_actor_frames
        self.background = background
        super().__init__(
            ann_file, pipeline, data_prefix=data_prefix, test_mode=test_mode, start_index=start_index, **kwargs)

    def load_data_list(self) -> List[dict]:
        """Reads the annotations and lists the windows.

        Returns:
            list[dict]: ``video`` (index) and ``clip_start`` of each window, videos by name.
        """
        self._require_files()
        subset = 'test' if self.test_mode else 'train'
        self.truth = read_tube_annotations(self.ann_file, self.split, subset, self.test_list)
        self._metainfo['classes'] = tuple(self.truth.labels)
        for text in oddities(self.truth):
            print_log(f'{self.ann_file}: {text}', logger='current', level=logging.WARNING)
        kept = visible_rows(self.truth)
        rows, row_tube = self.truth.rows[kept], self.truth.row_tube[kept]
        self._tube_rows = np.split(rows, np.searchsorted(row_tube, np.arange(1, len(self.truth.tube_video))))
        self._video_tubes = np.searchsorted(self.truth.tube_video, np.arange(len(self.truth.videos) + 1))
        self._find_folders()
        starts = self._test_starts if self.test_mode else self._train_starts
        data_list = [
            dict(video=video, clip_start=start) for video in range(len(self.truth.videos)) for start in starts(video)
        ]
        if not data_list:
            raise DataError(
                f'{self.ann_file} leaves no window with an actor: empty data set ({subset} videos of split '
                f'{self.split}, min_actor_frames={self.min_actor_frames})')
        MMLogger.get_current_instance().info(
            f'{self.ann_file}: {len(data_list)} {subset} windows of {len(self.truth.videos)} videos')
        return data_list

    def _require_files(self) -> None:
        frames = 'frames' if self.use_frames else 'videos'
        files = {'annotation file (ann_file)': self.ann_file, 'list of test videos (test_list)': self.test_list}
        folders = {
            f'folder of {frames} (data_prefix.img)': self.data_prefix.get('img'),
            'folder of optical flow (data_prefix.flow)': self.data_prefix.get('flow')
        }
        if not any(folders.values()):
            raise DataError(f'{type(self).__name__} needs data_prefix=dict(img=...), the folder of the videos, or '
                            'flow=..., that of the optical flow, or both')
        require_files(files, folders, self.PAGE)

    def _find_folders(self) -> None:
        """Looks up the paths of all videos."""
        videos = self.truth.videos
        self._img_paths = self._flow_paths = None
        if self.data_prefix.get('img'):
            self._img_paths = find_videos(self.data_prefix['img'], videos, self.use_frames, self.ann_file)
        if self.data_prefix.get('flow'):
            self._flow_paths = find_flow(self.data_prefix['flow'], videos)

    def _train_starts(self, video: int) -> List[int]:
        """First frames of the clips that show an actor, or of all."""
        last = max(int(self.truth.nframes[video]) - self.clip_len + 1, 1)
        shown = np.full(last, self.background)
        for rows in self._tubes(video):
            present = np.zeros(last + self.clip_len, dtype=np.int64)
            frames = rows[:, 0].astype(np.int64)
            present[frames[frames < len(present)]] = 1
            counts = np.cumsum(present)  # index f counts the frames 1..f
            shown |= counts[self.clip_len:self.clip_len + last] - counts[:last] >= self.min_actor_frames
        return (np.flatnonzero(shown)[::self.window_stride] + 1).tolist()

    def _test_starts(self, video: int) -> List[int]:
        """First frames of clips that cover the whole video."""
        last = max(int(self.truth.nframes[video]) - self.clip_len + 1, 1)
        starts = list(range(1, last + 1, self.window_stride))
        return starts if starts[-1] == last else [*starts, last]

    def _tubes(self, video: int) -> List[np.ndarray]:
        return self._tube_rows[self._video_tubes[video]:self._video_tubes[video + 1]]

    def get_data_info(self, idx: int) -> dict:
        """The entry of a window as the transforms get it.

        Args:
            idx (int): Index of the window.

        Returns:
            dict: See :class:`SampleClipWindow`.
        """
        info = super().get_data_info(idx)
        video, clip_start = info.pop('video'), info['clip_start']
        video_id = self.truth.videos[video]
        tubes = slice(self._video_tubes[video], self._video_tubes[video + 1])
        info.update(
            video_id=video_id,
            img_key=f'{video_id},{clip_start:06d}',
            num_frames_total=int(self.truth.nframes[video]),
            resolution=tuple(self.truth.resolution[video].tolist()),
            tube_rows=list(self._tube_rows[tubes]),
            gt_labels=self.truth.tube_label[tubes].copy(),
            entity_ids=np.arange(tubes.start, tubes.stop))
        if self._img_paths is not None:
            info['frame_dir' if self.use_frames else 'filename'] = self._img_paths[video_id]
            info['filename_tmpl'] = self.filename_tmpl
        if self._flow_paths is not None:
            info['flow_dir'] = self._flow_paths[video_id]
        return info

    def get_cat_ids(self, idx: int) -> List[int]:
        """Classes of a window, for data sets around this one such as ``ClassBalancedDataset``; no video is opened.

        Args:
            idx (int): Index of the window.

        Returns:
            list[int]: Of the actors with ``min_actor_frames`` annotated frames in the centre clip, values of
            ``gt_labels``; ascending, each once. Empty where there is none.
        """
        info = super().get_data_info(idx)
        video, start = info['video'], info['clip_start']
        labels = self.truth.tube_label[self._video_tubes[video]:self._video_tubes[video + 1]]
        frames = [rows[:, 0] for rows in self._tubes(video)]
        shown = [((start <= f) & (f < start + self.clip_len)).sum() >= self.min_actor_frames for f in frames]
        return np.unique(labels[np.array(shown, dtype=bool)]).tolist()
