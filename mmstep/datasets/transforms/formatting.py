"""Packing of a window for the model."""
from typing import List, Sequence

import numpy as np
from mmaction.datasets.transforms import PackActionInputs
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform, to_tensor
from mmengine.structures import InstanceData
from torch import Tensor

from mmstep.errors import DataError


@TRANSFORMS.register_module()
class PackTubeInputs(PackActionInputs):
    """Packs a window and its tubes.

    ``inputs``: (3, F, H, W) uint8; with flow a dict of ``flows`` (2, F + n - 1, H, W) float16, for stacks of n maps,
    and, if there are pictures, ``imgs`` (3, F, H, W) uint8. ``data_samples``: ActionDataSample with

    - ``gt_tubes``, if there are gt_bboxes: InstanceData of ``bboxes`` (G, T, 4) float32 pixels of the network input,
      ``valid`` (G, T) bool, ``labels`` (G, C + 1) float32 or (G,) int64, ``entity_ids`` (G,) int64;
    - ``proposals``, if the data set has any: InstanceData of ``bboxes`` (n, 4) float32 pixels, without those of which
      a crop left less than a pixel;
    - the metainfo of ``meta_keys``.

    Put ``FormatShape(input_format='NCTHW', collapse=True)`` before it.

    Args:
        meta_keys (Sequence[str]): Keys of the metainfo.
    """

    mapping_table = {
        'gt_bboxes': 'bboxes',
        'gt_valid': 'valid',
        'gt_labels': 'labels',
        'entity_ids': 'entity_ids',
    }

    def __init__(
        self,
        meta_keys: Sequence[str] = ('img_shape', 'original_shape', 'img_key', 'video_id', 'timestamp', 'clip_start')
    ) -> None:
        super().__init__(meta_keys=meta_keys)

    def transform(self, results: dict) -> dict:
        """Packs the window.

        Args:
            results (dict): imgs, and what the class names.

        Returns:
            dict: ``inputs`` and ``data_samples``.

        Raises:
            ValueError: If the annotation is of an upright picture and the picture is broad, or the other way round.
        """
        _check_orientation(results)
        # The parent would pack boxes as the gt_instances of one key frame.
        kept = {key: value for key, value in results.items() if key != 'gt_bboxes'}
        if 'flows' in results:
            # The parent wants pictures, which flow alone has none of.
            kept.setdefault('imgs', np.zeros(0, dtype=np.uint8))
        packed = super().transform(kept)
        if 'flows' in results:
            pictures = dict(imgs=packed['inputs']) if 'imgs' in results else {}
            packed['inputs'] = dict(pictures, flows=pack_flows(results['flows']))
        sample = packed['data_samples']
        if 'gt_bboxes' in results:
            tubes = {name: to_tensor(results[key]) for key, name in self.mapping_table.items()}
            tubes['bboxes'] = tubes['bboxes'].float()
            sample.gt_tubes = InstanceData(**tubes)
        if results.get('proposals') is not None:
            boxes = results['proposals']
            visible = (boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1)
            sample.proposals = InstanceData(bboxes=to_tensor(boxes[visible]).float())
        return packed


@TRANSFORMS.register_module()
class KeyFrameBoxes(BaseTransform):
    """Leaves of the tubes of a window the boxes at its middle, which is all that MMAction2's own detectors take.

    Put it before MMAction2's ``PackActionInputs``, in place of :class:`PackTubeInputs`.

    Required and modified key: gt_bboxes, from (G, T, 4) to (G, 4). Added key, if ``as_proposals``: proposals (G, 4).

    Args:
        as_proposals (bool): Whether these boxes are the proposals too: those of a perfect person detector. Defaults to
            False.
    """

    def __init__(self, as_proposals: bool = False) -> None:
        self.as_proposals = as_proposals

    def transform(self, results: dict) -> dict:
        """Cuts the boxes of the middle out, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        boxes = results['gt_bboxes']
        results['gt_bboxes'] = boxes[:, boxes.shape[1] // 2]
        if self.as_proposals:
            results['proposals'] = results['gt_bboxes'].copy()
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(as_proposals={self.as_proposals})'


def _check_orientation(results: dict) -> None:
    """Compares the picture with the size to which boxes in pixels refer; another scale is allowed."""
    if 'resolution' not in results or 'original_shape' not in results:
        return
    (height, width), (said_height, said_width) = results['original_shape'], results['resolution']
    if (height - width) * (said_height - said_width) < 0:
        raise DataError(f'{results.get("filename", results.get("frame_dir"))} has pictures of height {height} and '
                        f'width {width}, and the annotation of {results["video_id"]} is for height {said_height} and '
                        f'width {said_width}. resolution is (height, width)')


def pack_flows(flows: List[np.ndarray]) -> Tensor:
    """Stacks the flow of a window.

    Args:
        flows (list[np.ndarray]): F maps (H, W, 2) float32.

    Returns:
        Tensor: (2, F, H, W) float16, which keeps a thousandth of the displacement.
    """
    return to_tensor(np.stack(flows).astype(np.float16).transpose(3, 0, 1, 2))
