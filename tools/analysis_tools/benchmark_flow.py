"""Compares the methods of optical flow on a motion that is known: a textured picture turned by a few degrees.

    python tools/analysis_tools/benchmark_flow.py

Prints a Markdown table: mean end-point error in pixels, seconds a pair (the fastest of some), seconds of CPU a pair
(of all threads together), and error and CPU time relative to the default method. The picture is made from a seed.
"""
import argparse
import platform
import time
from typing import Callable, Tuple

import cv2
import numpy as np

import mmstep  # noqa: F401
from mmstep.datasets.optical_flow import METHODS, build_flow
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError

DEFAULT = 'pyramid'
ON_CPU = ('pyramid', 'deepflow', 'dis', 'tvl1')
MARGIN = 1.5  # the picture is cut out of one so many times as large, so that turning shows no border
OCTAVES = (3, 6, 12, 24, 48, 96)  # sizes of the texture's spots in pixels


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Compare methods of optical flow')
    parser.add_argument('--methods', nargs='+', choices=sorted(METHODS), default=ON_CPU, help='what to compare')
    parser.add_argument('--size', type=int, default=400, help='side of the picture in pixels, at least 64')
    parser.add_argument('--degrees', type=float, default=5., help='rotation about the centre')
    parser.add_argument('--repeats', type=int, default=3, help='pairs that are timed')
    parser.add_argument('--threads', type=int, default=2, help="OpenCV's threads")
    parser.add_argument('--seed', type=int, default=0, help='another seed gives another picture')
    args = parser.parse_args()
    for name, least in (('size', 64), ('repeats', 1), ('threads', 1), ('seed', 0)):
        if getattr(args, name) < least:
            parser.error(f'--{name} must be at least {least}, got {getattr(args, name)}')
    return args


def make_texture(side: int, seed: int) -> np.ndarray:
    """Spots of several sizes, the larger the stronger, as in natural pictures: (side, side) float32 in 0..255."""
    rng = np.random.default_rng(seed)
    texture = np.zeros((side, side), dtype=np.float32)
    for spot in OCTAVES:
        noise = rng.standard_normal((side, side)).astype(np.float32)
        layer = cv2.GaussianBlur(noise, (0, 0), spot / 2)
        texture += np.sqrt(spot) * layer / layer.std()
    return (127.5 + 40 * texture / texture.std()).clip(0, 255)


def make_pair(size: int, degrees: float, seed: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two pictures and the flow between them.

    Args:
        size (int): Side in pixels.
        degrees (float): Rotation about the centre.
        seed (int): Seed of the texture.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: Pictures (size, size) uint8, flow (size, size, 2) pixels.
    """
    side = round(size * MARGIN)
    texture = make_texture(side, seed)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), degrees, 1)
    turned = cv2.warpAffine(texture, turn, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    inner = slice((side - size) // 2, (side - size) // 2 + size)
    y, x = np.mgrid[inner, inner].astype(np.float64)
    flow = np.stack([x, y, np.ones_like(x)], axis=2) @ turn.T - np.stack([x, y], axis=2)
    first, second = (np.rint(picture[inner, inner].clip(0, 255)).astype(np.uint8) for picture in (texture, turned))
    return first, second, flow


def measure(estimate: Callable, first: np.ndarray, second: np.ndarray, flow: np.ndarray,
            repeats: int) -> Tuple[float, float, float]:
    """Mean end-point error in pixels, and the seconds and CPU seconds that a pair takes, the least of the repeats."""
    error = float(np.linalg.norm(estimate(first, second) - flow, axis=2).mean())
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        estimate(first, second)
        seconds.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return (error, *np.min(seconds, axis=0).tolist())


def main() -> None:
    args = parse_args()
    cv2.setNumThreads(args.threads)
    first, second, flow = make_pair(args.size, args.degrees, args.seed)
    results = {}
    for method in dict.fromkeys([DEFAULT, *args.methods]):
        try:
            results[method] = measure(build_flow(method), first, second, flow, args.repeats)
        except ValueError as error:
            raise LaunchError(str(error)) from error
    print(f'{args.degrees:g} degrees, {args.size}x{args.size}, displacements up to '
          f'{np.linalg.norm(flow, axis=2).max():.1f} px; {args.threads} threads, OpenCV {cv2.__version__}, '
          f'{platform.processor() or platform.machine()}\n')
    print('| method | mean end-point error, px | s per pair | CPU s per pair | error / default | CPU / default |')
    print('|---|---|---|---|---|---|')
    for method, (error, seconds, cpu) in results.items():
        name = f'{method} (default)' if method == DEFAULT else method
        print(f'| {name} | {error:.2f} | {seconds:.3f} | {cpu:.3f} | {error / results[DEFAULT][0]:.2f} | '
              f'{cpu / results[DEFAULT][2]:.2f} |')


if __name__ == '__main__':
    run_tool(main)
