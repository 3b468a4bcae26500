"""Which frames a window of a densely annotated video is made of, and where its tubes are on its feature frames."""
from typing import Tuple

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from mmstep.errors import DataError
from ..frame_folders import count_frames
from ..tube_checks import FRAME_SLACK, in_picture
from .feature_frames import repeat_nearest_valid, scatter_to_feature_frames


@TRANSFORMS.register_module()
class SampleClipWindow(BaseTransform):
    """Takes the native frames of a window and lays its tubes onto feature frames.

    The window is ``num_clips`` clips of ``clip_len`` consecutive frames, ``clip_start`` the first frame of the centre
    one. Before the first and after the last frame of the video these are repeated. A tube that begins or ends in the
    window is ``valid`` only where it is annotated. Actors with fewer than ``min_actor_frames`` annotated frames in the
    centre clip are dropped, so that the clip counts as background for them.

    Required keys: clip_start (from 1), num_frames_total, tube_rows (list of G arrays (n, 5): frame from 1, x1, y1, x2,
    y2 in pixels, inclusive), resolution (height, width), gt_labels (G,), entity_ids (G,); video_reader, or frame_dir,
    filename_tmpl and start_index, if frames are read.

    Added or modified keys: frame_inds (num_frames,), clip_len, num_clips (1: to the transforms of MMAction2 a window
    is one clip), flow_inds (num_frames + num_flows - 1,) from 1, maybe past the end, gt_bboxes (G, T, 4) fractions of
    the frame with T = num_frames / temporal_stride, gt_valid (G, T), gt_labels, entity_ids. Boxes at invalid feature
    frames repeat the nearest valid one. tube_rows is removed.

    Args:
        clip_len (int): Frames of a clip (K of the paper), a multiple of ``temporal_stride``.
        num_clips (int): Clips of the window, odd.
        temporal_stride (int): Frames per feature frame of the backbone. Defaults to 1.
        num_flows (int): Consecutive flow maps stacked for each frame; 0 without flow. Defaults to 0.
        min_actor_frames (int): See above, 1 to ``clip_len``. Defaults to 1.

    Raises:
        ValueError: If the numbers do not fit together, or the video is shorter than its annotation says.
    """

    def __init__(self,
                 clip_len: int,
                 num_clips: int,
                 temporal_stride: int = 1,
                 num_flows: int = 0,
                 min_actor_frames: int = 1) -> None:
        if num_clips < 1 or num_clips % 2 == 0:
            raise DataError(f'num_clips must be odd, for the window has a centre clip; got {num_clips}')
        if clip_len % temporal_stride:
            raise DataError(f'clip_len={clip_len} is not a multiple of temporal_stride={temporal_stride}: a clip '
                            'must be whole feature frames')
        if not 1 <= min_actor_frames <= clip_len:
            raise DataError(f'min_actor_frames={min_actor_frames} must be in 1..clip_len={clip_len}')
        self.clip_len = clip_len
        self.num_clips = num_clips
        self.temporal_stride = temporal_stride
        self.num_flows = num_flows
        self.min_actor_frames = min_actor_frames

    @property
    def num_frames(self) -> int:
        """Frames of the window."""
        return self.clip_len * self.num_clips

    def transform(self, results: dict) -> dict:
        """Adds the frame numbers and lays the tubes onto the feature frames.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        first = results['clip_start'] - self.num_clips // 2 * self.clip_len
        frames = np.arange(first, first + self.num_frames)
        if results.get('video_reader') is not None:
            total = check_length(results, len(results['video_reader']), results['filename'])
            results['frame_inds'] = np.clip(frames, 1, total) - 1
        elif results.get('frame_dir') is not None:
            found = count_frames(results['frame_dir'], results['filename_tmpl'], results['start_index'])
            total = check_length(results, found, results['frame_dir'])
            results['frame_inds'] = np.clip(frames, 1, total) - 1 + results['start_index']
        if self.num_flows:
            # FlowFramesDecode clamps these to the flow maps on disk.
            results['flow_inds'] = np.arange(first, first + self.num_frames + self.num_flows - 1).clip(1)
        results['clip_len'] = self.num_frames
        results['num_clips'] = 1
        self._place_tubes(results, first)
        return results

    def _place_tubes(self, results: dict, first: int) -> None:
        """Cuts the window out of the tubes; drops actors that the centre clip lacks."""
        boxes, valid = dense_boxes(results.pop('tube_rows'), first, self.num_frames, results['resolution'])
        centre = self.num_clips // 2 * self.clip_len
        keep = valid[:, centre:centre + self.clip_len].sum(axis=1) >= self.min_actor_frames
        boxes, valid = scatter_to_feature_frames(boxes[keep], valid[keep], np.arange(self.num_frames), self.num_frames,
                                                 self.temporal_stride)
        results['gt_bboxes'] = repeat_nearest_valid(boxes, valid)
        results['gt_valid'] = valid
        results['gt_labels'] = results['gt_labels'][keep]
        results['entity_ids'] = results['entity_ids'][keep]

    def __repr__(self) -> str:
        return (f'{self.__class__.__name__}(clip_len={self.clip_len}, num_clips={self.num_clips}, '
                f'temporal_stride={self.temporal_stride}, num_flows={self.num_flows}, '
                f'min_actor_frames={self.min_actor_frames})')


def dense_boxes(tube_rows: list, first: int, num_frames: int, resolution: Tuple[int,
                                                                                int]) -> Tuple[np.ndarray, np.ndarray]:
    """Boxes of tubes in consecutive frames.

    Args:
        tube_rows (list[np.ndarray]): G arrays (n, 5): frame, x1, y1, x2, y2 in pixels, x2 and y2 inclusive.
        first (int): First frame.
        num_frames (int): Number F of frames.
        resolution (tuple[int, int]): Height and width to which the boxes refer.

    Returns:
        tuple[np.ndarray, np.ndarray]: Boxes (G, F, 4) float32 as fractions 0..1 of the frame, zeros where a tube is
        not annotated or wholly outside of the picture, and where it is annotated and in it, (G, F) bool.
    """
    height, width = resolution
    boxes = np.zeros((len(tube_rows), num_frames, 4), dtype=np.float32)
    valid = np.zeros((len(tube_rows), num_frames), dtype=bool)
    rows = np.concatenate([np.zeros((0, 5)), *tube_rows])
    tube = np.repeat(np.arange(len(tube_rows)), [len(item) for item in tube_rows])
    index = rows[:, 0].astype(np.int64) - first
    inside = (index >= 0) & (index < num_frames)
    # The target of a box without area would be the logarithm of 0.
    inside &= in_picture(rows[:, 1:], np.array(resolution))
    # The last pixel belongs to an annotated box; as a continuous coordinate its far edge is one further.
    corners = rows[inside, 1:] + np.array([0, 0, 1, 1])
    boxes[tube[inside], index[inside]] = (corners / np.array([width, height, width, height])).clip(0, 1)
    valid[tube[inside], index[inside]] = True
    return boxes, valid


def check_length(results: dict, found: int, path: str) -> int:
    """Compares the length of a file with what its annotation counts.

    Args:
        results (dict): ``num_frames_total`` and ``video_id`` of the annotation.
        found (int): Frames that the file has.
        path (str): The file, for the message.

    Returns:
        int: ``found``.

    Raises:
        ValueError: If the annotation counts on more than :data:`FRAME_SLACK` frames more.
    """
    annotated = results['num_frames_total']
    if found + FRAME_SLACK < annotated:
        raise DataError(f'{path} has {found} frames, and the annotation of {results["video_id"]} counts {annotated}: '
                        'the file is cut short, or is another video. Get it again, or extract its frames again')
    return found
