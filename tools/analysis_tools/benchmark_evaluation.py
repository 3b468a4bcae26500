"""Time and memory of the evaluation, on simulated detections: no data are needed.

    python tools/analysis_tools/benchmark_evaluation.py ava                     # as large as AVA's validation set
    python tools/analysis_tools/benchmark_evaluation.py ava --reference 1000    # 1000 windows by AVAMetric too
    python tools/analysis_tools/benchmark_evaluation.py ucf101-24               # as large as UCF101-24's test set
    python tools/analysis_tools/benchmark_evaluation.py plain                   # tubes against plain loops

``ava``: 57,408 key seconds with 300 detections at each of three steps, 80 classes of which 60 are scored.
``ucf101-24``: 910 videos, a window at every frame with 11 tubes of 24 classes at each of three steps. Both measure the
metric that the configs use, as a test does: the collecting window by window and the figures in the end, in seconds
and, of all processes, in CPU seconds; what the collected windows take; and the most memory of the whole program.

``plain``: 42 videos with 19,000 tubelets. On one core frame-mAP, linking, video-mAP at 13 thresholds and the whole,
and the same in plain loops (``plain_evaluation.py``) on some of the videos, whose figures must be equal. Memory is
that of the arrays made by the evaluation, without the detections themselves, for the videos and for a quarter of them.

Ratios, unlike seconds, compare between machines.
"""
import argparse
import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import pickle
import re
import resource
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, Tuple
from unittest import mock

import numpy as np
import torch
from mmaction.evaluation import AVAMetric
from mmengine.evaluator import BaseMetric
from plain_evaluation import plain_evaluation
from simulated_detections import AVA_ACTIONS, ava_files, ava_predictions, random_set, ucf_file, ucf_predictions

from mmstep.evaluation import (StepwiseAVAMetric, TubeMetric, evaluate_tubelets, frame_map, get_rules, link_tubes,
                               video_map)
from mmstep.structures import TubeGroundTruth, Tubelets, select_tubelets, step_key, tubelets_by_video

FRAME_THRS = (0.5, )
VIDEO_THRS = (0.05, 0.1, 0.2, *np.linspace(0.5, 0.95, 10).round(2).tolist())
CLIP_LEN = 6


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parts = parser.add_subparsers(dest='part', required=True)
    ava = parts.add_parser('ava', help='StepwiseAVAMetric at the size of AVA')
    ava.add_argument('--windows', type=int, default=57408)
    ava.add_argument('--detections', type=int, default=300, help='of each window and step')
    ava.add_argument('--reference', type=int, default=0, metavar='WINDOWS', help="windows that AVAMetric scores too")
    ucf = parts.add_parser('ucf101-24', help='TubeMetric at the size of UCF101-24')
    ucf.add_argument('--videos', type=int, default=910)
    plain = parts.add_parser('plain', help='evaluation of tubes against plain loops')
    plain.add_argument('--videos', type=int, default=42)
    plain.add_argument('--tubelets', type=int, default=19000, help='of all videos')
    plain.add_argument('--clip-len', type=int, default=CLIP_LEN, help='frames K of a tubelet')
    plain.add_argument('--classes', type=int, default=24)
    plain.add_argument('--plain-videos', type=int, default=2, help='videos that are evaluated in plain loops too')
    for part in (ava, ucf):
        part.add_argument('--steps', type=int, default=3)
    for part in (ava, ucf, plain):
        part.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    if min(value for name, value in vars(args).items()
           if isinstance(value, int) and name not in ('seed', 'reference')) < 1:
        parser.error('all sizes must be at least 1')
    if args.part == 'plain':
        if args.tubelets < args.videos:
            parser.error('there must be a tubelet for each video')
        args.plain_videos = min(args.plain_videos, args.videos)
    return args


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that ended."""
    return sum(usage.ru_utime + usage.ru_stime
               for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def peak_gib() -> Tuple[float, float]:
    """Most memory that this process and that its largest child held."""
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own / 2**20, child / 2**20


def run_metric(metric: BaseMetric, samples: Iterable[dict]) -> Dict[str, float]:
    """Feeds a metric as a test does, prints what that took, and gives its figures."""
    before, count, collecting = peak_gib()[0], 0, 0.
    for sample in samples:
        start = time.process_time()
        metric.process(None, [sample])
        collecting += time.process_time() - start
        count += 1
    kept = sum(len(pickle.dumps(metric.results[index:index + 1000], 4)) for index in range(0, count, 1000))
    start, cpu = time.perf_counter(), cpu_seconds()
    with contextlib.redirect_stdout(io.StringIO()):
        figures = metric.evaluate(count)
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    own, child = peak_gib()
    print(f'{type(metric).__name__}, {count} windows: collecting {collecting:.1f} CPU s, {kept / 2**20:.0f} MiB kept; '
          f'figures {seconds:.1f} s, {cpu:.1f} CPU s; peak {own:.2f} GiB ({before:.2f} before)'
          f'{f", of another process {child:.2f} GiB" if child else ""}')
    return figures


def digest(figures: Dict[str, float]) -> str:
    """A short text that differs if any bit of any figure does."""
    text = json.dumps({name: float(value).hex() for name, value in sorted(figures.items())})
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class OneProcess:
    """Stands in for the 32 processes that AVAMetric starts and never ends; the result is the same."""

    def __init__(self, *_: object) -> None:
        pass

    def map(self, function: Callable, items: Iterable) -> list:
        """As ``Pool.map``."""
        return [function(item) for item in items]


def by_ava_metric(files: Dict[str, str], samples: List[dict], step: int) -> Tuple[Dict[str, float], Dict[str, float]]:
    """AVAMetric's figures of a step, and the average precisions that it prints, with four decimals, by class."""
    metric, printed = AVAMetric(num_classes=AVA_ACTIONS + 1, **files), io.StringIO()
    metric.process(None, [dict(sample, pred_instances=tensors(sample[step_key(step)])) for sample in samples])
    with mock.patch.object(multiprocessing, 'Pool', OneProcess), contextlib.redirect_stdout(printed):
        figures = metric.evaluate(len(samples))
    classes = re.findall(r'Index: \d+, Action: (.*): AP: (\S+);', printed.getvalue())
    return ({
        name.replace('mAP/', ''): float(value)
        for name, value in figures.items()
    }, {
        name: float(value)
        for name, value in classes
    })


