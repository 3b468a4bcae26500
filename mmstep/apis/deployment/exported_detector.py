"""A detector whose parts run somewhere else than in torch, with the interface of one that runs in it."""
from types import SimpleNamespace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import torch
from mmaction.registry import MODELS, TASK_UTILS
from mmaction.utils import SampleList
from mmengine.config import Config
from torch import Tensor, nn

from mmstep.errors import LaunchError
from mmstep.models.roi_heads import StepOutput
from mmstep.models.roi_heads.post_processing import SELECTION, require_finite_outputs, select_detections
from mmstep.models.roi_heads.pruning import surviving_tubes
from mmstep.structures import add_step_predictions
from .runtimes import Runtime, run_parts


class ExportedDetector(nn.Module):
    """Stands for a :class:`STEPDetector` wherever one detects; it cannot be trained.

    Args:
        cfg (Config): The config.
        parts (dict[str, Runtime]): 'window', or 'clips' and 'heads'.
        size (tuple[int, int]): Height and width of the network input.
        num_steps (int): Steps of the model.

    Attributes:
        cfg (Config): The config.
        clip_features (str): 'independent' if it makes the features of clips by themselves, else 'joint'.
        roi_head (SimpleNamespace): ``prior_generator``, for the view of the steps.
    """

    def __init__(self, cfg: Config, parts: Mapping[str, Runtime], size: Tuple[int, int], num_steps: int) -> None:
        super().__init__()
        self.cfg = cfg
        self.parts = dict(parts)
        self.size = size
        self.num_steps = num_steps
        self.clip_features = 'joint' if 'window' in parts else 'independent'
        self.num_clips: int = cfg.model.num_clips
        head = cfg.model.roi_head
        self.roi_head: Any = SimpleNamespace(prior_generator=TASK_UTILS.build(head.prior_generator))
        test_cfg = dict(head.get('test_cfg') or {})
        # The graph takes flow stacked and scaled; pictures alone it brings to its own input by itself.
        preprocessor = dict(cfg.model.data_preprocessor)
        two_stream = preprocessor['type'].split('.')[-1] == 'TwoStreamPreprocessor'
        self._stacking = MODELS.build(preprocessor) if two_stream else None
        self._keep_steps: bool = test_cfg.get('keep_steps', False)
        # A graph refines every tube by itself, so that those the model prunes can be dropped later.
        self._prune: Optional[Dict[str, Any]] = test_cfg.get('prune')
        # Not tube_frames, by which the graph has been made.
        self._test_cfg: Dict[str, Any] = {key: value for key, value in test_cfg.items() if key in SELECTION}

    def data_preprocessor(self, data: dict, training: bool = False) -> dict:
        """Makes a batch of windows or clips.

        Args:
            data (dict): ``inputs``: a list of (C, F, H, W) uint8, or with optical flow what
                :class:`TwoStreamPreprocessor` takes, and ``data_samples``.
            training (bool): Not used.

        Returns:
            dict: ``inputs`` (B, C, F, H, W) uint8, float32 with optical flow, and ``data_samples``.

        Raises:
            LaunchError: If they have another size than the graph.
        """
        inputs = data['inputs']
        for window in inputs['flows'] if isinstance(inputs, dict) else inputs:
            if tuple(window.shape[-2:]) != self.size:
                height, width = window.shape[-2:]
                raise LaunchError(f'pictures of {width}x{height} come from the test pipeline, and the exported graph '
                                  f'takes {self.size[1]}x{self.size[0]}: export the model again')
        if self._stacking is not None:
            return self._stacking(data, False)
        return dict(inputs=torch.stack(list(inputs)), data_samples=data['data_samples'])

    def test_step(self, data: dict) -> SampleList:
        """Detects in a batch of a data loader, as MMEngine's models do."""
        return self(**self.data_preprocessor(data), mode='predict')

    def forward(self, inputs: Tensor, data_samples: Optional[SampleList] = None, mode: str = 'tensor') -> Any:
        """Detects.

        Args:
            inputs (Tensor): From :meth:`data_preprocessor`.
            data_samples (list, optional): One for each window; needed by 'predict'.
            mode (str): 'tensor' or 'predict'.

        Returns:
            list[StepOutput] or list[ActionDataSample]: As :class:`STEPDetector` gives them.

        Raises:
            RuntimeError: For mode 'loss'.
        """
        if mode not in ('tensor', 'predict'):
            raise RuntimeError(f'mode {mode!r}: an exported detector cannot be trained')
        outputs = run_parts(self.parts, inputs, self.num_clips)
        if mode == 'tensor':
            return [StepOutput(step.scores.flatten(0, 1), step.tubes.flatten(0, 1)) for step in self._steps(outputs)]
        return self._predict(outputs, data_samples or [])

    def extract_clip_feat(self, clips: Tensor) -> Tensor:
        """Features of clips (B, C, K, H, W), see :meth:`STEPDetector.extract_clip_feat`."""
        return self.parts['clips'](clips)['feats']

    def predict_from_feat(self, x: Tensor, img_shape: Tuple[int, int], batch_data_samples: SampleList) -> SampleList:
        """Adds detections to the data samples, see :meth:`STEPDetector.predict_from_feat`."""
        return self._predict(self.parts['heads'](x), batch_data_samples)

    def _steps(self, outputs: Dict[str, Tensor]) -> List[StepOutput]:
        """Scores (B, M, C) and tubes (B, M, T_s, 4) of each step."""
        return [
            StepOutput(outputs[f'scores_step{step}'].float(), outputs[f'tubes_step{step}'].float())
            for step in range(1, self.num_steps + 1)
        ]

    def _predict(self, outputs: Dict[str, Tensor], data_samples: Sequence[Any]) -> SampleList:
        steps = self._steps(outputs)
        require_finite_outputs(steps, list(data_samples))
        alive = self._survivors(steps)
        kept = range(self.num_steps) if self._keep_steps else [self.num_steps - 1]
        for window, sample in enumerate(data_samples):
            results = []
            for step in kept:
                tubes = alive[step][window]
                scores, boxes = (part[window][tubes] for part in (steps[step].scores, steps[step].tubes))
                results.append(select_detections(scores, boxes, self.size, **self._test_cfg))
            add_step_predictions(sample, results)
        return list(data_samples)

    def _survivors(self, steps: Sequence[StepOutput]) -> List[Tensor]:
        """Which tubes the model would have refined at each step, bool, (B, M)."""
        alive = steps[0].scores.new_ones(steps[0].scores.shape[:2], dtype=torch.bool)
        masks = [alive]
        for step in steps[:-1]:
            if self._prune:
                windows, places = alive.nonzero(as_tuple=True)
                kept = surviving_tubes(step.scores[alive], step.tubes[alive], windows, len(alive), **self._prune)
                alive = torch.zeros_like(alive)
                alive[windows[kept], places[kept]] = True
            masks.append(alive)
        return masks
