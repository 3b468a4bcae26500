"""Random changes of a window in training: one draw for all of its frames, so that motion stays as it was.

MMAction2's Resize and Flip treat (G, T, 4) boxes rightly and are used as they are.
"""
from typing import List, Optional, Sequence, Tuple

import cv2
import numpy as np
from mmaction.datasets.transforms.processing import RandomCrop, RandomErasing
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

PixelBox = Tuple[int, int, int, int]
PICTURES = ('imgs', 'flows')  # what crops and shifts move; a window may have either or both


def enclosing_box(boxes: np.ndarray, valid: np.ndarray) -> Optional[np.ndarray]:
    """The smallest box around all valid boxes.

    Args:
        boxes (np.ndarray): (G, T, 4).
        valid (np.ndarray): (G, T) bool.

    Returns:
        np.ndarray: (4,), or None if no box is valid.
    """
    inside = boxes[valid]
    if not len(inside):
        return None
    return np.concatenate([inside[:, :2].min(axis=0), inside[:, 2:].max(axis=0)])


def _whole_pixels(results: dict) -> Optional[PixelBox]:
    """:func:`enclosing_box` of a window, rounded outwards to pixels within the frame; None without any valid box."""
    if 'gt_bboxes' not in results:
        return None
    box = enclosing_box(results['gt_bboxes'], results['gt_valid'])
    if box is None:
        return None
    height, width = results['img_shape']
    x1, y1 = np.floor(box[:2]).clip(0).astype(int)
    x2, y2 = np.ceil(box[2:]).clip(0, (width, height)).astype(int)
    return x1, y1, x2, y2


