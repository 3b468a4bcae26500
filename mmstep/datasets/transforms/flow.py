"""Optical flow of a window: reading it, and keeping it right while the pictures are resized and mirrored.

``results['flows']`` is a list of (H, W, 2) float32: displacement to the next frame in pixels of the current picture,
x and y. Random crops and shifts (augment.py) move it along with the pictures.
"""
from typing import List

import numpy as np
from mmaction.datasets.transforms import Flip, Resize
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from mmstep.datasets.flow_files import dequantise, read_info, read_pair
from mmstep.datasets.optical_flow import resize_flow
from .clip_sampling import check_length


@TRANSFORMS.register_module()
class FlowFramesDecode(BaseTransform):
    """Reads the flow of a window as ``tools/data/extract_flow.py`` wrote it.

    With ``imgs`` the flow is brought to their size. Alone it gives the window its size, and boxes become pixels.

    Past the end the last frame's is repeated.

    Required keys: flow_dir, flow_inds (from 1, repetitions allowed), num_frames_total, video_id; imgs and img_shape,
    or gt_bboxes as fractions.
    Added or modified keys: flows; without imgs also img_shape, original_shape, gt_bboxes, modality.

    Raises:
        FileNotFoundError: If the flow of the video or a frame of it is missing.
        ValueError: If the flow is that of a shorter video than the annotation's.
    """

    def transform(self, results: dict) -> dict:
        """Reads the flow, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        folder = results['flow_dir']
        info = read_info(folder)
        check_length(results, info.num_frames, folder)
        numbers = np.minimum(results['flow_inds'], info.num_frames).tolist()
        maps = {number: dequantise(read_pair(folder, number), info.range) for number in dict.fromkeys(numbers)}
        if 'imgs' in results:
            height, width = results['img_shape']
            maps = {number: resize_flow(flow, (width, height)) for number, flow in maps.items()}
        else:
            height, width = next(iter(maps.values())).shape[:2]
            results.update(img_shape=(height, width), original_shape=(height, width), modality='Flow')
            if 'gt_bboxes' in results:
                results['gt_bboxes'] = results['gt_bboxes'] * np.array([width, height] * 2, dtype=np.float32)
        results['flows'] = [maps[number] for number in numbers]
        return results

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}()'


@TRANSFORMS.register_module()
class TubeResize(Resize):
    """MMAction2's Resize that takes ``flows`` along: the maps are resized and their values scaled.

    Required keys: those of Resize; optional flows. Modified keys: those of Resize, flows.
    """

    def transform(self, results: dict) -> dict:
        """Resizes pictures, boxes and flow.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        results = super().transform(results)
        if 'flows' in results:
            height, width = results['img_shape']
            results['flows'] = [resize_flow(flow, (width, height)) for flow in results['flows']]
        return results


@TRANSFORMS.register_module()
class TubeFlip(Flip):
    """MMAction2's horizontal Flip that takes ``flows`` along: mirrored, with the sign of x turned.

    Required keys: those of Flip; optional flows. Modified keys: those of Flip, flows.
    """

    def transform(self, results: dict) -> dict:
        """Mirrors pictures, boxes and flow, at random.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        results = super().transform(results)
        if results['flip'] and 'flows' in results:
            results['flows'] = mirror_flows(results['flows'])
        return results

    def _flip_imgs(self, imgs: List[np.ndarray], modality: str) -> List[np.ndarray]:
        """Mirrors pictures; those here are never the flow that the parent looks for by ``modality``."""
        return super()._flip_imgs(imgs, 'RGB')


def mirror_flows(flows: List[np.ndarray]) -> List[np.ndarray]:
    """Flow of the mirrored pictures.

    Args:
        flows (list[np.ndarray]): Maps (H, W, 2).

    Returns:
        list[np.ndarray]: New maps of the same shape.
    """
    return [flow[:, ::-1] * np.array([-1, 1], dtype=np.float32) for flow in flows]
