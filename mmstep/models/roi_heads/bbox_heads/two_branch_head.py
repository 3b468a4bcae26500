"""Two-branch head of one step."""
from typing import Dict, NamedTuple, Optional

import torch
from mmaction.registry import MODELS, TASK_UTILS
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmstep.structures import middle_frames
from .tube_targets import TubeTargets


class HeadOutput(NamedTuple):
    """Raw output of the head for N tubes of T_s feature frames.

    Attributes:
        cls_score (Tensor): Logits, shape (N, C), or (N, C + 1) with background last for single-label classification.
        deltas (Tensor): Shape (N, T_s, D), or of the frames that were asked for; D is 4, or 4 * C with one box per
            class.
        prev (Tensor, optional): Deltas of the clip before, against the boxes of the tube's first clip, shape
            (N, K/r, D).
        next (Tensor, optional): The same of the clip after, against the last.
    """
    cls_score: Tensor
    deltas: Tensor
    prev: Optional[Tensor] = None
    next: Optional[Tensor] = None


@MODELS.register_module()
class TwoBranchHead(BaseModule):
    """Classifies tubes globally and regresses boxes frame by frame.

    Section 3.2 and Figure 3, left. Per tube::

        RoI features (T_s, C, s, s)
          |-- (+ context) -- global branch -- 1x1x1 -- global map (T_s, R, s, s)
          |                               |-- flatten (+ context) -- classifier
          |                               |     per frame, mean over time
          `------------- concat ----------'
                           `-- local branch -- 1x1 -- flatten -- x
               deltas = f(x);  prev = f(x) + f_-1(x);  next = f(x) + f_+1(x)

    A global branch that pools over time leaves a map of one frame: it is classified once, with the mean context, and
    every frame's local feature gets it.

    Args:
        num_classes (int): Number C of action classes, without background.
        in_channels (int): Channels of the RoI features.
        global_branch (dict): Config of the global branch.
        local_branch (dict): Config of the local branch; ``in_channels`` is filled in.
        roi_feat_size (int): Side s of the RoI features. Defaults to 7.
        reduced_channels (int): Channels R of either branch before it is flattened. Defaults to 256.
        context_channels (int): Channels of the scene context; 0 for none.
        context_to (str): What the scene context is concatenated to (section 3.5). 'classifier': a vector per feature
            frame (:class:`I3DSceneContext`) joins the flattened global map. 'global_branch': a map per feature frame
            (:class:`RoIPooledSceneContext`) joins the RoI features that the global branch gets, whose ``in_channels``
            are then ``in_channels + context_channels``. Defaults to 'classifier'.
        multilabel (bool): Sigmoid per class, or softmax with background.
        reg_class_agnostic (bool): One box, or one per class.
        anticipate (bool): Regress the neighbouring clips too (Eq. 5).
        reg_decoded_bbox (bool): The localisation losses compare boxes in pixels, which losses of IoU
            (``mmdet.GIoULoss``) need, in place of deltas. Defaults to False, as in the paper.
        dropout_ratio (float): Dropout before the classifier.
        local_dropout_ratio (float): Dropout of the local features before the regression. Defaults to 0.
        bbox_coder (dict): Config of the coder.
        loss_cls (dict): Config of the classification loss, Eq. 2; its ``use_sigmoid`` has to agree with
            ``multilabel``.
        loss_bbox (dict): Config of the localisation loss, Eq. 3. Its weight is lambda of Eq. 2 where the four
            coordinates of a box are summed, as here; the published training averages them, so that its lambda 5
            is a weight of 1.25 here.
        loss_anticipation (dict): The same of the neighbours; weight gamma, where the published 1 is 0.25 here.
        init_cfg (dict, optional): Initialisation config.

    Raises:
        ValueError: If ``loss_cls`` does not agree with ``multilabel``, ``context_to`` is unknown, or ``global_branch``
            has another number of input channels than these settings give.
    """

    def __init__(self,
                 num_classes: int,
                 in_channels: int,
                 global_branch: dict,
                 local_branch: dict,
                 roi_feat_size: int = 7,
                 reduced_channels: int = 256,
                 context_channels: int = 0,
                 context_to: str = 'classifier',
                 multilabel: bool = True,
                 reg_class_agnostic: bool = True,
                 anticipate: bool = False,
                 reg_decoded_bbox: bool = False,
                 dropout_ratio: float = 0.,
                 local_dropout_ratio: float = 0.,
                 bbox_coder: dict = dict(type='TubeDeltaCoder'),
                 loss_cls: dict = dict(type='mmdet.CrossEntropyLoss', use_sigmoid=True),
                 loss_bbox: dict = dict(type='mmdet.SmoothL1Loss', loss_weight=5.),
                 loss_anticipation: dict = dict(type='mmdet.SmoothL1Loss', loss_weight=1.),
                 init_cfg: Optional[dict] = None) -> None:
        super().__init__(init_cfg=init_cfg)
        if bool(loss_cls.get('use_sigmoid', False)) != multilabel:
            raise ValueError(f'loss_cls={loss_cls} does not fit multilabel={multilabel}: '
                             f'set use_sigmoid={multilabel}')
        if context_to not in ('classifier', 'global_branch'):
            raise ValueError(f"context_to={context_to!r} is unknown; choose 'classifier' or 'global_branch'")
        expected = in_channels + (context_channels if context_to == 'global_branch' else 0)
        if global_branch.get('in_channels', expected) != expected:
            raise ValueError(f'global_branch.in_channels={global_branch["in_channels"]} has to be {expected}, for '
                             f'in_channels={in_channels}, context_channels={context_channels} and '
                             f'context_to={context_to!r}')
        self.context_to = context_to
        self.num_classes = num_classes
        self.multilabel = multilabel
        self.reg_class_agnostic = reg_class_agnostic
        self.reg_decoded_bbox = reg_decoded_bbox
        self.global_branch = MODELS.build(global_branch)
        self.global_reduce = nn.Conv3d(self.global_branch.out_channels, reduced_channels, 1)
        self.local_branch = MODELS.build(dict(local_branch, in_channels=in_channels + reduced_channels))
        self.local_reduce = nn.Conv2d(self.local_branch.out_channels, reduced_channels, 1)
        flat = reduced_channels * roi_feat_size**2
        self.dropout = nn.Dropout(dropout_ratio)
        self.local_dropout = nn.Dropout(local_dropout_ratio)
        cls_channels = flat + (context_channels if context_to == 'classifier' else 0)
        self.fc_cls = nn.Linear(cls_channels, num_classes + (not multilabel))
        reg_dim = 4 if reg_class_agnostic else 4 * num_classes
        self.fc_reg = nn.Linear(flat, reg_dim)
        self.fc_prev = nn.Linear(flat, reg_dim) if anticipate else None
        self.fc_next = nn.Linear(flat, reg_dim) if anticipate else None
        self.bbox_coder = TASK_UTILS.build(bbox_coder)
        self.loss_cls = MODELS.build(loss_cls)
        self.loss_bbox = MODELS.build(loss_bbox)
        self.loss_anticipation = MODELS.build(loss_anticipation)

    def init_weights(self) -> None:
        """Starts regression near zero: a step begins from its proposals."""
        for layer in (self.fc_reg, self.fc_prev, self.fc_next):
            if layer is not None:
                nn.init.normal_(layer.weight, std=0.001)
                nn.init.zeros_(layer.bias)
        # After it, since a checkpoint in init_cfg goes over all.
        super().init_weights()

    def forward(self,
                feats: Tensor,
                clip_feats: int,
                context: Optional[Tensor] = None,
                frames: Optional[int] = None) -> HeadOutput:
        """Classifies and regresses.

        Args:
            feats (Tensor): RoI features, shape (N, T_s, C, s, s).
            clip_feats (int): Feature frames K / r of a clip.
            context (Tensor, optional): Shape (N, T_s, context_channels) or, for the global branch, (N, T_s,
                context_channels, s, s).
            frames (int, optional): Regress only the middle so many feature frames, and no neighbours. Defaults to all.

        Returns:
            HeadOutput: Logits and deltas.
        """
        regional = feats
        if context is not None and self.context_to == 'global_branch':
            regional, context = torch.cat([feats, context], dim=2), None
        global_map = self.global_reduce(self.global_branch(regional.transpose(1, 2)))
        global_map = global_map.transpose(1, 2)
        cls_feats = global_map.flatten(2)
        if context is not None:
            if cls_feats.shape[1] != context.shape[1]:
                context = context.mean(dim=1, keepdim=True)
            cls_feats = torch.cat([cls_feats, context], dim=2)
        cls_score = self.fc_cls(self.dropout(cls_feats)).mean(dim=1)

        if frames is not None:
            feats = middle_frames(feats, frames)
            global_map = middle_frames(global_map, min(frames, global_map.shape[1]))
        size = feats.shape[:2]
        global_map = global_map.expand(-1, size[1], -1, -1, -1)
        local = torch.cat([feats, global_map], dim=2).flatten(0, 1)
        local = self.local_reduce(self.local_branch(local)).flatten(1)
        local = self.local_dropout(local.unflatten(0, size))
        deltas = self.fc_reg(local).float()
        if frames is not None or self.fc_prev is None or self.fc_next is None:
            return HeadOutput(cls_score.float(), deltas)
        return HeadOutput(cls_score.float(), deltas, deltas[:, :clip_feats] + self.fc_prev(local[:, :clip_feats]),
                          deltas[:, -clip_feats:] + self.fc_next(local[:, -clip_feats:]))

    def probabilities(self, cls_score: Tensor) -> Tensor:
        """Scores of the action classes.

        Args:
            cls_score (Tensor): Logits, shape (N, C) or (N, C + 1).

        Returns:
            Tensor: Shape (N, C), in [0, 1].
        """
        if self.multilabel:
            return cls_score.sigmoid()
        return cls_score.softmax(dim=1)[:, :-1]

    def best_class(self, scores: Tensor, deltas: Tensor) -> Tensor:
        """Deltas of the best action class c* (Eq. 1).

        Args:
            scores (Tensor): Shape (N, C), without background.
            deltas (Tensor): Shape (N, T, 4) or (N, T, 4 * C).

        Returns:
            Tensor: Shape (N, T, 4).
        """
        if self.reg_class_agnostic:
            return deltas
        deltas = deltas.unflatten(2, (self.num_classes, 4))
        # take_along_dim would fix the number of tubes in an exported graph.
        best = scores.argmax(dim=1).view(-1, 1, 1, 1).expand(-1, deltas.shape[1], 1, 4)
        return deltas.gather(2, best).squeeze(2)

    def loss(self, output: HeadOutput, proposals: Tensor, targets: TubeTargets, start: int, clip_feats: int,
             anticipate: bool) -> Dict[str, Tensor]:
        """Losses of one step (Eq. 2, 3).

        Args:
            output (HeadOutput): Of the N sampled tubes.
            proposals (Tensor): The tubes, in pixels, shape (N, T_s, 4).
            targets (TubeTargets): Of the same samples, over the whole window.
            start (int): Feature frame of the window where the tubes begin.
            clip_feats (int): Feature frames K / r of a clip.
            anticipate (bool): Whether the next step uses the neighbours.

        Returns:
            dict[str, Tensor]: ``loss_cls``, averaged over samples (and classes); ``loss_bbox`` and, if ``anticipate``,
            ``loss_anticipation``, averaged over positives.
        """
        stop = start + proposals.shape[1]
        losses = dict(
            loss_cls=self._loss_cls(output.cls_score, targets),
            loss_bbox=self._loss_boxes(self.loss_bbox, output.deltas, proposals, targets.frames(start, stop)))
        if anticipate:
            assert output.prev is not None and output.next is not None, 'the head was built with anticipate=False'
            before = self._loss_boxes(self.loss_anticipation, output.prev, proposals[:, :clip_feats],
                                      targets.frames(start - clip_feats, start))
            after = self._loss_boxes(self.loss_anticipation, output.next, proposals[:, -clip_feats:],
                                     targets.frames(stop, stop + clip_feats))
            losses['loss_anticipation'] = (before + after) / 2
        return losses

    def _loss_cls(self, cls_score: Tensor, targets: TubeTargets) -> Tensor:
        if self.multilabel:
            # Column 0 of the labels is unused, as in MMAction2; negatives count as all-zero.
            labels = targets.labels[:, 1:] * targets.is_pos[:, None]
            labels = labels.to(cls_score.dtype)
        else:
            labels = torch.where(targets.is_pos, targets.labels, self.num_classes)
        count = max(labels.numel(), 1)
        return self.loss_cls(cls_score, labels, avg_factor=count)

    def _loss_boxes(self, loss: nn.Module, deltas: Tensor, proposals: Tensor, targets: TubeTargets) -> Tensor:
        """Mean over positives of the mean over valid frames (equation 3)."""
        weight = targets.valid / targets.valid.sum(dim=1, keepdim=True).clamp(min=1)
        num_pos = targets.is_pos.sum().clamp(min=1)
        # Frames without annotation weigh 0, but 0 * NaN is NaN.
        if self.reg_decoded_bbox:
            pred = self.bbox_coder.decode(proposals, deltas)
            target = torch.where(targets.valid[..., None], targets.boxes, proposals)
        else:
            pred, target = deltas, self.bbox_coder.encode(proposals, targets.boxes)
            target = torch.where(targets.valid[..., None], target, 0.)
        if not self.reg_class_agnostic:
            pred = pred.unflatten(2, (self.num_classes, 4))
            target = target[:, :, None].expand_as(pred)
            weight = weight[:, :, None] * self._class_weight(targets)[:, None]
        # Rows of boxes: MMDetection's losses of IoU take nothing else.
        pred, target, weight = (part.reshape(-1, 4) for part in (pred, target, weight[..., None].expand_as(pred)))
        return loss(pred, target, weight, avg_factor=num_pos)

    def _class_weight(self, targets: TubeTargets) -> Tensor:
        """Shares the loss among the classes of the ground truth, (N, C)."""
        if self.multilabel:
            share = targets.labels[:, 1:].float()
        else:
            share = nn.functional.one_hot(targets.labels, self.num_classes).float()
        return share / share.sum(dim=1, keepdim=True).clamp(min=1)