@TRANSFORMS.register_module()
class TubeRandomCrop(RandomCrop):
    """Crops a random part of the frame that holds every valid box of every actor whole.

    A size is drawn, then a place at which the crop covers the boxes. If no size of ``max_attempts`` is large enough
    the frame stays whole. The sizes differ from window to window: put ``Resize(keep_ratio=False)`` after it.

    Required keys: imgs or flows, img_shape; optional gt_bboxes (G, T, 4) in pixels, gt_valid (G, T), proposals (n, 4)
    in pixels.
    Modified keys: imgs, flows, img_shape, gt_bboxes, proposals. Added key: crop_bbox (x1, y1, x2, y2), if cropped.

    Args:
        area_range (tuple[float, float]): Range of the crop's area as a part of the frame's, 0..1. Defaults to (0.5,
            1.0).
        aspect_range (tuple[float, float]): Range of the crop's width / height as a multiple of the frame's.
            Defaults to (0.75, 1.333).
        crop_prob (float): Probability of cropping. Defaults to 0.5.
        max_attempts (int): Sizes tried. Defaults to 10.
    """

    def __init__(self,
                 area_range: Tuple[float, float] = (0.5, 1.0),
                 aspect_range: Tuple[float, float] = (0.75, 1.333),
                 crop_prob: float = 0.5,
                 max_attempts: int = 10) -> None:
        if not 0 < area_range[0] <= area_range[1] <= 1:
            raise ValueError(f'area_range must be ascending and in (0, 1], got {area_range}')
        if not 0 < aspect_range[0] <= aspect_range[1]:
            raise ValueError(f'aspect_range must be ascending and positive, got {aspect_range}')
        self.area_range = area_range
        self.aspect_range = aspect_range
        self.crop_prob = crop_prob
        self.max_attempts = max_attempts

    def transform(self, results: dict) -> dict:
        """Crops the window, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        if np.random.rand() >= self.crop_prob:
            return results
        crop = self._draw_crop(results['img_shape'], _whole_pixels(results))
        if crop is None:
            return results
        results['crop_bbox'] = crop
        for key in PICTURES:
            if key in results:
                results[key] = self._crop_imgs(results[key], crop)
        results['img_shape'] = (int(crop[3] - crop[1]), int(crop[2] - crop[0]))
        return self._all_box_crop(results, crop) if 'gt_bboxes' in results else results

    def _draw_crop(self, img_shape: Tuple[int, int], keep: Optional[PixelBox]) -> Optional[np.ndarray]:
        """Draws a crop (x1, y1, x2, y2) around ``keep``; None if no drawn size is large enough."""
        height, width = img_shape
        for _ in range(self.max_attempts):
            area = np.random.uniform(*self.area_range)
            aspect = np.exp(np.random.uniform(*np.log(self.aspect_range)))
            new_w = int(round(width * np.sqrt(area * aspect)))
            new_h = int(round(height * np.sqrt(area / aspect)))
            if not (0 < new_w <= width and 0 < new_h <= height):
                continue
            x1, y1, x2, y2 = (0, 0, 0, 0) if keep is None else keep
            # The crop begins at or before the boxes and ends at or after them; without boxes it may begin anywhere.
            low_x, low_y = max(x2 - new_w, 0), max(y2 - new_h, 0)
            high_x, high_y = width - new_w, height - new_h
            if keep is not None:
                high_x, high_y = min(x1, high_x), min(y1, high_y)
            if low_x <= high_x and low_y <= high_y:
                left, top = np.random.randint(low_x, high_x + 1), np.random.randint(low_y, high_y + 1)
                return np.array([left, top, left + new_w, top + new_h])
        return None

    @staticmethod
    def _box_crop(box: np.ndarray, crop_bbox: np.ndarray) -> np.ndarray:
        """Boxes in the crop's coordinates; the parent's clips to size - 1, a pixel off boxes at the border."""
        x1, y1, x2, y2 = crop_bbox
        moved = box - np.array([x1, y1, x1, y1], dtype=box.dtype)
        return moved.clip(0, np.array([x2 - x1, y2 - y1] * 2, dtype=box.dtype))

    def __repr__(self) -> str:
        return (f'{self.__class__.__name__}(area_range={self.area_range}, aspect_range={self.aspect_range}, '
                f'crop_prob={self.crop_prob}, max_attempts={self.max_attempts})')


@TRANSFORMS.register_module()
class TubeRandomShift(BaseTransform):
    """Moves the whole window by a few pixels and repeats the border pixels where it leaves a gap.

    No valid box is moved out of the frame, not even in part: the range of the draw shrinks where an actor is near the
    border. An actor at the border is not moved inwards: border replication would stretch it beyond its box.

    Required keys: imgs or flows, img_shape; optional gt_bboxes (G, T, 4) in pixels, gt_valid (G, T), proposals (n, 4)
    in pixels.
    Modified keys: imgs, flows, gt_bboxes, proposals.

    Args:
        max_ratio (float): Largest shift as a part of the frame's width or height, 0..1. Defaults to 0.1.
        shift_prob (float): Probability of shifting. Defaults to 0.5.
    """

    def __init__(self, max_ratio: float = 0.1, shift_prob: float = 0.5) -> None:
        if not 0 <= max_ratio < 1:
            raise ValueError(f'max_ratio must be in [0, 1), got {max_ratio}')
        self.max_ratio = max_ratio
        self.shift_prob = shift_prob

    def transform(self, results: dict) -> dict:
        """Moves the window, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        if np.random.rand() >= self.shift_prob:
            return results
        height, width = results['img_shape']
        x1, y1, x2, y2 = _whole_pixels(results) or (width, height, 0, 0)
        dx = self._draw(width, x1, x2)
        dy = self._draw(height, y1, y2)
        left, top = max(dx, 0), max(dy, 0)
        right, bottom = max(-dx, 0), max(-dy, 0)
        for key in PICTURES:
            if key in results:
                results[key] = [
                    cv2.copyMakeBorder(img[bottom:height - top, right:width - left], top, bottom, left, right,
                                       cv2.BORDER_REPLICATE) for img in results[key]
                ]
        for key in ('gt_bboxes', 'proposals'):
            if results.get(key) is not None:
                boxes = results[key]
                moved = boxes + np.array([dx, dy, dx, dy], dtype=boxes.dtype)
                results[key] = moved.clip(0, np.array([width, height] * 2, dtype=boxes.dtype))
        return results

    def _draw(self, size: int, first: int, last: int) -> int:
        """Draws a shift along one axis that keeps first..last within 0..size, and at a border that it touches."""
        limit = int(size * self.max_ratio)
        low = 0 if last == size else -min(limit, first)
        high = 0 if first == 0 else min(limit, size - last)
        return np.random.randint(low, high + 1)

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}(max_ratio={self.max_ratio}, shift_prob={self.shift_prob})'


