"""Settings that fit a data set, each with its reason."""
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from mmengine.config import Config

from mmstep.datasets.annotation_formats.reading import VideoFacts

# A box's shorter side should be so many positions of the backbone's map, or RoIs see one and the same.
CELLS = 2.5
STRIDE = 16  # of the backbone, pixels
SIDES = (128, 160, 192, 224, 256)
PASSES = 4  # over all windows
LEAST_ITERS, MOST_ITERS = 600, 20000


class Choices(NamedTuple):
    """Settings that differ from the base config's.

    Attributes:
        scale (tuple[int, int], optional): Width and height of the network input.
        fps (int, optional): Frames a second of a window; clips of a second have as many frames.
        max_iters (int, optional): Of a base that trains by iterations.
        max_epochs (int, optional): Of one that trains by epochs.
        reasons (list[str]): A line for each choice.
    """
    scale: Optional[Tuple[int, int]]
    fps: Optional[int]
    max_iters: Optional[int]
    max_epochs: Optional[int]
    reasons: List[str]


def choose(base: Config, boxes: np.ndarray, num_windows: int, facts: Sequence[VideoFacts]) -> Choices:
    """Chooses picture size, rate and length of the training.

    Args:
        base (Config): The config to start from.
        boxes (np.ndarray): (n, 4) x1, y1, x2, y2, fractions of the frame.
        num_windows (int): Windows of training that do not overlap much.
        facts (Sequence[VideoFacts]): Some of the videos, at least one.

    Returns:
        Choices: What to change, and why.
    """
    reasons: List[str] = []
    scale = _choose_scale(base, boxes, reasons)
    fps = _choose_rate(base, facts, reasons)
    iters, epochs = _choose_length(base, num_windows, reasons)
    return Choices(scale, fps, iters, epochs, reasons)


def find_transform(base: Config, name: str) -> Dict[str, Any]:
    """A transform of the base's test pipeline; empty if it has none of this name."""
    return next((dict(item) for item in base.test_pipeline if item['type'] == name), {})


def _choose_scale(base: Config, boxes: np.ndarray, reasons: List[str]) -> Optional[Tuple[int, int]]:
    kind = 'Resize' if find_transform(base, 'Resize') else 'TubeResize'
    width, height = find_transform(base, kind)['scale']
    sides = np.min(boxes[:, 2:] - boxes[:, :2], axis=1)
    side = float(np.quantile(sides, 0.25))
    if max(width, height) > SIDES[0]:
        reasons.append(f'pictures of {width}x{height}: those of the base config, which its weights are for')
        return None
    wanted = next((size for size in SIDES if size * side >= CELLS * STRIDE), SIDES[-1])
    reasons.append(f'pictures of {wanted}x{wanted}: a quarter of the boxes are narrower than {100 * side:.0f} % of '
                   f'the frame, there {wanted * side:.0f} pixels')
    return (wanted, wanted) if wanted != width else None


def _choose_rate(base: Config, facts: Sequence[VideoFacts], reasons: List[str]) -> Optional[int]:
    rates = np.array([fact.fps for fact in facts])
    said = f'{rates.min():.3g}' if np.ptp(rates) < 0.1 else f'{rates.min():.3g} to {rates.max():.3g}'
    window = find_transform(base, 'SampleTubeWindow')
    if not window:
        clip = find_transform(base, 'SampleClipWindow')
        length = clip['clip_len'] * clip['num_clips']
        reasons.append(f'windows of {length} frames as they come, {length / np.median(rates):.2g} s at {said} a '
                       'second')
        return None
    stride, fps = window['temporal_stride'], window['fps']
    slowest = float(rates.min())
    chosen = fps
    if slowest < fps - 0.5 and window['clip_len'] == fps:
        chosen = max(stride * int((slowest + 0.5) // stride), stride)
    seconds = window['num_clips'] * window['clip_len'] / fps
    reasons.append(f'{chosen} frames a second in windows of {seconds:g} s: the videos have {said} a second')
    return chosen if chosen != fps else None


def _choose_length(base: Config, num_windows: int, reasons: List[str]) -> Tuple[Optional[int], Optional[int]]:
    batch = base.train_dataloader.batch_size
    windows = '1 training window' if num_windows == 1 else f'{num_windows:,} training windows'
    wanted = int(np.clip(PASSES * num_windows / batch, LEAST_ITERS, MOST_ITERS))
    if 'max_iters' in base.train_cfg:
        wanted = int(round(wanted, -2))
        reasons.append(f'{wanted} iterations of {batch} windows: there are {windows}')
        return wanted, None
    epochs = base.train_cfg.max_epochs
    needed = int(np.ceil(LEAST_ITERS * batch / num_windows))
    chosen = max(epochs, min(needed, 100))
    reasons.append(f'{chosen} epochs: there are {windows}, and the base config has {epochs}')
    return None, chosen if chosen != epochs else None
