"""Several detectors on one window, their results fused."""
import os.path as osp
from typing import Dict, List, Optional, Sequence, Tuple

from mmaction.registry import MODELS
from mmaction.utils import ConfigType, SampleList
from mmdet.models.detectors import BaseDetector
from mmengine.model import ModuleList
from mmengine.runner.checkpoint import load_state_dict
from mmengine.structures import InstanceData
from torch import Tensor, nn

from mmstep.checkpoints import read_checkpoint, require_finite, require_whole, unwrap
from mmstep.errors import LaunchError
from mmstep.structures import add_step_predictions
from ..roi_heads.step_records import StepOutput
from .late_fusion import FUSIONS, fuse_instances, fused_test_cfg


@MODELS.register_module()
class StreamFusion(BaseDetector):
    """Late and hybrid fusion of trained detectors (section 3.5), for testing.

    Each stream sees some of the input's channels: of RGB and five flow maps, (0, 3), (3, 13) or, for a detector with
    early fusion, (0, 13). Late fusion is RGB and flow, hybrid fusion these and early fusion.

    Args:
        streams (Sequence[dict]): Each with ``model`` (config of a :class:`STEPDetector`; its own data preprocessor is
            not used) and ``channels`` (first, last + 1). Weights come by each model's
            ``init_cfg=dict(type='Pretrained', checkpoint=...)``, or by a checkpoint of the whole.
        mode (str): 'mean' or 'union', see :mod:`mmstep.models.fusion.late_fusion`. Defaults to 'mean'.
        test_cfg (dict, optional): ``score_thr``, ``nms`` and ``max_per_img`` of the fused tubes. Defaults to the
            streams' ``nms`` and no other limit, see :func:`fused_test_cfg`.
        data_preprocessor (dict, optional): Config of the data preprocessor, as the streams had it in training.
        init_cfg (dict, optional): Initialisation config.

    Raises:
        ValueError: If the mode is unknown, there are fewer than two streams, or their ``nms`` differ and ``test_cfg``
            has none.
    """

    def __init__(self,
                 streams: Sequence[ConfigType],
                 mode: str = 'mean',
                 test_cfg: Optional[ConfigType] = None,
                 data_preprocessor: Optional[ConfigType] = None,
                 init_cfg: Optional[ConfigType] = None) -> None:
        if isinstance(data_preprocessor, dict):
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        if mode not in FUSIONS:
            raise ValueError(f'fusion {mode!r} is unknown; choose {" or ".join(FUSIONS)}')
        if len(streams) < 2:
            raise ValueError('fusion needs at least two streams')
        self.mode = mode
        self.channels = [tuple(stream['channels']) for stream in streams]
        self.streams = ModuleList([
            MODELS.build({
                key: value
                for key, value in stream['model'].items() if key != 'data_preprocessor'
            }) for stream in streams
        ])
        # Where the streams look at each clip on its own, windows may share the features of their clips.
        independent = all(getattr(stream, 'clip_features', None) == 'independent' for stream in self.streams)
        self.clip_features = 'independent' if independent else 'joint'
        self.test_cfg = fused_test_cfg([stream.roi_head.test_cfg for stream in self.streams], test_cfg)

    def init_weights(self) -> None:
        """Loads the checkpoint of each stream, which has to fill it exactly.

        Raises:
            LaunchError: If a checkpoint is missing, or is not one of its stream's model.
        """
        for number, stream in enumerate(self.streams):
            if isinstance(stream.init_cfg, dict) and stream.init_cfg['type'] == 'Pretrained':
                _load_stream(stream, stream.init_cfg['checkpoint'], f'streams.{number} of StreamFusion')
            else:
                stream.init_weights()

    def extract_feat(self, batch_inputs: Tensor) -> List[Tensor]:
        """Features of every stream, see :meth:`STEPDetector.extract_feat`."""
        return [
            stream.extract_feat(batch_inputs[:, first:last])
            for stream, (first, last) in zip(self.streams, self.channels)
        ]

    def extract_clip_feat(self, clips: Tensor) -> List[Tensor]:
        """Features of clips that the streams see each on its own, see :meth:`STEPDetector.extract_clip_feat`.

        Args:
            clips (Tensor): Shape (B, C, K, H, W).

        Returns:
            list[Tensor]: Of each stream, (B, C', K / r, h, w).
        """
        return [
            stream.extract_clip_feat(clips[:, first:last])
            for stream, (first, last) in zip(self.streams, self.channels)
        ]

    def predict(self, batch_inputs: Tensor, batch_data_samples: SampleList) -> SampleList:
        """Adds the fused detections to the data samples.

        Args:
            batch_inputs (Tensor): Shape (B, C, num_clips * K, H, W).
            batch_data_samples (list): One for each window.

        Returns:
            list[ActionDataSample]: With ``pred_instances`` and, if the streams keep their steps,
            ``pred_instances_step1`` and so on.
        """
        height, width = batch_inputs.shape[-2:]
        return self.predict_from_feat(self.extract_feat(batch_inputs), (height, width), batch_data_samples)

    def predict_from_feat(self, x: Sequence[Tensor], img_shape: Tuple[int, int],
                          batch_data_samples: SampleList) -> SampleList:
        """Adds the fused detections to the data samples, from features made before.

        Args:
            x (Sequence[Tensor]): Of each stream the features of the windows, (B, C', T, h, w).
            img_shape (tuple[int, int]): Height and width of the network input.
            batch_data_samples (list): One for each window.

        Returns:
            list[ActionDataSample]: See :meth:`predict`.
        """
        predictions = [
            stream.roi_head.predict(feat, img_shape, batch_data_samples) for stream, feat in zip(self.streams, x)
        ]  # [stream][step][window]
        for window, sample in enumerate(batch_data_samples):
            steps: List[InstanceData] = [
                fuse_instances([item[window] for item in step], self.mode, img_shape, self.test_cfg)
                for step in zip(*predictions)
            ]
            add_step_predictions(sample, steps)
        return batch_data_samples

    def loss(self, batch_inputs: Tensor, batch_data_samples: SampleList) -> Dict[str, Tensor]:
        """Not for training.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError('StreamFusion fuses trained detectors: train each stream with its own config')

    def _forward(self,
                 batch_inputs: Tensor,
                 batch_data_samples: Optional[SampleList] = None) -> List[List[StepOutput]]:
        """Raw output of every step of every stream (``mode='tensor'``)."""
        img_shape = tuple(batch_inputs.shape[-2:])
        return [
            stream.roi_head(feat, img_shape, batch_data_samples)
            for stream, feat in zip(self.streams, self.extract_feat(batch_inputs))
        ]


def _load_stream(stream: nn.Module, path: str, place: str) -> None:
    """Loads a trained detector; initial weights that its parts name in ``init_cfg`` are not looked for."""
    try:
        checkpoint = read_checkpoint(path)
    except LaunchError as error:
        trained_by = osp.basename(osp.dirname(path))
        raise LaunchError(f'{place}: {error} Train the stream first, with {trained_by}.py if its checkpoint is in the '
                          'folder that tools/train.py chooses.') from error
    require_whole(stream, checkpoint, path, place)
    state = unwrap(checkpoint) or {}
    require_finite(state, path)
    load_state_dict(stream, state, logger='current')
