"""Measures the streaming detector on a video that is played over and over.

    python tools/analysis_tools/benchmark_stream.py configs/step/step_tiny_mini-ava.py VIDEO --minutes 30

prints, for so many minutes of video, as fast as the machine goes: seconds and CPU seconds of computing for a second of
video, decoding included; frames and key times a second, the latency (half a window, and the time from the frame that
completes it to the result), the resident memory minute by minute and its growth after minute 5, and how much faster
windows are when the features of their clips are reused. For the first ``--check-minutes`` every result is compared
with that of offline inference window by window, without reuse.

Without a checkpoint the weights are random, from a seed: times and memory do not depend on them.
"""
import argparse
import json
import os
import os.path as osp
import time
from typing import Iterator, List, Tuple

import numpy as np
import torch

import mmstep  # noqa: F401  registers the components and repairs the stack
from mmstep.apis import KeyFrame, StreamingDetector, VideoSource, detect_video, init_detector
from mmstep.engine.arguments import add_config_argument, add_inference_arguments
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.utils import refuse_overwriting, write_text

STATM = '/proc/self/statm'
SETTLED = 5  # minutes after which memory has to stay as it is


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Measure the streaming detector')
    add_config_argument(parser)
    parser.add_argument('video', help='a short video, played over and over')
    parser.add_argument('--checkpoint', help='weights (default: random ones)')
    parser.add_argument('--minutes', type=float, default=30, help='length of the stream (default: 30)')
    parser.add_argument('--check-minutes', type=float, default=1, help='compared with offline inference (default: 1)')
    parser.add_argument('--stride', type=float, metavar='SECONDS', help='time between key frames (default: one clip)')
    parser.add_argument('--score-thr', type=float, default=0.05, help='default: 0.05')
    add_inference_arguments(parser)
    parser.add_argument('--json', metavar='OUT.json', help='writes the figures')
    return parser.parse_args()


class LoopedVideo:
    """A video that is played over and over, with the part of :class:`VideoSource` that detection needs.

    Args:
        path (str): The file.
        minutes (float): How long it is played.
    """

    def __init__(self, path: str, minutes: float) -> None:
        self._source = VideoSource(path)
        self.path, self.fps = path, self._source.fps
        self.width, self.height = self._source.width, self._source.height
        self._length = self._source.duration
        laps = int(np.ceil(60 * minutes / self._length))
        times = (np.arange(laps)[:, None] * self._length + self._source.times).ravel()
        self.times = times[times < 60 * minutes - 0.5 / self.fps]

    def frames_at(self, times: List[float]) -> List[np.ndarray]:
        """The pictures on the screen at one time."""
        last = np.searchsorted(self.times, times[0] + 1e-3, side='right') - 1
        return self._source.frames_at([self._source.times[last % len(self._source.times)]])

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        for start in self.times:
            yield self.frames_at([start])[0], float(start)


def resident_mib() -> float:
    """Memory of this process that is in use, MiB.

    Raises:
        LaunchError: On a system that does not say.
    """
    if not osp.exists(STATM):
        raise LaunchError(f'{STATM} is not there: memory can be measured on Linux only')
    with open(STATM) as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 2**20


def stream(detector: StreamingDetector, frames: LoopedVideo) -> Iterator[Tuple[float, List[KeyFrame], float]]:
    """Streams a video.

    Yields:
        tuple[float, list[KeyFrame], float]: For each frame its time, the results that it completes, and the seconds
        from its arrival to them.
    """
    for frame, start in frames:
        before = time.perf_counter()
        found = detector.push(frame, start)
        yield start, found, time.perf_counter() - before
    yield float(frames.times[-1]), detector.finish(), 0.0


