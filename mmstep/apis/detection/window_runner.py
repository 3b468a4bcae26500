"""Windows through the detector, the features of clips that several of them share once."""
from math import lcm
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.logging import print_log
from mmengine.structures import InstanceData
from torch import Tensor, nn

from mmstep.errors import LaunchError
from mmstep.structures import middle_frames, step_predictions
from ..config_reading import class_names
from ..persons.detections import WEAK, Detection, KeyFrame, split_weak, to_detections
from ..persons.score_thresholds import ScoreThreshold, class_thresholds
from .frame_preparation import FramePreparation
from .model_frames import Window
from .window_layout import WindowLayout


class WindowRunner:
    """Detects in windows.

    With ``clip_features='independent'`` a clip's features depend on its own frames alone. Windows whose key frames are
    a multiple of the clip's length apart are made of the same clips; then each clip goes through the backbone once,
    and its features stay until no later window can hold it. With ``'joint'`` features, or where windows share no clip,
    every window goes through the whole model.

    Args:
        model (nn.Module): The detector; anything with MMEngine's ``test_step``. Features are reused if it is a
            :class:`STEPDetector` or a :class:`StreamFusion`.
        cfg (Config): Its config.
        layout (WindowLayout): How windows lie.
        hop (int): Model frames between two key frames.
        preparation (FramePreparation): What prepared the windows' frames.
        score_thr (float | dict): See :func:`class_thresholds`.
        reuse_features (bool): Whether to reuse features where that is possible. Defaults to True.

    Attributes:
        labels (list[str] or None): Names of the classes; of a model without names known after the first window.
    """

    def __init__(self,
                 model: nn.Module,
                 cfg: Config,
                 layout: WindowLayout,
                 hop: int,
                 preparation: FramePreparation,
                 score_thr: ScoreThreshold = 0.3,
                 reuse_features: bool = True) -> None:
        self._model: Any = model
        self._layout = layout
        self._preparation = preparation
        self._score_thr = score_thr
        self._thresholds: Optional[np.ndarray] = None
        self.labels = class_names(cfg)
        if self.labels is not None:
            self._thresholds = class_thresholds(score_thr, self.labels)
        # Two windows share clips if they lie whole clips apart and still overlap.
        shared = lcm(hop, layout.clip_len) <= (layout.num_clips - 1) * layout.clip_len
        independent = getattr(model, 'clip_features', None) == 'independent' and hasattr(model, 'extract_clip_feat')
        self.reuses_features = reuse_features and shared and independent
        if reuse_features and independent and not shared:
            print_log(
                f'key times {hop / layout.fps:.3g} s apart: their windows share no clip, so every window goes through '
                f'the backbone whole. With {layout.clip_seconds:.3g} s, or a whole part of it, features are reused',
                logger='current')
        self._feats: Dict[Tuple[int, int], Tuple[Tensor, ...]] = {}  # by video and first model frame

    @torch.no_grad()
    def run(self, windows: Sequence[Window]) -> List[KeyFrame]:
        """Detects in some windows at once.

        Args:
            windows (Sequence[Window]): At least one, by video and time; later calls have later windows.

        Returns:
            list[KeyFrame]: One for each window, without person numbers.

        Raises:
            LaunchError: If the config names another number of classes than the model has.
        """
        detect = self._detect_from_clips if self.reuses_features else self._detect_whole
        return [self._key_frame(window, sample) for window, sample in zip(windows, detect(windows))]

    def _detect_whole(self, windows: Sequence[Window]) -> List[ActionDataSample]:
        return self._model.test_step(
            pseudo_collate([
                dict(
                    inputs=self._preparation.pack(window.frames, window.maps()),
                    data_samples=self._preparation.sample(window.img_shape)) for window in windows
            ]))

    def _detect_from_clips(self, windows: Sequence[Window]) -> List[ActionDataSample]:
        clips = [self._clips(window) for window in windows]
        missing = {key: place for window in clips for key, place in window.items() if key not in self._feats}
        if missing:
            # One window at a time holds as many clips as the backbone gets without reuse; it gets no more here.
            count = len(windows) * self._layout.num_clips
            keys = list(missing)
            for first in range(0, len(keys), count):
                chunk = keys[first:first + count]
                # The feature map of each stream of a fusion, or the one of a detector, clip by clip.
                self._feats.update(zip(chunk, zip(*self._extract([missing[key] for key in chunk]))))
        x = [
            torch.stack([torch.cat(parts, dim=1) for parts in windows_of_stream])
            for windows_of_stream in zip(*(zip(*(self._feats[key] for key in window)) for window in clips))
        ]
        samples = [self._preparation.sample(window.img_shape) for window in windows]
        latest = next(iter(clips[-1]))
        # A clip that begins no later than the newest window does is part of no window to come.
        self._feats = {key: feat for key, feat in self._feats.items() if key[0] == latest[0] and key[1] > latest[1]}
        return self._model.predict_from_feat(x if len(x) > 1 else x[0], windows[0].img_shape, samples)

    def _clips(self, window: Window) -> Dict[Tuple[int, int], Tuple[Window, int]]:
        """A window's clips in order of time, by video and first model frame: where in the window each begins."""
        begin = window.key - self._layout.num_before
        return {
            (window.video, begin + offset): (window, offset)
            for offset in range(0, self._layout.num_frames, self._layout.clip_len)
        }

    def _extract(self, clips: Sequence[Tuple[Window, int]]) -> List[Tensor]:
        length, stack = self._layout.clip_len, self._layout.num_flows
        data = pseudo_collate([
            dict(
                inputs=self._preparation.pack(window.frames[offset:offset + length],
                                              window.maps(offset, length + stack - 1) if stack else ()),
                data_samples=self._preparation.sample(window.img_shape)) for window, offset in clips
        ])
        feats = self._model.extract_clip_feat(self._model.data_preprocessor(data)['inputs'])
        return feats if isinstance(feats, list) else [feats]

    def _key_frame(self, window: Window, sample: ActionDataSample) -> KeyFrame:

        def convert(instances: InstanceData) -> Tuple[List[Detection], List[Detection]]:
            return self._convert(instances, window, sample.img_shape)

        persons, weak = convert(sample.pred_instances)
        return KeyFrame(window.time, persons, [convert(step)[0] for step in step_predictions(sample)], weak)

    def _convert(self, instances: InstanceData, window: Window,
                 img_shape: Tuple[int, int]) -> Tuple[List[Detection], List[Detection]]:
        """Brings the boxes of a window to pixels and seconds of the video."""
        bboxes, scores, tubes = (instances[key].float().cpu().numpy() for key in ('bboxes', 'scores', 'tubes'))
        if not all(np.isfinite(values).all() for values in (bboxes, scores, tubes)):
            raise LaunchError(f'the model gives numbers that are not finite at {window.time:.2f} s: are its weights '
                              'of this model and whole? With half precision, try full precision')
        scores = scores[:, 1:]
        labels, thresholds = self._check_labels(scores.shape[1])
        width, height = window.size
        per_clip = self._layout.clip_len // self._layout.temporal_stride
        scale = (width / img_shape[1], height / img_shape[0])
        centre = middle_frames(tubes, per_clip) * np.array(scale * 2, dtype=np.float32)
        bboxes = bboxes * np.array(window.size * 2, dtype=np.float32)
        times = window.time + self._layout.tube_times()
        return split_weak(to_detections(bboxes, scores, centre, times, labels, WEAK * thresholds), labels, thresholds)

    def _check_labels(self, count: int) -> Tuple[List[str], np.ndarray]:
        if self.labels is None or self._thresholds is None:
            self.labels = [f'class {index}' for index in range(1, count + 1)]
            self._thresholds = class_thresholds(self._score_thr, self.labels)
        if len(self.labels) != count:
            raise LaunchError(f'the config names {len(self.labels)} classes (class_names or label_file), the model '
                              f'has {count}')
        return self.labels, self._thresholds
