"""Which frames a window is made of, and at which of its feature frames the annotations lie."""
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from mmstep.errors import DataError
from mmstep.video.frame_times import TIME_TOLERANCE, frame_start_times, frames_at_rate, frames_shown_at
from ..frame_folders import count_frames
from .feature_frames import interpolate_boxes, repeat_nearest_valid, scatter_to_feature_frames

SECOND = 1.0  # between two annotations of AVA that follow each other


@TRANSFORMS.register_module()
class SampleTubeWindow(BaseTransform):
    """Samples a window's frames at a fixed rate from a file of any frame rate, and lays its boxes onto feature frames.

    Index i of the window stands for the time ``key + (i - num_frames // 2 + shift) / fps``, so that without jitter the
    key time is at index ``num_frames // 2`` (18 of 36). One rule gives the frame of a time, for constant and variable
    frame rates: the frame *shown* then, that is the last one that starts at or before it (plus a millisecond, see
    ``TIME_TOLERANCE``). At 30 fps the key frame of a second therefore is the first frame of that second, as in AVA.
    Times before the first or after the last frame get that frame.

    The frame of index i belongs to feature frame ``i // temporal_stride``. An annotation at offset dt from the key
    second is at index ``num_frames // 2 - shift + round(dt * fps)``. Actors without an annotation in the centre clip
    are dropped.

    Equation 3 of the paper averages over all frames of a clip, and AVA annotates one a second. So an actor's boxes
    between two annotated seconds that follow each other are interpolated linearly, at the middle (index r // 2 of its
    r) of each feature frame; those frames are valid as the annotated ones are. Nothing is interpolated across a second
    in which the actor is not annotated: he may have left, or the shot may have changed.

    Required keys: timestamp, timestamp_start; video_reader (with ``get_frame_timestamp``) or frame_dir, filename_tmpl,
    fps, start_index; optional gt_bboxes (G, K, 4), gt_valid (G, K), gt_times (K,), gt_labels, entity_ids.

    Added or modified keys: frame_inds (num_frames,), clip_len (num_frames), num_clips (1: to the transforms of
    MMAction2 a window is one clip), gt_bboxes (G, T, 4) and gt_valid (G, T) with T = num_frames / temporal_stride,
    gt_labels, entity_ids. Boxes at invalid feature frames repeat the nearest valid box in time. gt_times is removed.

    Args:
        clip_len (int): Frames of a clip (K of the paper), a multiple of ``temporal_stride``.
        num_clips (int): Clips of the window, odd.
        fps (float): Frames a second of the window; the file may have any rate.
        temporal_stride (int): Frames per feature frame of the backbone.
        jitter (int): The window is shifted by up to so many of its frames, at random; 0 in testing. Defaults to 0.
        interpolate (bool): Whether boxes between annotated seconds are interpolated. False trains the annotated frames
            alone. Defaults to True.
        hold (bool): Whether the frames of the centre clip on whose side no annotated second follows get the actor's
            nearest box and count as valid, rather than not at all. Defaults to False: on the mini data set, whose
            people are in the picture before their first annotated second and after their last one, training without it
            was better (frame-mAP at step 3, seed 0: 79.3 against 78.1).

    Raises:
        ValueError: If the numbers do not fit together, or the key second lies outside of the video.
    """

    def __init__(self,
                 clip_len: int,
                 num_clips: int,
                 fps: float,
                 temporal_stride: int,
                 jitter: int = 0,
                 interpolate: bool = True,
                 hold: bool = False) -> None:
        if num_clips < 1 or num_clips % 2 == 0:
            raise DataError(f'num_clips must be odd, for the window has a centre clip; got {num_clips}')
        if clip_len % temporal_stride:
            raise DataError(f'clip_len={clip_len} is not a multiple of temporal_stride={temporal_stride}: a clip '
                            'must be whole feature frames')
        if fps <= 0:
            raise DataError(f'fps must be positive, got {fps}')
        largest = max(clip_len // 2 - 1, 0)
        if not 0 <= jitter <= largest:
            raise DataError(f'jitter={jitter} must be in 0..{largest} (clip_len // 2 - 1), for the annotated key '
                            'frame must stay in the centre clip')
        self.clip_len = clip_len
        self.num_clips = num_clips
        self.fps = fps
        self.temporal_stride = temporal_stride
        self.jitter = jitter
        self.interpolate = interpolate
        self.hold = hold

    @property
    def num_frames(self) -> int:
        """Frames of the window."""
        return self.clip_len * self.num_clips

    def transform(self, results: dict) -> dict:
        """Adds the frame indices and lays the boxes onto the feature frames.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        shift = np.random.randint(-self.jitter, self.jitter + 1) if self.jitter else 0
        key_time = results['timestamp'] - results['timestamp_start']
        times = key_time + (np.arange(self.num_frames) - self.num_frames // 2 + shift) / self.fps
        if results.get('video_reader') is not None:
            starts = frame_start_times(results['video_reader'])
            _check_key_time(results, key_time, starts[-1])
            results['frame_inds'] = frames_shown_at(times, starts)
        else:
            total = count_frames(results['frame_dir'], results['filename_tmpl'], results['start_index'])
            _check_key_time(results, key_time, (total - 1) / results['fps'])
            results['frame_inds'] = frames_at_rate(times, results['fps'], total) + results['start_index']
        results['clip_len'] = self.num_frames
        results['num_clips'] = 1
        if 'gt_bboxes' in results:
            self._place_boxes(results, shift)
        return results

    def _place_boxes(self, results: dict, shift: int) -> None:
        """Turns boxes at annotated seconds into boxes at feature frames; drops actors that the centre clip lacks."""
        offsets = np.round(results.pop('gt_times') * self.fps).astype(np.int64)
        indices = self.num_frames // 2 - shift + offsets
        boxes, valid = scatter_to_feature_frames(results['gt_bboxes'], results['gt_valid'], indices, self.num_frames,
                                                 self.temporal_stride)
        if self.interpolate:
            middles = np.arange(0, self.num_frames, self.temporal_stride) + self.temporal_stride // 2
            between, known = interpolate_boxes(results['gt_bboxes'], results['gt_valid'], indices, middles,
                                               round(SECOND * self.fps))
            boxes = np.where(known[..., None], between, boxes)
            valid |= known
        per_clip = self.clip_len // self.temporal_stride
        first = self.num_clips // 2 * per_clip
        centre = valid[:, first:first + per_clip]
        keep = centre.any(axis=1)
        results['gt_bboxes'] = repeat_nearest_valid(boxes[keep], valid[keep])
        if self.hold:
            centre[keep] = True
        results['gt_valid'] = valid[keep]
        results['gt_labels'] = results['gt_labels'][keep]
        results['entity_ids'] = results['entity_ids'][keep]

    def __repr__(self) -> str:
        return (f'{self.__class__.__name__}(clip_len={self.clip_len}, num_clips={self.num_clips}, fps={self.fps}, '
                f'temporal_stride={self.temporal_stride}, jitter={self.jitter}, interpolate={self.interpolate}, '
                f'hold={self.hold})')


def _check_key_time(results: dict, key_time: float, last: float) -> None:
    """Raises if the key second is not in the video; a second of slack, as containers round their length."""
    if not -TIME_TOLERANCE <= key_time <= last + 1:
        path = results.get('filename') or results['frame_dir']
        raise DataError(f'{path}: key second {results["timestamp"]} would be {key_time:g} s into the video, whose '
                        f'last frame is at {last:.2f} s. Either the file is cut short, or '
                        f'timestamp_start={results["timestamp_start"]} (the second of the first frame) does not fit '
                        'it')
