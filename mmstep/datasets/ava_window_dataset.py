"""AVA with the boxes of the neighbouring seconds."""
import logging
import os.path as osp
from collections import defaultdict
from typing import Callable, Collection, Dict, List, Optional, Set, Tuple, Union

import numpy as np
from mmaction.registry import DATASETS
from mmaction.utils import ConfigType
from mmengine.logging import MMLogger, print_log

from mmstep.errors import DataError
from .ava_csv import SOMEBODY, AVARow, Box, check_custom_classes, read_annotations, read_excluded, read_label_map
from .ava_files import Second, image_key, key_seconds, read_start_seconds, window_times
from .data_files import find_videos, require_files
from .person_boxes import keys_without_boxes, read_person_boxes, select_person_boxes
from .subsets import KeySecondSubset
from .transforms.feature_frames import window_seconds

Key = Tuple[str, Second]


@DATASETS.register_module()
class AVAWindowDataset(KeySecondSubset):
    """AVA-format data set whose items are windows of clips instead of single key frames.

    A window is ``num_clips`` clips of ``clip_duration`` seconds around a key second. Each actor of the key second is
    looked up by its entity id in the other annotated seconds of the window, since STEP's later steps work on tubes
    that reach into the neighbouring clips (section 3.3 of the paper).

    Actors of one second are told apart by their boxes, as in :class:`AVADataset`: rows with the same box are one
    actor, rows with the same entity id and different boxes are several. The look-up in other seconds takes an entity's
    first box. A negative entity id means that the identity is unknown; such an actor is not followed. Key seconds may
    have fractions; a line with nothing after the second is a window without actors.

    What an item holds for the transforms, on top of what :class:`AVADataset` gives (G actors, K annotated seconds per
    window, C classes):

    - ``gt_bboxes`` (G, K, 4) float32: boxes as fractions 0..1 of the frame, zeros where not annotated.
    - ``gt_valid`` (G, K) bool: where the actor is annotated.
    - ``gt_times`` (K,) float64: the annotated seconds relative to the key second, from the last one before the window
      to the first one after it, up to which boxes are interpolated; -2 to 2 for AVA's three clips of a second.
    - ``gt_labels``: (G, C + 1) float32 with column 0 unused, or, if not ``multilabel``, (G,) int64 action ids - 1, for
      softmax counts classes from 0; of the key second.
    - ``entity_ids`` (G,) int64.
    - ``proposals`` (n, 4) float32: with ``proposal_file``, the boxes of :func:`select_person_boxes`.
    - ``filename`` (a video file with its extension) or ``frame_dir``.

    Args:
        ann_file (str): csv without header: video_id, timestamp, x1, y1, x2, y2, action_id, entity_id.
        pipeline (list): Transforms.
        exclude_file (str, optional): csv of excluded key seconds: video_id, timestamp.
        label_file (str, optional): Label map (.pbtxt). If given, every action id must be in it.
        proposal_file (str, optional): Boxes of a person detector, a pickle as in :class:`AVADataset`; only numpy
            arrays are loaded from it. See :func:`read_person_boxes`.
        num_classes (int): Number of classes + 1. Defaults to 81.
        custom_classes (list[int], optional): Use these action ids only; they become 1, 2, ... in the given order.
        data_prefix (dict): ``img`` is the folder of the videos, or of one folder of frames per video.
        use_frames (bool): Read folders of frames rather than video files. Defaults to True as in :class:`AVADataset`.
        timestamp_start (float): The second of which the first frame of each file (or folder) is. 900 for AVA's
            15-minute cuts, 0 for whole movies and most people's own videos. Defaults to 900.
        start_file (str, optional): csv of videos with another one: video_id, second.
        fps (float): Frame rate of folders of frames; video files tell their own. Defaults to 30.
        num_clips (int): Clips of a window, odd. Defaults to 3.
        clip_duration (float): Seconds of a clip (clip_len / fps of the sampler). Defaults to 1.0.
        all_key_frames (bool): One window for every whole second of the evaluated range, annotated or not, instead of
            only the annotated ones. ``StepwiseAVAMetric`` counts what is found on the others in ``mAP_all_classes``,
            and in ``overall`` only with ``ignore_empty_frames=False``. Defaults to False.
        eval_seconds (tuple[int, int], optional): First and last evaluated second of every video, for AVA (902, 1798).
            Needs ``all_key_frames``. Defaults to None: from the first to the last annotated second of each video.
        indices (int | Sequence[int], optional): Take some of the windows, see :class:`KeySecondSubset`.

    Raises:
        FileNotFoundError: If any file or folder, or any video of the annotation file, is missing.
        ValueError: If a line of a file is wrong (with ``file:line``), or if no window is left.
    """

    def __init__(self,
                 ann_file: str,
                 pipeline: List[Union[ConfigType, Callable]],
                 exclude_file: Optional[str] = None,
                 label_file: Optional[str] = None,
                 proposal_file: Optional[str] = None,
                 start_file: Optional[str] = None,
                 num_classes: int = 81,
                 custom_classes: Optional[List[int]] = None,
                 num_clips: int = 3,
                 clip_duration: float = 1.0,
                 all_key_frames: bool = False,
                 eval_seconds: Optional[Tuple[int, int]] = None,
                 data_root: str = '',
                 data_prefix: ConfigType = dict(img=''),
                 **kwargs) -> None:
        if num_clips < 1 or num_clips % 2 == 0:
            raise DataError(f'num_clips must be odd, for the window has a centre clip; got {num_clips}')
        if clip_duration <= 0:
            raise DataError(f'clip_duration must be positive, got {clip_duration}')
        if eval_seconds is not None and not all_key_frames:
            raise DataError('eval_seconds needs all_key_frames=True')
        self.num_clips = num_clips
        self.all_key_frames = all_key_frames
        self.eval_seconds = eval_seconds
        self.gt_times = window_seconds(num_clips, clip_duration)
        if not kwargs.get('lazy_init', False):
            files = {
                'annotation file (ann_file)': osp.join(data_root, ann_file),
                'label map (label_file)': label_file,
                'file of excluded timestamps (exclude_file)': exclude_file,
                'proposals (proposal_file)': proposal_file,
                'file of start seconds (start_file)': start_file,
            }
            folders = {'folder of videos (data_prefix.img)': osp.join(data_root, data_prefix['img'])}
            require_files(files, folders, 'tools/data/ava/README.md')
        if custom_classes is not None:
            check_custom_classes(custom_classes, num_classes, label_file)

        self.start_file = start_file
        self.start_seconds: Dict[str, Second] = {}
        # Not read by the parent class, which would run whatever the pickle says, and fails at an empty array.
        self._proposal_path = proposal_file
        self.person_boxes: Optional[Dict[str, np.ndarray]] = None
        super().__init__(
            ann_file,
            pipeline,
            exclude_file=exclude_file,
            label_file=label_file,
            proposal_file=None,
            num_classes=num_classes,
            custom_classes=custom_classes,
            data_root=data_root,
            data_prefix=data_prefix,
            **kwargs)
        self.proposal_file = proposal_file

    def load_data_list(self) -> List[dict]:
        """Reads the annotation file and makes one entry for each window.

        Returns:
            list[dict]: Videos in the order of the file, seconds ascending.
        """
        if self.start_file is not None:
            self.start_seconds = read_start_seconds(self.start_file)
        boxes, actors, empty = self._read_actors()
        annotated = [*boxes, *empty] if self.all_key_frames else [*actors, *empty]
        seconds = key_seconds(annotated, self.all_key_frames, self.eval_seconds)
        known = key_seconds([*boxes, *empty])
        paths = find_videos(self.data_prefix['img'], seconds, self.use_frames, self.ann_file)
        return [
            self._window_entry(video_id, second, paths[video_id], boxes, actors.get((video_id, second), {}),
                               window_times(second, known[video_id], self.gt_times))
            for video_id, times in seconds.items() for second in times
        ]

    def _read_actors(self) -> Tuple[Dict[Key, Dict[int, Box]], Dict[Key, Dict[Box, List[AVARow]]], Dict[Key, dict]]:
        """Groups the lines of the annotation file by key second.

        Returns:
            tuple: ``boxes[video_id, second][entity_id]``, the first one, of all classes; ``actors[video_id,
            second][box]``, an actor's lines, of the wanted classes; and the seconds in which nobody is.
        """
        wanted = None if self.custom_classes is None else set(self.custom_classes)
        labels, labels_name = self.permitted_labels()
        boxes: Dict[Key, Dict[int, Box]] = defaultdict(dict)
        actors: Dict[Key, Dict[Box, List[AVARow]]] = defaultdict(lambda: defaultdict(list))
        nobody: List[AVARow] = []
        for row in read_annotations(self.ann_file, labels, labels_name, on_empty=nobody.append):
            fault = self.row_fault(row)
            if fault:
                raise DataError(f'{self.ann_file}:{row.line}: {fault}')
            key = (row.video_id, row.timestamp)
            boxes[key].setdefault(row.entity_id, row.box)
            if wanted is None or row.label in wanted:
                actors[key][row.box].append(row)
        for row in nobody:
            fault = SOMEBODY.format(row) if (row.video_id, row.timestamp) in boxes else self.row_fault(row)
            if fault:
                raise DataError(f'{self.ann_file}:{row.line}: {fault}')
        if not boxes and not nobody:
            raise DataError(f'{self.ann_file} has no line: empty data set')
        return boxes, actors, {(row.video_id, row.timestamp): {} for row in nobody}

    def start_of(self, video_id: str) -> Second:
        """The second of which the first frame of a video is."""
        return self.start_seconds.get(video_id, self.timestamp_start or 0)

    def row_fault(self, row: AVARow) -> str:
        """What is wrong with a line beyond what :func:`read_annotations` finds; empty if nothing is."""
        start = self.start_of(row.video_id)
        if row.timestamp >= start:
            return ''
        if row.video_id in self.start_seconds:
            return f'second {row.timestamp} lies before {start}, where {row.video_id} begins by {self.start_file}'
        return (f'second {row.timestamp} lies before timestamp_start={start}, at which the video files begin. Set '
                'timestamp_start=0 for videos that are not cut')

    def permitted_labels(self) -> Tuple[Optional[Collection[int]], str]:
        """The action ids that may occur (None: any), and the name of the setting they come from."""
        if self.custom_classes is not None:
            return None, ''
        in_head = range(1, self.num_classes)
        if self.label_file is None:
            return in_head, f'1..{self.num_classes - 1} (num_classes={self.num_classes} counts the unused class 0)'
        label_map = read_label_map(self.label_file)
        if max(label_map) not in in_head:
            raise DataError(f'{self.label_file} has id {max(label_map)}, and num_classes={self.num_classes} leaves '
                            f'ids up to {self.num_classes - 1}. Set num_classes={max(label_map) + 1}')
        return label_map, f'the label map {self.label_file}'

    def _window_entry(self, video_id: str, second: Second, path: str, boxes: Dict[Key, Dict[int, Box]],
                      actors: Dict[Box, List[AVARow]], times: np.ndarray) -> dict:
        """The entry of one window in the data list."""
        gt_bboxes = np.zeros((len(actors), len(times), 4), dtype=np.float32)
        gt_valid = np.zeros((len(actors), len(times)), dtype=bool)
        entity_ids = [rows[0].entity_id for rows in actors.values()]
        for actor, (key_box, entity_id) in enumerate(zip(actors, entity_ids)):
            for column, offset in enumerate(times.tolist()):
                box: Optional[Box] = key_box if offset == 0 else None
                if offset != 0 and entity_id >= 0:
                    box = boxes.get((video_id, round(second + offset, 3)), {}).get(entity_id)
                if box is not None:
                    gt_bboxes[actor, column] = box
                    gt_valid[actor, column] = True
        return {
            'frame_dir' if self.use_frames else 'filename': path,
            'video_id': video_id,
            'timestamp': second,
            'img_key': image_key(video_id, second),
            'fps': self._FPS,
            **({} if times is self.gt_times else dict(gt_times=times)),  # the usual ones are not stored
            'gt_valid': gt_valid,
            # Labels stay lists of ids here: written out, they would be most of the memory of the data list.
            'ann': dict(
                gt_bboxes=gt_bboxes,
                gt_labels=[self._label_ids(rows) for rows in actors.values()],
                entity_ids=np.array(entity_ids, dtype=np.int64)),
        }

    def _label_ids(self, rows: List[AVARow]) -> List[int]:
        """The class indices of an actor."""
        labels = sorted({row.label for row in rows})
        if not self.multilabel and len(labels) > 1:
            raise DataError(f'{self.ann_file}:{rows[-1].line}: an actor has the actions {labels}, and '
                            'multilabel=False allows one. Set multilabel=True')
        return labels if self.custom_classes is None else [self.custom_classes.index(label) for label in labels]

    def filter_data(self) -> List[dict]:
        """Drops the excluded key seconds, and looks up the proposals of the others.

        Returns:
            list[dict]: The remaining windows, at least one.
        """
        excluded: Set[Key] = set() if self.exclude_file is None else read_excluded(self.exclude_file)
        data_list = [info for info in self.data_list if (info['video_id'], info['timestamp']) not in excluded]
        if not data_list:
            raise DataError(f'{self.ann_file} leaves no window: empty data set (exclude_file={self.exclude_file}, '
                            f'custom_classes={self.custom_classes and self.custom_classes[1:]}, '
                            f'eval_seconds={self.eval_seconds})')
        if self._proposal_path is not None:
            self.person_boxes = read_person_boxes(self._proposal_path)
            lacking = keys_without_boxes(self._proposal_path, self.person_boxes,
                                         [info['img_key'] for info in data_list])
            if lacking:
                print_log(lacking, logger='current', level=logging.WARNING)
        MMLogger.get_current_instance().info(
            f'{self.ann_file}: {len(data_list)} windows ({len(self.data_list) - len(data_list)} excluded) of '
            f'{len({info["video_id"] for info in data_list})} videos')
        return data_list

    def get_data_info(self, idx: int) -> dict:
        """The entry of a window as the transforms get it, see the class.

        Args:
            idx (int): Index of the window.
        """
        data_info = super().get_data_info(idx)
        data_info['gt_times'] = np.asarray(data_info.get('gt_times', self.gt_times), dtype=np.float64)
        data_info['timestamp_start'] = self.start_of(data_info['video_id'])
        if self.person_boxes is not None:
            data_info['proposals'] = select_person_boxes(
                self.person_boxes.get(data_info['img_key']), self.person_det_score_thr, self.num_max_proposals)
        ids = data_info['gt_labels']
        if self.multilabel:
            data_info['gt_labels'] = np.zeros((len(ids), self.num_classes), dtype=np.float32)
            for actor, labels in enumerate(ids):
                data_info['gt_labels'][actor, labels] = 1
        else:
            data_info['gt_labels'] = np.array([labels[0] - 1 for labels in ids], dtype=np.int64)
        return data_info

    def get_cat_ids(self, idx: int) -> List[int]:
        """Classes of a window, for data sets around this one such as ``ClassBalancedDataset``; no video is opened.

        Args:
            idx (int): Index of the window.

        Returns:
            list[int]: Columns of ``gt_labels``, or, if not ``multilabel``, its values; ascending, each once.
        """
        first = 0 if self.multilabel else 1
        return sorted({label - first for labels in super().get_data_info(idx)['gt_labels'] for label in labels})
