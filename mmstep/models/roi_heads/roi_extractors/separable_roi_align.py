"""RoIAlign along tubes as two matrix products."""
from math import ceil
from typing import Tuple

import torch
from torch import Tensor

# Whether a graph is made that cannot branch on numbers. torch.compile can, and its windows may have any tubes; torch
# 2.6 does not tell the two apart.
EXPORTING = getattr(torch.compiler, 'is_exporting', torch.compiler.is_compiling)


def axis_weights(low: Tensor, high: Tensor, num_cells: int, output_size: int, sampling_ratio: int,
                 aligned: bool) -> Tensor:
    """Weights with which the cells along one axis of a map enter the bins of RoIs, as in mmcv's ``roi_align``.

    A bin is the mean over evenly spread points. A point between two cells is interpolated; one up to a cell outside
    takes the value of the border; one farther away counts as zero.

    Args:
        low (Tensor): Lower coordinate of each RoI in cells of the map, shape (...).
        high (Tensor): Upper coordinate, same shape.
        num_cells (int): Cells of the map along the axis.
        output_size (int): Bins s.
        sampling_ratio (int): Points of a bin; 0 for as many as the bin has cells, rounded up.
        aligned (bool): Whether cell i lies at i + 0.5.

    Returns:
        Tensor: Shape (..., s, num_cells).
    """
    offset = 0.5 if aligned else 0.
    low, high = low - offset, high - offset
    side = high - low if aligned else (high - low).clamp(min=1)
    bin_size = side / output_size
    if sampling_ratio > 0:
        num_points, largest = torch.full_like(side, sampling_ratio), sampling_ratio
    else:
        num_points = bin_size.ceil()
        # RoIs of an exported graph lie in the picture, others may be larger.
        largest = ceil(num_cells / output_size) + 1
        if not EXPORTING():
            largest = max(int(num_points.max()) if num_points.numel() else 0, 1)
    point = torch.arange(largest, device=side.device, dtype=side.dtype)
    bins = torch.arange(output_size, device=side.device, dtype=side.dtype)
    # Shape (..., s, points).
    counted = num_points.clamp(min=1)[..., None, None]
    size = bin_size[..., None, None]
    place = low[..., None, None] + bins[:, None] * size + (point + 0.5) * size / counted
    used = (point < num_points[..., None, None]) & (place >= -1) & (place <= num_cells)
    cells = torch.arange(num_cells, device=side.device, dtype=side.dtype)
    distance = (place.clamp(0, num_cells - 1)[..., None] - cells).abs()
    return ((1 - distance).clamp(min=0) * (used / counted)[..., None]).sum(-2)


def separable_roi_align(maps: Tensor,
                        tubes: Tensor,
                        batch_inds: Tensor,
                        output_size: Tuple[int, int],
                        spatial_scale: float,
                        sampling_ratio: int = 0,
                        aligned: bool = True) -> Tensor:
    """RoIAlign with average pooling of one RoI per tube and frame.

    Bilinear interpolation and the mean over a grid of points are separable, so that a RoI is ``W_y @ map @ W_x^T``
    with two small matrices (:func:`axis_weights`). It equals :func:`mmcv.ops.roi_align` up to rounding, is
    differentiable with regard to the maps, and its result is channels-last in memory. On a CPU it is faster than the
    kernel; all its operators can be exported. In an exported graph,
    boxes have to lie in the picture, and every window has the same number of tubes, ordered by window.

    Args:
        maps (Tensor): One map per window and frame, shape (B, T, C, h, w), best channels-last in memory.
        tubes (Tensor): Boxes in pixels, shape (N, T, 4).
        batch_inds (Tensor): Index in the batch of each tube, shape (N,).
        output_size (tuple[int, int]): Height and width of the result.
        spatial_scale (float): Cells of the map per pixel.
        sampling_ratio (int): See :func:`axis_weights`. Defaults to 0.
        aligned (bool): See :func:`axis_weights`. Defaults to True.

    Returns:
        Tensor: Shape (N, T, C, height, width).
    """
    height, width = maps.shape[-2:]
    boxes = tubes.detach().float() * spatial_scale
    x1, y1, x2, y2 = boxes.unbind(-1)
    rows = axis_weights(y1, y2, height, output_size[0], sampling_ratio, aligned).to(maps.dtype)
    columns = axis_weights(x1, x2, width, output_size[1], sampling_ratio, aligned).to(maps.dtype)
    lines = maps.permute(0, 1, 3, 4, 2).flatten(3)  # (B, T, h, w * C)
    num_windows = maps.shape[0]
    if num_windows == 1 or EXPORTING():
        count = rows.shape[0] // num_windows
        rows, columns = (part.unflatten(0, (num_windows, count)) for part in (rows, columns))
        return _interpolate(lines, rows, columns)
    order = batch_inds.argsort(stable=True)
    counts = torch.bincount(batch_inds, minlength=num_windows).tolist()
    windows = zip(lines, rows[order].split(counts), columns[order].split(counts))
    feats = torch.cat([_interpolate(*(part[None] for part in window)) for window in windows])
    ordered = torch.equal(order, torch.arange(len(order), device=order.device))
    return feats if ordered else feats[order.argsort()]


def _interpolate(lines: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Both products.

    Args:
        lines (Tensor): Maps of the windows, shape (B, T, h, w * C).
        rows (Tensor): Weights of :func:`axis_weights` of the M tubes of each, shape (B, M, T, s, h).
        columns (Tensor): The same, shape (B, M, T, s', w).

    Returns:
        Tensor: Shape (B * M, T, C, s, s'), channels-last in memory.
    """
    num_tubes, num_frames, size = rows.shape[1:4]
    num_windows, width = columns.shape[0], columns.shape[-1]
    # All tubes of a window share its maps.
    lines = rows.transpose(1, 2).flatten(2, 3) @ lines
    lines = lines.reshape(num_windows, num_frames, num_tubes, size, width, lines.shape[-1] // width)
    # (B, T, M, 1, s', w) x (B, T, M, s, w, C): one line of bins at a time. Tubes and frames change
    # places in the result, since it is w / s' times smaller than ``lines``.
    feats = columns.transpose(1, 2)[:, :, :, None] @ lines
    return feats.transpose(1, 2).flatten(0, 1).contiguous().permute(0, 1, 4, 2, 3)