def run(detector: StreamingDetector, frames: LoopedVideo) -> Tuple[dict, List[float]]:
    """Measures a long stream.

    Returns:
        tuple[dict, list[float]]: Figures, and the memory at the start, after each minute of video and at the end, MiB.
    """
    waits, memory, count = [], [resident_mib()], 0
    begin, cpu = time.perf_counter(), time.process_time()
    for start, found, wait in stream(detector, frames):
        count += len(found)
        if found and wait:
            waits.append(wait)
        if start >= 60 * len(memory):
            memory.append(resident_mib())
            print(f'  minute {len(memory) - 1}: {memory[-1]:.1f} MiB', flush=True)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    length = float(frames.times[-1]) + 1 / frames.fps
    memory.append(resident_mib())
    return dict(
        video_seconds=round(float(frames.times[-1]), 2),
        wall_seconds=round(seconds, 2),
        seconds_per_video_second=round(seconds / length, 3),
        cpu_seconds_per_video_second=round(cpu / length, 3),
        frames_per_second=round(len(frames.times) / seconds, 1),
        key_times_per_second=round(count / seconds, 2),
        key_times=count,
        latency_window=round(detector.latency, 3),
        latency_computing_median=round(float(np.median(waits)), 3),
        latency_computing_p95=round(float(np.quantile(waits, 0.95)), 3)), memory


def largest_difference(one: KeyFrame, two: KeyFrame) -> Tuple[float, float]:
    """Largest difference of two results: boxes in pixels, scores. Infinite if they found different things."""
    if one.time != two.time or len(one.persons) != len(two.persons):
        return float('inf'), float('inf')
    boxes = scores = 0.0
    for a, b in zip(one.persons, two.persons):
        known = dict(b.actions)
        if set(known) != {label for label, _ in a.actions}:
            return float('inf'), float('inf')
        boxes = max(boxes, float(np.abs(a.tube - b.tube).max()), float(np.abs(a.bbox - b.bbox).max()))
        scores = max([scores, *(abs(score - known[label]) for label, score in a.actions)])
    return boxes, scores


def compare(model: torch.nn.Module, args: argparse.Namespace) -> dict:
    """Compares the stream's results with offline inference, and the median time of a window with and without reuse of
    features; needs a few windows."""
    frames = LoopedVideo(args.video, args.check_minutes)
    settings = dict(score_thr=args.score_thr, model_fps=args.model_fps)
    results, waits = [], []
    for reuse in (True, False):
        detector = StreamingDetector(model, None, args.stride, reuse_features=reuse, **settings)
        parts = [(found, wait) for _, found, wait in stream(detector, frames) if found]
        results.append([key_frame for found, _ in parts for key_frame in found])
        # The first windows warm the model up; the last part comes all at once.
        waits.append(float(np.median([wait for _, wait in parts[2:-1]])))
    offline = detect_video(
        model, model.cfg, frames, args.stride, args.score_thr, model_fps=args.model_fps, reuse_features=False)
    differences = [largest_difference(*pair) for pair in zip(results[0], offline, strict=True)]
    return dict(
        compared_key_times=len(differences),
        reuses_features=StreamingDetector(model, None, args.stride, **settings).reuses_features,
        largest_box_difference_pixels=max(box for box, _ in differences),
        largest_score_difference=max(score for _, score in differences),
        speed_up_by_reuse=round(waits[1] / waits[0], 2))


def main() -> None:
    """Runs the benchmark."""
    args = parse_args()
    refuse_overwriting([args.json], [args.config, args.checkpoint, args.video])
    torch.manual_seed(0)
    model = init_detector(args.config, args.checkpoint, args.device, args.cfg_options, args.backend, args.dtype)
    figures = {}
    if args.check_minutes > 0:
        figures.update(compare(model, args))
    detector = StreamingDetector(model, None, args.stride, args.score_thr, args.model_fps)
    measured, memory = run(detector, LoopedVideo(args.video, args.minutes))
    figures.update(measured)
    if len(memory) > SETTLED + 1:
        figures['memory_growth_mib'] = round(max(memory[SETTLED + 1:]) - memory[SETTLED], 1)
    figures['memory_mib'] = [round(value, 1) for value in memory]
    for name, value in figures.items():
        print(f'{name:<32}{value}')
    if args.json:
        write_text(args.json, json.dumps(figures, indent=1))


if __name__ == '__main__':
    run_tool(main)
