"""Progressive RoI head: the loop of Algorithm 1 and its training."""
from contextlib import contextmanager
from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Union

import torch
from mmaction.registry import MODELS, TASK_UTILS
from mmaction.utils import ConfigType, InstanceList, SampleList
from mmengine.model import BaseModule, ModuleList
from torch import Tensor

from mmstep.structures import repair_tubes
from .bbox_heads import HeadOutput, build_tube_targets
from .per_step import per_step
from .post_processing import select_detections
from .step_records import StepOutput
from .tube_sampling import sample_windows
from .window_features import WindowFeatures

PerStep = Union[ConfigType, Sequence[ConfigType]]


@MODELS.register_module()
class ProgressiveRoIHead(BaseModule):
    """Refines a handful of tubes over S steps (section 3, Algorithm 1).

    Steps are counted from 1, as in the paper. Settings marked "per step" are one value for all steps or a list of
    length ``num_steps``.

    Args:
        num_steps (int): Number of steps S.
        prior_generator (dict): Config of what makes the initial tubes.
        bbox_roi_extractor (dict): Config of the RoI extractor.
        bbox_head (dict | list[dict]): Per step: config of the head; each step has a head of its own.
        scene_context (dict, optional): Config of the scene context, shared by the steps.
        temporal_extension (dict, optional): Config of the extension.
        extend_at (Sequence[int]): Steps before which the tubes are extended, each from 2 to S. Defaults to none.
        step_loss_weights (float | list[float]): Per step.
        num_clips (int): Clips of a window; the detector fills it in.
        clip_features (str): 'joint' or 'independent'; the detector fills it in.
        train_cfg (dict, optional): ``assigner`` and ``sampler``, each per step.
        test_cfg (dict, optional): ``score_thr``, ``nms``, ``max_per_img`` and ``keep_steps`` (keep the result of every
            step).
        init_cfg (dict, optional): Initialisation config.

    Raises:
        ValueError: If a setting does not fit the number of steps or clips.
    """

    def __init__(self,
                 num_steps: int,
                 prior_generator: ConfigType,
                 bbox_roi_extractor: ConfigType,
                 bbox_head: PerStep,
                 scene_context: Optional[ConfigType] = None,
                 temporal_extension: Optional[ConfigType] = None,
                 extend_at: Sequence[int] = (),
                 step_loss_weights: Union[float, Sequence[float]] = 1.,
                 num_clips: int = 1,
                 clip_features: str = 'joint',
                 train_cfg: Optional[ConfigType] = None,
                 test_cfg: Optional[ConfigType] = None,
                 init_cfg: Optional[ConfigType] = None) -> None:
        super().__init__(init_cfg=init_cfg)
        self.num_steps = num_steps
        self.num_clips = num_clips
        self.clip_features = clip_features
        self.extend_at = self._check_extension(extend_at, temporal_extension)
        self.step_loss_weights = per_step(step_loss_weights, num_steps, 'step_loss_weights')
        self.prior_generator = TASK_UTILS.build(prior_generator)
        self.bbox_roi_extractor = MODELS.build(bbox_roi_extractor)
        self.scene_context = scene_context and MODELS.build(scene_context)
        self.temporal_extension = temporal_extension and TASK_UTILS.build(temporal_extension)
        self.anticipates = [
            step + 1 in self.extend_at and self.temporal_extension.needs_anticipation
            for step in range(1, num_steps + 1)
        ]
        self.bbox_head = ModuleList([
            MODELS.build({
                'anticipate': anticipate,
                **cfg
            }) for cfg, anticipate in zip(per_step(bbox_head, num_steps, 'bbox_head'), self.anticipates)
        ])
        self.test_cfg = test_cfg or {}
        if train_cfg is not None:
            self.assigners = [
                TASK_UTILS.build(cfg) for cfg in per_step(train_cfg['assigner'], num_steps, 'train_cfg.assigner')
            ]
            self.samplers = [
                TASK_UTILS.build(cfg) for cfg in per_step(train_cfg['sampler'], num_steps, 'train_cfg.sampler')
            ]

    def _check_extension(self, extend_at: Sequence[int], extension: Optional[ConfigType]) -> Tuple[int, ...]:
        if any(not 2 <= step <= self.num_steps for step in extend_at):
            raise ValueError(f'extend_at={tuple(extend_at)}: each step has to '
                             f'be from 2 to num_steps={self.num_steps}')
        if extend_at and extension is None:
            raise ValueError(f'extend_at={tuple(extend_at)} needs a '
                             'temporal_extension')
        if 2 * len(extend_at) >= self.num_clips:
            raise ValueError(f'{len(extend_at)} extensions need at least '
                             f'{2 * len(extend_at) + 1} clips, num_clips={self.num_clips}')
        return tuple(extend_at)

    # ------------------------------------------------------------ the steps

    def forward(self,
                x: Tensor,
                img_shape: Tuple[int, int],
                data_samples: Optional[SampleList] = None) -> List[StepOutput]:
        """Runs all steps.

        Args:
            x (Tensor): Backbone map of the windows, shape (B, C, T, h, w).
            img_shape (tuple[int, int]): Height and width of the input.
            data_samples (list, optional): For prior generators that need it.

        Returns:
            list[StepOutput]: One for each step.
        """
        feats, tubes, window = self._begin(x, img_shape, data_samples)
        return self._progress(feats, tubes, window, self.num_steps)[1]

    def _begin(self, x: Tensor, img_shape: Tuple[int, int],
               data_samples: Optional[SampleList]) -> Tuple[WindowFeatures, Tensor, Tensor]:
        """Features, initial tubes (N, T_1, 4) and their windows (N,)."""
        num_frames = x.shape[2]
        clip_len = num_frames // self.num_clips
        context = None
        if self.scene_context is not None:
            context = self._context(x, clip_len)
        # RoIAlign wants maps per frame and has no bfloat16 kernel.
        frames = x.transpose(1, 2).float().contiguous()
        tube_len = num_frames - 2 * len(self.extend_at) * clip_len
        priors = self.prior_generator(len(x), tube_len, img_shape, x.device, data_samples)
        window = torch.arange(len(x)).repeat_interleave(torch.tensor([len(p) for p in priors])).to(x.device)
        feats = WindowFeatures(frames, context, clip_len, img_shape)
        return feats, torch.cat(priors), window

    def _context(self, x: Tensor, clip_len: int) -> Tensor:
        """Scene context; of independent clips, each clip's from itself."""
        if self.clip_features == 'joint':
            return self.scene_context(x)
        clips = x.unflatten(2, (self.num_clips, clip_len)).transpose(1, 2)
        context = self.scene_context(clips.flatten(0, 1))
        return context.reshape(len(x), -1, context.shape[-1])

    def _progress(self, feats: WindowFeatures, tubes: Tensor, window: Tensor,
                  num_steps: int) -> Tuple[List[Tensor], List[StepOutput]]:
        """Algorithm 1, up to ``num_steps``.

        Returns:
            tuple[list[Tensor], list[StepOutput]]: Proposals that went into each step, extended, and what came out.
        """
        proposals, outputs = [], []
        for step in range(1, num_steps + 1):
            tubes = self._extend(step, feats, tubes, outputs)
            refined = self._refine(step, feats, tubes, window)
            proposals.append(tubes)
            outputs.append(self._update(step, feats, tubes, refined))
            tubes = outputs[-1].tubes
        return proposals, outputs

    def _extend(self, step: int, feats: WindowFeatures, tubes: Tensor, outputs: List[StepOutput]) -> Tensor:
        """Temporal extension (section 3.3), at the steps that extend."""
        if step not in self.extend_at:
            return tubes
        tubes = self.temporal_extension(tubes, feats.clip_len, outputs[-1].prev, outputs[-1].next)
        return repair_tubes(tubes, feats.img_shape)

    def _refine(self, step: int, feats: WindowFeatures, tubes: Tensor, window: Tensor) -> HeadOutput:
        """Spatial refinement (section 3.2)."""
        rois = self.bbox_roi_extractor(feats.frames, tubes, window)
        context = None
        if feats.context is not None:
            start = (feats.frames.shape[1] - tubes.shape[1]) // 2
            context = feats.context[window, start:start + tubes.shape[1]]
        return self.bbox_head[step - 1](rois, feats.clip_len, context)

    def _update(self, step: int, feats: WindowFeatures, tubes: Tensor, refined: HeadOutput) -> StepOutput:
        """Update rule (equation 1) and decoding of the neighbours (equation 5)."""
        head, clip_len = self.bbox_head[step - 1], feats.clip_len
        scores = head.probabilities(refined.cls_score)

        def decode(boxes: Tensor, deltas: Optional[Tensor]) -> Optional[Tensor]:
            if deltas is None:
                return None
            deltas = head.best_class(scores, deltas)
            boxes = head.bbox_coder.decode(boxes, deltas)
            return repair_tubes(boxes, feats.img_shape)

        return StepOutput(scores, decode(tubes, refined.deltas), decode(tubes[:, :clip_len], refined.prev),
                          decode(tubes[:, -clip_len:], refined.next))

    # ------------------------------------------------------------- training

    def loss(self, x: Tensor, img_shape: Tuple[int, int], data_samples: SampleList) -> Dict[str, Tensor]:
        """Losses of all steps, trained jointly (section 3.4).

        "We first perform an (S - 1)-step inference pass to obtain the inputs needed for all progressive steps"; then
        each step samples from its candidates and is trained.

        Args:
            x (Tensor): Backbone map of the windows, shape (B, C, T, h, w).
            img_shape (tuple[int, int]): Height and width of the input.
            data_samples (list): With ``gt_tubes``.

        Returns:
            dict[str, Tensor]: ``s1.loss_cls``, ``s1.loss_bbox`` and so on.
        """
        feats, tubes, window = self._begin(x, img_shape, data_samples)
        with torch.no_grad(), self._inference():
            proposals, outputs = self._progress(feats, tubes, window, self.num_steps - 1)
            last = outputs[-1].tubes if outputs else tubes
            proposals.append(self._extend(self.num_steps, feats, last, outputs))
        hardness = [None] + [out.scores.amax(dim=1) for out in outputs]
        gt_tubes = [sample.gt_tubes for sample in data_samples]
        losses = {}
        for step in range(1, self.num_steps + 1):
            step_losses = self._step_loss(step, feats, proposals[step - 1], hardness[step - 1], window, gt_tubes)
            for name, value in step_losses.items():
                weight = self.step_loss_weights[step - 1]
                losses[f's{step}.{name}'] = weight * value
        return losses

    @contextmanager
    def _inference(self) -> Iterator[None]:
        """Heads without dropout, on running batch-norm statistics."""
        self.bbox_head.eval()
        try:
            yield
        finally:
            self.bbox_head.train(self.training)

    def _step_loss(self, step: int, feats: WindowFeatures, proposals: Tensor, hardness: Optional[Tensor],
                   window: Tensor, gt_tubes: InstanceList) -> Dict[str, Tensor]:
        """Samples among a step's candidates and trains its head on them."""
        head, clip_len = self.bbox_head[step - 1], feats.clip_len
        num_frames, tube_len = feats.frames.shape[1], proposals.shape[1]
        results, rows = sample_windows(self.assigners[step - 1], self.samplers[step - 1], proposals, hardness, window,
                                       gt_tubes, clip_len)
        anticipate = self.anticipates[step - 1]
        if len(rows) == 0:
            # Nothing to train on: zeros that still reach every parameter, the backbone's too, as distributed training
            # needs.
            sources = (*head.parameters(), feats.frames, feats.context)
            zero = sum(source.sum() for source in sources if source is not None) * 0
            names = ['loss_cls', 'loss_bbox']
            return dict.fromkeys(names + ['loss_anticipation'] * anticipate, zero)
        tubes = proposals[rows]
        return head.loss(
            self._refine(step, feats, tubes, window[rows]),
            tubes,
            build_tube_targets(results, gt_tubes),
            start=(num_frames - tube_len) // 2,
            clip_len=clip_len,
            anticipate=anticipate)

    # -------------------------------------------------------------- testing

    def predict(self, x: Tensor, img_shape: Tuple[int, int], data_samples: SampleList) -> List[InstanceList]:
        """Detections of every step that is kept.

        Args:
            x (Tensor): Backbone map of the windows, shape (B, C, T, h, w).
            img_shape (tuple[int, int]): Height and width of the input.
            data_samples (list): One for each window.

        Returns:
            list[list[InstanceData]]: For the last step, or with ``keep_steps`` for each step, one result per window;
            see :func:`select_detections`.
        """
        feats, tubes, window = self._begin(x, img_shape, data_samples)
        outputs = self._progress(feats, tubes, window, self.num_steps)[1]
        sizes = torch.bincount(window.cpu(), minlength=len(x)).tolist()
        cfg = dict(self.test_cfg)
        kept = outputs if cfg.pop('keep_steps', False) else outputs[-1:]
        return [[
            select_detections(scores, tubes, img_shape, **cfg)
            for scores, tubes in zip(out.scores.split(sizes), out.tubes.split(sizes))
        ] for out in kept]
