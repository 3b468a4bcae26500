"""Progressive RoI head: the loop of Algorithm 1 and its training."""
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Union

import torch
from mmaction.registry import MODELS, TASK_UTILS
from mmaction.utils import ConfigType, InstanceList, SampleList
from mmdet.models.task_modules.assigners import BaseAssigner
from mmdet.models.task_modules.samplers import BaseSampler
from mmengine.model import BaseModule, ModuleList
from torch import Tensor

from mmstep.structures import middle_frames, middle_slice, repair_tubes
from .bbox_heads import HeadOutput, TubeTargets, build_tube_targets
from .per_step import check_extension, check_tube_frames, per_step
from .post_processing import SELECTION, require_finite_outputs, select_detections
from .pruning import prune_tubes
from .step_records import StepOutput, WindowFeatures
from .tube_sampling import sample_windows

PerStep = Union[ConfigType, Sequence[ConfigType]]


@MODELS.register_module()
class ProgressiveRoIHead(BaseModule):
    """Refines a handful of tubes over S steps (section 3, Algorithm 1).

    MMDetection's "stage" is a "step" here, as in the paper, and steps are counted from 1. Methods that do what one of
    :class:`mmdet.models.CascadeRoIHead` does have its name; each can be overridden by itself. At each step:
    ``_extend`` (section 3.3), ``_bbox_forward`` (section 3.2), ``_update`` (equation 1); in training ``bbox_loss``
    (equation 2), in testing ``predict_by_feat``.

    Settings marked "per step" are one value for all steps or a list of length ``num_steps``.

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
        test_cfg (dict, optional): ``score_thr``, ``nms``, ``max_per_img``, ``keep_steps`` (keep the result of every
            step), ``tube_frames``: 'window' for the last step's tubes on all their feature frames, 'clip' on the
            target clip's alone, which saves the regression of the others. Defaults to 'window'. ``prune``: settings of
            :func:`surviving_tubes`, with which prediction leaves tubes behind between steps. Defaults to none.
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
        self.extend_at = check_extension(extend_at, temporal_extension is not None, num_steps, num_clips)
        self.step_loss_weights = per_step(step_loss_weights, num_steps, 'step_loss_weights')
        self.train_cfg = train_cfg
        self.test_cfg = test_cfg or {}
        check_tube_frames(self.test_cfg.get('tube_frames', 'window'))
        self.prior_generator = TASK_UTILS.build(prior_generator)
        self.scene_context: Any = scene_context and MODELS.build(scene_context)
        self.temporal_extension: Any = TASK_UTILS.build(temporal_extension) if temporal_extension else None
        anticipating = self.temporal_extension is not None and self.temporal_extension.needs_anticipation
        self.anticipates = [anticipating and step + 1 in self.extend_at for step in range(1, num_steps + 1)]
        self.init_bbox_head(bbox_roi_extractor, bbox_head)
        self.init_assigner_sampler()

    def init_bbox_head(self, bbox_roi_extractor: ConfigType, bbox_head: PerStep) -> None:
        """Builds the RoI extractor, which the steps share, and the head of each step.

        Args:
            bbox_roi_extractor (dict): Config of the RoI extractor.
            bbox_head (dict | list[dict]): Per step: config of the head. ``anticipate`` is filled in.
        """
        self.bbox_roi_extractor = MODELS.build(bbox_roi_extractor)
        heads = zip(per_step(bbox_head, self.num_steps, 'bbox_head'), self.anticipates)
        self.bbox_head = ModuleList([MODELS.build(dict(dict(anticipate=value), **cfg)) for cfg, value in heads])

    def init_assigner_sampler(self) -> None:
        """Builds the assigner and the sampler of each step; none without ``train_cfg``."""
        self.bbox_assigner: List[BaseAssigner] = []
        self.bbox_sampler: List[BaseSampler] = []
        if self.train_cfg is None:
            return
        assigners = per_step(self.train_cfg['assigner'], self.num_steps, 'train_cfg.assigner')
        samplers = per_step(self.train_cfg['sampler'], self.num_steps, 'train_cfg.sampler')
        self.bbox_assigner = [TASK_UTILS.build(cfg) for cfg in assigners]
        self.bbox_sampler = [TASK_UTILS.build(cfg) for cfg in samplers]

    def forward(self,
                x: Tensor,
                img_shape: Tuple[int, int],
                data_samples: Optional[SampleList] = None,
                frames: Optional[int] = None) -> List[StepOutput]:
        """Runs all steps and gives the output of each.

        Args:
            x (Tensor): Backbone map of the windows, shape (B, C, T, h, w).
            img_shape (tuple[int, int]): Height and width of the input.
            data_samples (list, optional): For prior generators that need it.
            frames (int, optional): The last step regresses the middle so many feature frames. Defaults to all.
        """
        feats, tubes, batch_inds = self._begin(x, img_shape, data_samples)
        return self._progress(feats, tubes, batch_inds, self.num_steps, frames)[1]

    def _begin(self, x: Tensor, img_shape: Tuple[int, int],
               data_samples: Optional[SampleList]) -> Tuple[WindowFeatures, Tensor, Tensor]:
        """Features, initial tubes (N, T_1, 4) and the window in the batch of each tube (N,)."""
        num_feats = x.shape[2]
        clip_feats = num_feats // self.num_clips
        context = None if self.scene_context is None else self.extract_context(x)
        maps = self.bbox_roi_extractor.arrange_maps(x)
        tube_len = num_feats - 2 * len(self.extend_at) * clip_feats
        tubes, batch_inds = self.prior_generator.for_batch(x.shape[0], tube_len, img_shape, x.device, data_samples)
        return WindowFeatures(maps, context, clip_feats, img_shape), tubes, batch_inds

    def extract_context(self, x: Tensor) -> Tensor:
        """Scene context (section 3.5) of maps (B, C, T, h, w), (B, T, ...); of independent clips each its own."""
        if self.clip_features == 'joint':
            return self.scene_context(x)
        clips = x.unflatten(2, (self.num_clips, -1)).transpose(1, 2)
        context = self.scene_context(clips.flatten(0, 1))
        return context.unflatten(0, (-1, self.num_clips)).flatten(1, 2)

    def _progress(self, feats: WindowFeatures, tubes: Tensor, batch_inds: Tensor, num_steps: int,
                  frames: Optional[int] = None, prune: Optional[dict] = None) -> Tuple[list, ...]:  # yapf: disable
        """Algorithm 1, up to ``num_steps``; the last one regresses the middle ``frames`` feature frames or all.

        Returns:
            tuple[list[Tensor], list[StepOutput], list[HeadOutput], list[Tensor]]: Proposals of each step, extended,
            what came out, the raw output of its head, and the window of each tube.
        """
        proposals, outputs, raw, windows = [], [], [], []
        before: Optional[StepOutput] = None
        for step in range(1, num_steps + 1):
            if before is not None and prune:
                before, batch_inds = prune_tubes(before, batch_inds, len(feats.maps), **prune)
            tubes = self._extend(step, feats, tubes, before)
            raw.append(self._bbox_forward(step, feats, tubes, batch_inds, frames if step == num_steps else None))
            proposals.append(tubes)
            outputs.append(before := self._update(step, feats, tubes, raw[-1]))
            windows.append(batch_inds)
        return proposals, outputs, raw, windows

    def _extend(self, step: int, feats: WindowFeatures, tubes: Tensor, before: Optional[StepOutput]) -> Tensor:
        """Proposals of a step: tubes of the one before, at the steps that extend extended in time (section 3.3)."""
        if before is None:
            return tubes
        if step not in self.extend_at:
            return before.tubes
        tubes = self.temporal_extension(before.tubes, feats.clip_feats, before.prev, before.next)
        return repair_tubes(tubes, feats.img_shape)

    def _bbox_forward(self, step: int, feats: WindowFeatures, tubes: Tensor, batch_inds: Tensor,
                      frames: Optional[int] = None) -> HeadOutput:  # yapf: disable
        """Spatial refinement (section 3.2): RoI features along the tubes, and the step's head on them."""
        rois = self.bbox_roi_extractor(feats.maps, tubes, batch_inds)
        context = None if feats.context is None else middle_frames(feats.context, tubes.shape[1])[batch_inds]
        return self.bbox_head[step - 1](rois, feats.clip_feats, context, frames)

    def _update(self, step: int, feats: WindowFeatures, tubes: Tensor, refined: HeadOutput) -> StepOutput:
        """Update rule (equation 1) and decoding of the neighbours (equation 5)."""
        head, clip_feats = self.bbox_head[step - 1], feats.clip_feats
        scores = head.probabilities(refined.cls_score)
        tubes = middle_frames(tubes, refined.deltas.shape[1])

        def decode(boxes: Tensor, deltas: Tensor) -> Tensor:
            boxes = head.bbox_coder.decode(boxes, head.best_class(scores, deltas))
            return repair_tubes(boxes, feats.img_shape)

        output = StepOutput(scores, decode(tubes, refined.deltas))
        if refined.prev is None or refined.next is None:
            return output
        return output._replace(
            prev=decode(tubes[:, :clip_feats], refined.prev), next=decode(tubes[:, -clip_feats:], refined.next))

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
        feats, tubes, batch_inds = self._begin(x, img_shape, data_samples)
        with torch.no_grad(), self._inference():
            proposals, outputs, *_ = self._progress(feats, tubes, batch_inds, self.num_steps - 1)
            proposals.append(self._extend(self.num_steps, feats, tubes, outputs[-1] if outputs else None))
        hardness = [None] + [out.scores.amax(dim=1) for out in outputs]
        gt_tubes = [sample.gt_tubes for sample in data_samples]
        losses = {}
        for step, (candidates, scores) in enumerate(zip(proposals, hardness), start=1):
            sampling_results, sampled_inds = sample_windows(self.bbox_assigner[step - 1], self.bbox_sampler[step - 1],
                                                            candidates, scores, batch_inds, gt_tubes, feats.clip_feats)
            step_losses = self.bbox_loss(step, feats, candidates[sampled_inds], batch_inds[sampled_inds],
                                         build_tube_targets(sampling_results, gt_tubes))
            for name, value in step_losses.items():
                losses[f's{step}.{name}'] = self.step_loss_weights[step - 1] * value
        return losses

    @contextmanager
    def _inference(self) -> Iterator[None]:
        """Heads without dropout, on running batch-norm statistics."""
        self.bbox_head.eval()
        try:
            yield
        finally:
            self.bbox_head.train(self.training)

    def bbox_loss(self, step: int, feats: WindowFeatures, tubes: Tensor, batch_inds: Tensor,
                  targets: TubeTargets) -> Dict[str, Tensor]:
        """Losses of one step's head on the tubes sampled for it (equations 2 and 3).

        Args:
            step (int): From 1 to S.
            feats (WindowFeatures): Features of the windows.
            tubes (Tensor): The n sampled tubes in pixels, shape (n, T_s, 4).
            batch_inds (Tensor): The window in the batch of each, shape (n,).
            targets (TubeTargets): What they should come to.

        Returns:
            dict[str, Tensor]: ``loss_cls``, ``loss_bbox`` and, if the next step uses the neighbours,
            ``loss_anticipation``.
        """
        head, anticipate = self.bbox_head[step - 1], self.anticipates[step - 1]
        if len(tubes) == 0:
            # Zeros that still reach every parameter, the backbone's too, as distributed training needs.
            sources = (*head.parameters(), feats.maps, feats.context)
            zero = sum(source.sum() for source in sources if source is not None) * 0
            return dict.fromkeys(['loss_cls', 'loss_bbox'] + ['loss_anticipation'] * anticipate, zero)
        return head.loss(
            self._bbox_forward(step, feats, tubes, batch_inds),
            tubes,
            targets,
            start=middle_slice(feats.maps.shape[1], tubes.shape[1]).start,
            clip_feats=feats.clip_feats,
            anticipate=anticipate)

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
        feats, tubes, batch_inds = self._begin(x, img_shape, data_samples)
        frames = feats.clip_feats if self.test_cfg.get('tube_frames') == 'clip' else None
        _, outputs, raw, windows = self._progress(feats, tubes, batch_inds, self.num_steps, frames,
                                                  self.test_cfg.get('prune'))
        require_finite_outputs(raw, data_samples)
        kept = slice(None if self.test_cfg.get('keep_steps', False) else -1, None)
        return [self.predict_by_feat(feats, *result) for result in zip(outputs[kept], windows[kept])]

    def predict_by_feat(self, feats: WindowFeatures, output: StepOutput, batch_inds: Tensor) -> InstanceList:
        """Detections in what one step puts out.

        Args:
            feats (WindowFeatures): Features of the B windows.
            output (StepOutput): Scores and tubes, ordered by window.
            batch_inds (Tensor): The window in the batch of each tube, shape (N,).

        Returns:
            list[InstanceData]: One result per window, see :func:`select_detections`.
        """
        cfg = {key: value for key, value in self.test_cfg.items() if key in SELECTION}
        sizes = torch.bincount(batch_inds.cpu(), minlength=len(feats.maps)).tolist()
        windows = zip(output.scores.split(sizes), output.tubes.split(sizes))
        return [select_detections(scores, tubes, feats.img_shape, **cfg) for scores, tubes in windows]