@TRANSFORMS.register_module()
class TubePhotoMetricDistortion(BaseTransform):
    """Random brightness, contrast, saturation and hue, the same for all frames of the window.

    Ranges and probabilities (0.5 for each) are those of MMDetection's PhotoMetricDistortion (from SSD), without its
    swap of the channels. It works in HSV, frame by frame; here the four are one affine map of the RGB values, with
    saturation and hue about the axis of greys, which costs a tenth of the time and keeps greys grey and the luma.

    Required key: imgs, a list of (H, W, 3) uint8 RGB frames or a (T, H, W, 3) array. Modified key: imgs (list).

    Args:
        brightness_delta (float): Largest change of brightness, of 255. Defaults to 32.
        contrast_range (tuple[float, float]): Range of the factor. Defaults to (0.5, 1.5).
        saturation_range (tuple[float, float]): Range of the factor. Defaults to (0.5, 1.5).
        hue_delta (float): Largest turn of the hue in degrees. Defaults to 18.
    """

    def __init__(self,
                 brightness_delta: float = 32,
                 contrast_range: Tuple[float, float] = (0.5, 1.5),
                 saturation_range: Tuple[float, float] = (0.5, 1.5),
                 hue_delta: float = 18) -> None:
        self.brightness_delta = brightness_delta
        self.contrast_range = contrast_range
        self.saturation_range = saturation_range
        self.hue_delta = hue_delta

    def transform(self, results: dict) -> dict:
        """Changes the colours, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        ranges = ((-self.brightness_delta, self.brightness_delta), self.contrast_range, self.saturation_range,
                  (-self.hue_delta, self.hue_delta))
        drawn = [np.random.uniform(*bounds) for bounds in ranges]
        used = np.random.rand(4) < 0.5
        settings = np.where(used, drawn, (0, 1, 1, 0))
        if used.any():
            results['imgs'] = map_colours(results['imgs'], colour_matrix(*settings))
        return results

    def __repr__(self) -> str:
        return (f'{self.__class__.__name__}(brightness_delta={self.brightness_delta}, '
                f'contrast_range={self.contrast_range}, saturation_range={self.saturation_range}, '
                f'hue_delta={self.hue_delta})')


def colour_matrix(brightness: float, contrast: float, saturation: float, hue: float) -> np.ndarray:
    """The affine map of RGB values for a change of colours.

    Args:
        brightness (float): Added to every value of 0..255, 0 for none.
        contrast (float): Every value is multiplied by it, after the brightness; 1 for none.
        saturation (float): The distance from grey is multiplied by it, 1 for none.
        hue (float): Colours are turned about the axis of greys by so many degrees, 0 for none.

    Returns:
        np.ndarray: (3, 4) float32, the last column is added.
    """
    # YIQ: luma, and two axes of colour in which hue is the angle and saturation the radius.
    to_yiq = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
    angle = np.deg2rad(hue)
    cosine, sine = saturation * np.cos(angle), saturation * np.sin(angle)
    turn = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    linear = contrast * np.linalg.inv(to_yiq) @ turn @ to_yiq
    return np.column_stack([linear, np.full(3, contrast * brightness)]).astype(np.float32)


def map_colours(imgs: Sequence[np.ndarray], matrix: np.ndarray) -> List[np.ndarray]:
    """Applies an affine map to the colours of all frames.

    Args:
        imgs (Sequence[np.ndarray]): T frames (H, W, 3) uint8; not written to.
        matrix (np.ndarray): (3, 4).

    Returns:
        list[np.ndarray]: T new frames (H, W, 3) uint8, values rounded and clipped to 0..255.
    """
    return [cv2.transform(img, matrix) for img in imgs]


@TRANSFORMS.register_module()
class TubeRandomErasing(RandomErasing):
    """MMAction2's RandomErasing with the same patch, noise included, in all frames of the window.

    Boxes stay as they are, and an actor may be covered. The patch is a part of the picture: put it after crop, shift
    and Resize, for ``max_area_ratio`` counts from the frame at that place. ``erase_prob`` and the ratios must be
    floats (1.0, not 1). ``fill_std`` is used with ``mode='rand'`` only.

    Required and modified key: imgs.
    """

    def _fill_pixels(self, imgs: Sequence[np.ndarray], top: int, left: int, h: int, w: int) -> List[np.ndarray]:
        """Fills each frame's patch with the one drawn for the first, in copies, for frames may be read-only."""
        frames = [np.array(img) for img in imgs]
        first = self._img_fill_pixels(frames[0], top, left, h, w)
        for frame in frames[1:]:
            frame[top:top + h, left:left + w] = first[top:top + h, left:left + w]
        return frames
