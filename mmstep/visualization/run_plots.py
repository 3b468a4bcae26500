"""Plots of runs and of what was detected: curves, bars, matrices, histograms."""
from typing import Dict, List, Mapping, Sequence, Tuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmstep.utils import AtomicFile

Curve = Tuple[Sequence[float], Sequence[float]]


def plot_curves(curves: Mapping[str, Mapping[str, Curve]]) -> Figure:
    """A panel for each quantity, a line for each run.

    Args:
        curves (dict[str, dict[str, tuple]]): By quantity and run, the x and the y of its points.

    Returns:
        Figure: The plot.
    """
    figure = Figure(figsize=(7, 2.4 * len(curves) + 0.6), layout='constrained')
    panels = figure.subplots(len(curves), 1, squeeze=False, sharex=True)[:, 0]
    for panel, (quantity, runs) in zip(panels, curves.items()):
        for name, (x, y) in runs.items():
            panel.plot(x, y, label=name, marker='.' if len(x) < 30 else None)
        panel.set_ylabel(quantity)
        panel.grid(alpha=0.3)
    panels[0].legend(loc='best', fontsize='small')
    panels[-1].set_xlabel('iteration')
    return figure


def plot_bars(figures: Mapping[str, Mapping[str, float]], label: str) -> Figure:
    """A group of bars for each class, a bar for each run; classes by the first run's value.

    Args:
        figures (dict[str, dict[str, float]]): By run and class, in [0, 1].
        label (str): What the bars are.

    Returns:
        Figure: The plot.
    """
    first = next(iter(figures.values()))
    names: List[str] = sorted({name for run in figures.values() for name in run}, key=lambda name: -first.get(name, 0))
    figure = Figure(figsize=(7, 1.2 + (0.12 + 0.16 * len(figures)) * len(names)), layout='constrained')
    axes = figure.add_subplot()
    height = 0.8 / len(figures)
    for place, (run, values) in enumerate(figures.items()):
        rows = np.arange(len(names)) + (place - (len(figures) - 1) / 2) * height
        axes.barh(rows, [100 * values.get(name, 0.) for name in names], height=height, label=run)
    axes.set_yticks(np.arange(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(f'{label}, %')
    if len(figures) > 1:
        axes.legend(loc='lower right', fontsize='small')
    return figure


def plot_matrix(matrix: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """A matrix of counts; shades are shares of the row.

    Args:
        matrix (np.ndarray): (n, m) counts.
        rows (Sequence[str]): Names of the n rows.
        columns (Sequence[str]): Names of the m columns.

    Returns:
        Figure: The plot.
    """
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = 2.5 + 0.38 * len(columns)
    figure = Figure(figsize=(side + 1, side), layout='constrained')
    axes = figure.add_subplot()
    axes.imshow(share, cmap='Blues', vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel('detected')
    axes.set_ylabel('annotated')
    for row, column in zip(*np.nonzero(matrix)):
        axes.text(
            column,
            row,
            f'{matrix[row, column]}',
            ha='center',
            va='center',
            fontsize=7,
            color='white' if share[row, column] > 0.5 else 'black')
    return figure


def plot_histogram(values: Mapping[str, np.ndarray], label: str) -> Figure:
    """Histograms of numbers in [0, 1], one over the other.

    Args:
        values (dict[str, np.ndarray]): By name, (n,) numbers.
        label (str): What they are.

    Returns:
        Figure: The plot, in steps of 0.05.
    """
    figure = Figure(figsize=(7, 3.2), layout='constrained')
    axes = figure.add_subplot()
    edges = np.linspace(0, 1, 21)
    for name, numbers in values.items():
        share = 100 * np.histogram(numbers, edges)[0] / max(len(numbers), 1)
        axes.stairs(share, edges, label=f'{name}: mean {np.mean(numbers) if len(numbers) else 0:.2f}', linewidth=1.6)
    axes.set_xlabel(label)
    axes.set_ylabel('share of the annotated boxes, %')
    axes.legend(fontsize='small')
    return figure


def write_figure(path: str, figure: Figure) -> None:
    """Writes a plot, whole or not at all.

    Args:
        path (str): The file; its extension says the format.
        figure (Figure): The plot.

    Raises:
        LaunchError: If it cannot be written.
    """
    with AtomicFile(path) as name:
        FigureCanvasAgg(figure).print_figure(name, dpi=120)


def shares_of_classes(figures: Dict[str, float], step: int) -> Dict[str, float]:
    """The average precisions of classes among a run's figures.

    Args:
        figures (dict[str, float]): Names such as 'step3/AP/walk'.
        step (int): Step of the detector.

    Returns:
        dict[str, float]: By class.
    """
    prefix = f'step{step}/AP/'
    return {name[len(prefix):]: value for name, value in figures.items() if name.startswith(prefix)}
