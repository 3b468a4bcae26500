"""Whether an exported file gives what the model gives."""
from typing import Any, Dict, List, Mapping, NamedTuple

import numpy as np
import torch
from torch import Tensor

from mmstep.errors import LaunchError
from .graphs import Part
from .runtimes import Runtime, run_parts


class Tolerance(NamedTuple):
    """The largest differences that are taken.

    Attributes:
        score (float): Of a probability.
        px (float): Of a coordinate, in pixels of the network input.
    """
    score: float = 1e-3
    px: float = 0.1


def compare_steps(parts: Mapping[str, Part], runtimes: Mapping[str, Runtime], windows: Tensor,
                  num_clips: int) -> List[Dict[str, Any]]:
    """Runs the same windows through the model and through what was made of it.

    Args:
        parts (dict[str, Part]): Parts of the model.
        runtimes (dict[str, Runtime]): The same, exported.
        windows (Tensor): Shape (n, C, num_clips * K, H, W), n at least 2: the first goes alone, the others together.
        num_clips (int): Clips of a window.

    Returns:
        list[dict]: For each step (of a fusion: of each stream) ``score`` and ``px``, the largest differences.
    """
    last = 'window' if 'window' in parts else 'heads'
    wanted = {kind: _in_torch(part) for kind, part in parts.items()}
    names = [name for name in parts[last].outputs if 'scores' in name]
    largest = {name: [0., 0.] for name in names}
    for batch in (windows[:1], windows[1:]):
        ours, theirs = (run_parts(runners, batch, num_clips) for runners in (wanted, runtimes))
        for name, figures in largest.items():
            for index, key in enumerate((name, name.replace('scores', 'tubes'))):
                difference = (ours[key] - theirs[key]).abs().max().item()
                figures[index] = max(figures[index], difference if np.isfinite(difference) else np.inf)
    return [dict(step=name.replace('scores_', ''), score=score, px=px) for name, (score, px) in largest.items()]


def _in_torch(part: Part) -> Runtime:

    def run(batch: Tensor) -> Dict[str, Tensor]:
        with torch.no_grad():
            return dict(zip(part.outputs, part.module(batch)))

    return run


def require_agreement(steps: List[Dict[str, Any]], tolerance: Tolerance, what: str) -> None:
    """Refuses differences over the tolerance.

    Args:
        steps (list[dict]): From :func:`compare_steps`.
        tolerance (Tolerance): What is taken.
        what (str): What was compared, for the message.

    Raises:
        LaunchError: Naming the worst step and its figures.
    """
    worst = max(steps, key=lambda step: max(step['score'] / tolerance.score, step['px'] / tolerance.px))
    if worst['score'] > tolerance.score or worst['px'] > tolerance.px:
        raise LaunchError(
            f'{what} is not written: {worst["step"]} differs from the model by {worst["score"]:.2g} in score and '
            f'{worst["px"]:.2g} px, and {tolerance.score:g} and {tolerance.px:g} px are allowed (--tolerance)')