@contextlib.contextmanager
def working_directory(folder: str) -> Iterator[None]:
    """Works in another folder for a while."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def tensors(prediction: dict) -> dict:
    """AVAMetric takes no arrays."""
    return {name: torch.from_numpy(value) for name, value in prediction.items()}


def compare_with_ava_metric(files: Dict[str, str], seconds: List[tuple], args: argparse.Namespace) -> None:
    """Scores the same windows by AVAMetric and prints the differences and the ratio of the times."""
    samples = list(ava_predictions(seconds, args.steps, args.detections, args.seed))
    start = time.process_time()
    metric = StepwiseAVAMetric(num_steps=args.steps, num_classes=AVA_ACTIONS + 1, ties='mmaction', **files)
    read, start = time.process_time() - start, time.process_time()
    metric.process(None, samples)
    figures = metric.evaluate(len(samples))
    ours = time.process_time() - start
    start = time.process_time()
    means, classes = [], []
    with working_directory(os.path.dirname(files['ann_file'])):  # AVAMetric writes a csv there
        for step in range(1, args.steps + 1):
            their_means, their_classes = by_ava_metric(files, samples, step)
            means += [abs(value - figures[f'step{step}/{name}']) for name, value in their_means.items()]
            classes += [
                abs(value - figures[f'step{step}/AP/{name}']) for name, value in their_classes.items()
                if not np.isnan(value)
            ]
    theirs = time.process_time() - start - args.steps * read
    print(f"AVAMetric on {len(samples)} windows: the {len(means)} means differ by {max(means):.1g} at most, the "
          f'{len(classes)} average precisions by {max(classes):.1g} (it prints four decimals); '
          f'{theirs:.1f} CPU s without reading the annotations, StepwiseAVAMetric {ours:.1f}')


def run_ava(args: argparse.Namespace) -> None:
    """Measures StepwiseAVAMetric."""
    with tempfile.TemporaryDirectory() as folder:
        files, seconds = ava_files(Path(folder), args.windows, args.seed)
        start = time.process_time()
        metric = StepwiseAVAMetric(num_steps=args.steps, num_classes=AVA_ACTIONS + 1, **files)
        print(f'annotations read in {time.process_time() - start:.1f} CPU s')
        figures = run_metric(metric, ava_predictions(seconds, args.steps, args.detections, args.seed))
        print(', '.join(f'{name} {100 * figures[name]:.4f}' for name in figures if name.endswith('overall')),
              f'all {len(figures)} figures: {digest(figures)}')
        if args.reference:
            compare_with_ava_metric(files, seconds[:args.reference], args)


def run_ucf(args: argparse.Namespace) -> None:
    """Measures TubeMetric."""
    with tempfile.TemporaryDirectory() as folder:
        path, sets = ucf_file(Path(folder), args.videos, args.seed)
        metric = TubeMetric(path, CLIP_LEN, num_steps=args.steps, trim=dict(switch_cost=1.))
        figures = run_metric(metric, ucf_predictions(sets, args.steps, CLIP_LEN, args.seed))
        print(', '.join(f'{name} {100 * figures[name]:.4f}' for name in figures if name.endswith('-mAP@0.5')),
              f'all {len(figures)} figures: {digest(figures)}')


def first_videos(truth: TubeGroundTruth, tubelets: Tubelets, count: int) -> Tuple[TubeGroundTruth, Tubelets]:
    """The part of the first videos."""
    tubes = int((truth.tube_video < count).sum())
    rows = truth.row_tube < tubes
    part = truth._replace(
        videos=truth.videos[:count],
        nframes=truth.nframes[:count],
        resolution=truth.resolution[:count],
        rows=truth.rows[rows],
        row_tube=truth.row_tube[rows],
        tube_video=truth.tube_video[:tubes],
        tube_label=truth.tube_label[:tubes])
    return part, select_tubelets(tubelets, tubelets.video < count)


def timed(function: Callable, *args, **kwargs) -> Tuple[float, object]:
    """Processor seconds of a call, and its result."""
    start = time.process_time()
    result = function(*args, **kwargs)
    return time.process_time() - start, result


def peak_mib(truth: TubeGroundTruth, tubelets: Tubelets, rules: str) -> float:
    """Most memory at once during a whole evaluation."""
    tracemalloc.start()
    evaluate_tubelets(truth, tubelets, rules=rules, video_iou_thrs=VIDEO_THRS)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return peak


def run_plain(args: argparse.Namespace) -> None:
    """Measures both rule sets and prints a table."""
    truth, tubelets = random_set(args.videos, args.tubelets, args.clip_len, args.classes, args.seed)
    quarter = first_videos(truth, tubelets, max(args.videos // 4, 1))
    few_truth, few = first_videos(truth, tubelets, args.plain_videos)
    print(f'{args.videos} videos, {len(tubelets.video)} tubelets of {args.clip_len} frames, {args.classes} classes; '
          f'numpy {np.__version__}')
    print(f'{"rules":<8}{"frame-mAP":>11}{"linking":>10}{"video-mAP":>11}{"whole, s":>10}{"plain loops, s *":>18}'
          f'{"ratio":>8}{"peak MiB":>10}{"a quarter":>11}')
    for name in ('act', 'moc'):  # what the plain loops know
        frame_time, _ = timed(frame_map, truth, tubelets, name, FRAME_THRS)
        parts = tubelets_by_video(tubelets, args.videos)
        link_time, tubes = timed(lambda: {video: link_tubes(found, args.classes, name) for video, found in parts})
        video_time, _ = timed(video_map, truth, tubes, VIDEO_THRS, name)
        del tubes
        settings = dict(rules=name, frame_iou_thrs=FRAME_THRS, video_iou_thrs=VIDEO_THRS)
        whole, _ = timed(evaluate_tubelets, truth, tubelets, **settings)
        few_time, result = timed(evaluate_tubelets, few_truth, few, **settings)
        plain_time, (frame, video) = timed(plain_evaluation, few_truth, few, get_rules(name), FRAME_THRS, VIDEO_THRS)
        found = [*(result.frame[thr]['mAP'] for thr in frame), *(result.video[thr]['mAP'] for thr in video)]
        if not np.allclose(found, [*frame.values(), *video.values()], atol=1e-6):
            raise SystemExit(f'{name}: plain loops found {frame} and {video}, and the evaluation {found}')
        print(f'{name:<8}{frame_time:>11.2f}{link_time:>10.2f}{video_time:>11.2f}{whole:>10.2f}'
              f'{plain_time * args.videos / args.plain_videos:>18.1f}{plain_time / few_time:>8.1f}'
              f'{peak_mib(truth, tubelets, name):>10.1f}{peak_mib(*quarter, name):>11.1f}')
    print(f'* of the annotated classes only, {args.plain_videos} videos measured, scaled to all')


def main() -> None:
    """Measures one part."""
    args = parse_args()
    {'ava': run_ava, 'ucf101-24': run_ucf, 'plain': run_plain}[args.part](args)


if __name__ == '__main__':
    main()
