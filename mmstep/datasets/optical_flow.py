"""Optical flow by name.

The paper uses Brox et al., "High accuracy optical flow estimation based on a theory for warping" (ECCV 2004), which
OpenCV has on CUDA only. ``pyramid`` minimises an energy of the same kind on the CPU.
"""
from typing import Callable, Dict, List

import cv2
import numpy as np

from mmstep.errors import DataError

Estimator = Callable[[np.ndarray, np.ndarray], np.ndarray]

WARPS = 2  # of the second picture at each level of the pyramid


class PyramidFlow:
    """Coarse-to-fine flow over OpenCV's ``VariationalRefinement``.

    The energy is Brox's: constancy of brightness and of gradient with a robust penalty, and smoothness. At each level
    of an image pyramid the flow of the coarser one is refined by warping the second picture with it.

    Args:
        scale (float): Ratio of the sizes of neighbouring levels, 0..1. Defaults to 0.9.
        min_side (int): The coarsest level's shorter side has at least so many pixels. Defaults to 16.
    """

    def __init__(self, scale: float = 0.9, min_side: int = 16) -> None:
        self.scale = scale
        self.min_side = min_side
        self._refine = cv2.VariationalRefinement.create()
        self._refine.setAlpha(20)
        self._refine.setGamma(10)
        self._refine.setDelta(5)
        self._refine.setFixedPointIterations(5)
        self._refine.setSorIterations(10)

    def __call__(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Flow from one picture to the next.

        Args:
            first (np.ndarray): (H, W) uint8, grey.
            second (np.ndarray): (H, W) uint8, grey.

        Returns:
            np.ndarray: (H, W, 2) float32, displacement in pixels, x and y.
        """
        sizes = self._sizes(*first.shape)
        flow = np.zeros((*sizes[0], 2), dtype=np.float32)
        for height, width in sizes:
            size = (width, height)
            flow = resize_flow(flow, size)
            small_first, small_second = (
                cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in (first, second))
            for _ in range(WARPS):
                flow = np.asarray(self._refine.calc(small_first, small_second, flow))
        return flow

    def _sizes(self, height: int, width: int) -> List[tuple]:
        """Heights and widths of the levels, the coarsest first."""
        sizes, ratio = [(height, width)], self.scale
        while min(height, width) * ratio >= self.min_side:
            sizes.append((round(height * ratio), round(width * ratio)))
            ratio *= self.scale
        return sizes[::-1]


def resize_flow(flow: np.ndarray, size: tuple) -> np.ndarray:
    """Flow between pictures of another size: the map is resized and its values scaled along.

    Args:
        flow (np.ndarray): (H, W, 2) pixels, x and y.
        size (tuple[int, int]): New width and height.

    Returns:
        np.ndarray: (height, width, 2) float32.
    """
    height, width = flow.shape[:2]
    if (width, height) == tuple(size):
        return flow
    ratio = np.array([size[0] / width, size[1] / height], dtype=np.float32)
    return cv2.resize(flow, tuple(size), interpolation=cv2.INTER_LINEAR) * ratio


def _dis() -> Estimator:
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    # None: OpenCV makes the map itself, which its stubs do not know.
    return lambda first, second: dis.calc(first, second, None)  # type: ignore[call-overload]


def _contrib(method: str, name: str) -> Callable[[], Estimator]:

    def make() -> Estimator:
        create = getattr(getattr(cv2, 'optflow', None), name, None)
        if create is None:
            raise DataError(f'flow method {method!r} needs the package opencv-contrib-python-headless in place of '
                            "opencv-python; 'pyramid' and 'dis' do without")
        algorithm = create()
        return lambda first, second: algorithm.calc(first, second, None)

    return make


def _brox() -> Estimator:
    brox = getattr(getattr(cv2, 'cuda', None), 'BroxOpticalFlow', None)
    if brox is None or not cv2.cuda.getCudaEnabledDeviceCount():
        raise DataError("flow method 'brox' needs an OpenCV built with CUDA and a CUDA device; the nearest on the CPU "
                        "is 'pyramid'")
    algorithm = brox.create()

    def calc(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        pair = [cv2.cuda.GpuMat(picture.astype(np.float32) / 255) for picture in (first, second)]
        return algorithm.calc(*pair, None).download()

    return calc


METHODS: Dict[str, Callable[[], Estimator]] = dict(
    pyramid=PyramidFlow,
    deepflow=_contrib('deepflow', 'createOptFlow_DeepFlow'),
    dis=_dis,
    tvl1=_contrib('tvl1', 'DualTVL1OpticalFlow_create'),
    brox=_brox)


def build_flow(method: str = 'pyramid') -> Estimator:
    """Makes an estimator of optical flow.

    Args:
        method (str): 'pyramid', 'deepflow', 'dis' (medium preset), 'tvl1', or 'brox' with CUDA. Defaults to 'pyramid'.

    Returns:
        Callable: Maps two grey pictures (H, W) uint8 to the flow (H, W, 2) float32 from the first to the second, in
        pixels, x and y. Use it in one thread only.

    Raises:
        ValueError: If the method is unknown or not available here.
    """
    if method not in METHODS:
        raise DataError(f'flow method {method!r} is unknown; choose one of {", ".join(METHODS)}')
    return METHODS[method]()
