"""Time and peak memory of the evaluation of tubes.

    python tools/analysis_tools/benchmark_evaluation.py

Needs no data: it makes 42 videos with 19,000 tubelets of 6 frames and 24 classes. On one core it measures frame-mAP,
linking, video-mAP at 13 thresholds and the whole, and the same in plain loops (``plain_evaluation.py``) on some of
the videos, whose figures must be equal. Ratios, unlike seconds, compare between machines. Memory is that of the arrays
made by the evaluation, without the detections themselves, for the videos and for a quarter of them.
"""
import argparse
import time
import tracemalloc
from typing import Callable, Tuple

import numpy as np
from plain_evaluation import plain_evaluation

from mmstep.evaluation import evaluate_tubelets, frame_map, get_rules, link_tubes, video_map
from mmstep.structures import TubeGroundTruth, Tubelets, select_tubelets, tubelets_by_video

FRAME_THRS = (0.5, )
VIDEO_THRS = (0.05, 0.1, 0.2, *np.linspace(0.5, 0.95, 10).round(2).tolist())


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--videos', type=int, default=42)
    parser.add_argument('--tubelets', type=int, default=19000, help='of all videos')
    parser.add_argument('--clip-len', type=int, default=6, help='frames K of a tubelet')
    parser.add_argument('--classes', type=int, default=24)
    parser.add_argument('--plain-videos', type=int, default=2, help='videos that are evaluated in plain loops too')
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    if min(args.videos, args.clip_len, args.classes, args.plain_videos) < 1 or args.tubelets < args.videos:
        parser.error('all sizes must be at least 1, and there must be a tubelet for each video')
    args.plain_videos = min(args.plain_videos, args.videos)
    return args


def random_set(videos: int, count: int, clip_len: int, classes: int, seed: int) -> Tuple[TubeGroundTruth, Tubelets]:
    """Videos of 150 frames with up to three moving actors, and noisy tubelets on them at every start frame in turn."""
    rng = np.random.default_rng(seed)
    frames = np.arange(1, 151)
    rows, row_tube, tube_video, tube_label, tubelets = [], [], [], [], []
    for video in range(videos):
        label, actors = int(rng.integers(classes)), []
        for _ in range(int(rng.integers(1, 4))):
            corner, size, speed = rng.uniform(5, 150, 2), rng.uniform(30, 100, 2), rng.normal(0, 0.5, 2)
            boxes = np.tile([*corner, *(corner + size)], (150, 1)) + frames[:, None] * np.tile(speed, 2)
            first, last = int(rng.integers(40)), int(rng.integers(100, 150))
            rows.append(np.concatenate([frames[first:last, None], boxes[first:last]], axis=1))
            row_tube += [len(tube_video)] * (last - first)
            tube_video.append(video)
            tube_label.append(label)
            actors.append(boxes)
        for index in range(count // videos):
            start = index % (151 - clip_len)
            boxes = actors[int(rng.integers(len(actors)))][start:start + clip_len]
            boxes = boxes + rng.normal(0, rng.choice([4, 30]), 4) + rng.normal(0, 1, boxes.shape)
            boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
            scores = rng.dirichlet(np.full(classes, 0.3)) * rng.random()
            scores[label] = rng.random() * rng.choice([0.3, 1])
            tubelets.append((video, start + 1, boxes, scores))
    truth = TubeGroundTruth([f'class{index}' for index in range(classes)],
                            [f'video{index:05d}' for index in range(videos)], np.full(videos, 150),
                            np.tile([240, 320], (videos, 1)), np.concatenate(rows), np.array(row_tube),
                            np.array(tube_video), np.array(tube_label))
    video, start, boxes, scores = (np.array(column) for column in zip(*tubelets))
    return truth, Tubelets(video, start, boxes.astype(np.float32), scores.astype(np.float32))


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


def main() -> None:
    """Measures both rule sets and prints a table."""
    args = parse_args()
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


if __name__ == '__main__':
    main()
