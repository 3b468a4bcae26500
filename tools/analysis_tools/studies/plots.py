"""Plots of studies and of the figures of the paper."""
import io
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from .intervals import mean_and_spread
from .results import figure, last_step
from .study_file import Study

BINS = 20
COLORS = 64  # of a picture in a file: a plot needs no more, and takes a third of the bytes


def save_figure(plot: Figure, path: Path) -> None:
    """Writes a plot as a small PNG.

    Args:
        plot (Figure): The plot, which is closed.
        path (Path): The file.
    """
    plot.tight_layout()
    buffer = io.BytesIO()
    plot.savefig(buffer, dpi=90)
    plt.close(plot)
    save_small(np.array(Image.open(buffer).convert('RGB')), path)


def save_small(picture: np.ndarray, path: Path, colors: int = COLORS) -> None:
    """Writes a picture as a PNG with a palette.

    Args:
        picture (np.ndarray): (H, W, 3) uint8, RGB.
        path (Path): The file; its folder is made.
        colors (int): Size of the palette, 2 to 256.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).quantize(colors, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)


def plot_steps(study: Study, results: Dict[str, Any]) -> Figure:
    """Curves over the steps, one for each variant, with the standard deviation over the seeds.

    Args:
        study (Study): The study.
        results (dict): See :func:`~studies.results.read_results`.

    Returns:
        Figure: The plot.
    """
    plot, axes = plt.subplots(figsize=(6.4, 4.2))
    most = 1
    for name, variant in study.variants.items():
        points = []
        for step in range(1, last_step(results, study.name, name) + 1):
            found = [figure(results, study.name, name, seed, study.figure, step) for seed in study.seeds]
            values = [value for value in found if value is not None]
            if values:
                points.append((step, *mean_and_spread(values)))
        if points:
            steps, means, deviations = zip(*points)
            most = max(most, steps[-1])
            axes.errorbar(steps, means, deviations, marker='o', capsize=3, label=variant.label.replace('`', ''))
    axes.set(xlabel='step', ylabel=f'{study.figure if "mAP" in study.figure else "frame-mAP@0.5"} (%)',
             title=study.title, xticks=range(1, most + 1))  # yapf: disable
    axes.grid(alpha=.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
    return plot


def plot_overlaps(overlaps: Sequence[np.ndarray]) -> Figure:
    """Figure 4: how much the tubes that go into each step overlap the annotated ones.

    Args:
        overlaps (Sequence[np.ndarray]): For each step the best overlap of every tube that goes into it, and last of
            those that come out, in [0, 1].

    Returns:
        Figure: A histogram for each.
    """
    names = [f'into step {step}' for step in range(1, len(overlaps))] + ['out of the last step']
    plot, row = plt.subplots(1, len(overlaps), figsize=(2.6 * len(overlaps), 2.6), sharey=True, squeeze=False)
    for axes, values, name in zip(row[0], overlaps, names):
        axes.hist(values, bins=BINS, range=(0, 1), weights=np.full(len(values), 100 / max(len(values), 1)))
        axes.axvline(np.mean(values), color='black', linestyle='--', linewidth=1)
        axes.set(title=f'{name}: mean {np.mean(values):.2f}', xlabel='IoU with ground truth')
        axes.title.set_size(9)
    row[0][0].set_ylabel('tubes (%)')
    return plot


def plot_speed(speeds: Dict[str, List[Tuple[int, float]]]) -> Figure:
    """Figure 6(a): windows a second against the number of steps.

    Args:
        speeds (dict[str, list]): Name of a curve -> (steps, windows a second).

    Returns:
        Figure: The plot.
    """
    plot, axes = plt.subplots(figsize=(5.2, 3.6))
    for name, points in speeds.items():
        axes.plot(*zip(*points), marker='o', label=name)
    steps = sorted({step for points in speeds.values() for step, _ in points})
    axes.set(xlabel='steps', ylabel='windows a CPU second', xticks=steps, ylim=(0, None))
    axes.grid(alpha=.3)
    axes.legend(fontsize=8)
    return plot


def plot_tubes(points: Sequence[Tuple[int, float, float]]) -> Figure:
    """Figure 6(b): accuracy (dots) and speed (bars) against the number of initial tubes.

    Args:
        points (Sequence[tuple]): Initial tubes, frame-mAP in % (NaN if it was not measured), windows a second.

    Returns:
        Figure: The plot.
    """
    plot, axes = plt.subplots(figsize=(5.2, 3.6))
    place = np.arange(len(points))
    axes.bar(place, [speed for *_, speed in points], width=.5, color='tab:blue', alpha=.7)
    axes.set(xlabel='initial tubes', ylabel='windows a CPU second (bars)', xticks=place)
    axes.set_xticklabels([str(count) for count, *_ in points])
    right = axes.twinx()
    right.plot(place, [score for _, score, _ in points], 'o', color='tab:green')
    right.set_ylabel('frame-mAP@0.5 in % (dots)')
    return plot
