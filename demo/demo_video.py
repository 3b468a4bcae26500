"""Detects persons and their actions in a video file and draws them.

    python demo/demo_video.py VIDEO CONFIG CHECKPOINT --out out.mp4

writes ``out.mp4``, the video with boxes, labels and scores, and ``out.json`` (or ``--out-json``):

    video, fps, width, height, duration   of the source; duration in seconds
    config, checkpoint, classes           of the model; classes is null if the config names none
    stride_seconds, score_thr             of this run; --stride is rounded to whole frames of the model (1/12 s)
    detections                            list, one entry for each key time:
        time                              seconds from the video's first frame
        persons                           list, best first:
            id                            number of the person, the same at consecutive key times (an aid for drawing)
            bbox                          x1, y1, x2, y2 at the key time, pixels of the source
            actions                       list of {label, score}, best first, score from score_thr to 1
            tube                          list of {time, bbox}: the box at each feature frame of the clip
    broken_from                           second from which on the file is damaged, or null
    complete                              false if the run was broken off: detections are those up to then

Between the times of the tubes boxes are interpolated. Memory does not grow with the length of the video. A run that is
broken off (Ctrl-C, SIGTERM, an error) keeps what it has: video and JSON end there.
"""
import argparse
import os.path as osp
import signal
import sys
from contextlib import ExitStack
from typing import List, Optional

import cv2
import numpy as np
from mmengine.config import DictAction
from mmengine.utils import ProgressBar

import mmstep  # noqa: F401  registers the components and repairs the stack
from mmstep.apis import (DetectionLog, KeyFrame, PersonMatcher, VideoError, VideoPainter, VideoSource, VideoWriter,
                         class_names, detect_video, init_detector, key_times, paint_strip, window_layout)
from mmstep.engine.launch import run_tool

STRIP_COLUMNS = 5


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Detect persons and their actions in a video file')
    parser.add_argument('video', help='any file that decord or OpenCV reads')
    parser.add_argument('config', help='config file of the model')
    parser.add_argument('checkpoint', help='checkpoint file of the model')
    parser.add_argument('--out', required=True, metavar='OUT.mp4', help='the video with what was found drawn in')
    parser.add_argument('--out-json', metavar='OUT.json', help='the detections (default: --out with .json)')
    parser.add_argument('--out-image', metavar='OUT.png', help='a picture of some key frames, a row for each step')
    parser.add_argument('--score-thr', type=float, default=0.3, help='actions under it are left out (default: 0.3)')
    parser.add_argument('--stride', type=float, metavar='SECONDS', help='time between key frames (default: one clip)')
    parser.add_argument('--batch-size', type=int, default=1, help='windows in the model at once (default: 1)')
    parser.add_argument('--device', help='cpu, cuda:0 ... (default: the first GPU, or the CPU without one)')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='override the config: key=value')
    args = parser.parse_args()
    if not 0 <= args.score_thr <= 1:
        parser.error(f'--score-thr must be from 0 to 1, got {args.score_thr}')
    if args.stride is not None and args.stride <= 0:
        parser.error(f'--stride must be more than 0 seconds, got {args.stride}')
    if args.batch_size < 1:
        parser.error(f'--batch-size must be at least 1, got {args.batch_size}')
    args.out_json = args.out_json or osp.splitext(args.out)[0] + '.json'
    if osp.realpath(args.out) == osp.realpath(args.video):
        parser.error(f'--out {args.out} is the video that is read')
    return args


def strip_indices(count: int, columns: int = STRIP_COLUMNS) -> List[int]:
    """Which of ``count`` key frames go into the picture: at most ``columns``, evenly spread, none at the very ends."""
    return sorted({int((column + 0.5) * count / columns) for column in range(columns)})


def write_image(path: str, picture: np.ndarray) -> None:
    """Writes an RGB picture."""
    if not cv2.imwrite(path, picture[..., ::-1]):
        raise VideoError(f'{path} cannot be written. Is the folder there and writable, and does its name end '
                         'with .png or .jpg?')


def main() -> None:
    """Runs the demo."""
    args = parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    source = VideoSource(args.video)
    model = init_detector(args.config, args.checkpoint, args.device, args.cfg_options)
    layout = window_layout(model.cfg)
    stride = layout.round_stride(args.stride)
    header = dict(
        video=args.video,
        fps=round(source.fps, 4),
        width=source.width,
        height=source.height,
        duration=round(source.duration, 3),
        config=args.config,
        checkpoint=args.checkpoint,
        classes=class_names(model.cfg),
        stride_seconds=round(stride, 4),
        score_thr=args.score_thr)
    count = len(key_times(source.duration, stride))
    chosen, pictured, matcher = strip_indices(count), [], PersonMatcher()
    print(f'{source}\nkey frames: {count}, one every {stride:.3g} s')
    with ExitStack() as stack:
        writer = stack.enter_context(VideoWriter(args.out, source.fps, (source.width, source.height)))
        log = stack.enter_context(DetectionLog(args.out_json, header))
        again = VideoSource(args.video, warn=False)
        painter = VideoPainter(again, writer, reach=layout.clip_seconds)
        bar = ProgressBar(count)
        key_frames = detect_video(model, model.cfg, source, stride, args.score_thr, args.batch_size)
        for index, key_frame in enumerate(key_frames):
            matcher.update(key_frame)
            log.add(key_frame)
            painter.add(key_frame)
            if index in chosen:
                pictured.append(key_frame)
            last = key_frame
            bar.update()
        painter.finish()
        # With a long stride the damage may lie where only the painter came.
        log.broken_from = again.broken_from if source.broken_from is None else source.broken_from
        log.complete = True
    # A damaged video may end before the first chosen one.
    report(args, source, pictured or [last], log.broken_from)


def report(args: argparse.Namespace, source: VideoSource, pictured: List[KeyFrame],
           broken_from: Optional[float]) -> None:
    """Writes the picture, if asked for, and says where things lie."""
    if broken_from is not None:
        print(f'\n{args.video} is damaged from second {broken_from:.2f} on')
    print(f'\nvideo:   {args.out}\nJSON:    {args.out_json}')
    if args.out_image:
        write_image(args.out_image, paint_strip(source, pictured))
        print(f'picture: {args.out_image}')


if __name__ == '__main__':
    try:
        run_tool(main)
    except KeyboardInterrupt:
        sys.exit('\nbroken off: video and JSON hold what there was until now')
