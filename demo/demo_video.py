"""Detects persons and their actions in a video file and draws them.

    python demo/demo_video.py VIDEO CONFIG CHECKPOINT --out out.mp4

writes ``out.mp4``, the video with boxes, labels and scores, and ``out.json`` (or ``--out-json``):

    video, fps, width, height, duration   of the source; duration in seconds
    error                                 null
    config, checkpoint, classes           of the model; classes is empty if the config names none
    class_ids                             their numbers in the label map
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

Pictures beside --out, if asked for:

    --steps            OUT_steps.png: some key frames; the initial tubes of the persons found there in the first row,
                       then what each step made of them, with the best action
    --tubes-3d         OUT_tubes.png: everybody's boxes over the whole video, in three dimensions
    --contact-sheet    OUT_sheet.png: key frames of the whole video on one page
    --out-image PNG    some key frames, a row for what was found after each step

Between the times of the tubes boxes are interpolated. Memory does not grow with the length of the video. A run that is
broken off (Ctrl-C, SIGTERM, an error) keeps what it has: video and JSON end there.
"""
import argparse
import os.path as osp
import signal
import sys
from contextlib import ExitStack
from typing import Iterator, List, Tuple

import numpy as np
from mmengine.config import DictAction
from mmengine.utils import ProgressBar
from torch import nn

import mmstep  # noqa: F401  registers the components and repairs the stack
from mmstep.apis import (DetectionLog, KeyFrame, PersonMatcher, PersonTubes, VideoPainter, VideoSource, VideoWriter,
                         WindowLayout, class_ids, class_names, detect_video, init_detector, key_times,
                         paint_contact_sheet, paint_steps, paint_strip, require_steps, source_fields, trace_steps,
                         video_layout)
from mmstep.engine.launch import run_tool
from mmstep.utils import write_image
from mmstep.visualization import plot_tubes

STRIP_COLUMNS = 5
SHEET_CELLS = 20


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Detect persons and their actions in a video file')
    parser.add_argument('video', help='any file that decord or OpenCV reads')
    parser.add_argument('config', help='config file of the model')
    parser.add_argument('checkpoint', help='checkpoint file of the model')
    parser.add_argument('--out', required=True, metavar='OUT.mp4', help='the video with what was found drawn in')
    parser.add_argument('--out-json', metavar='OUT.json', help='the detections (default: --out with .json)')
    parser.add_argument('--out-image', metavar='OUT.png', help='a picture of some key frames, a row for each step')
    parser.add_argument('--steps', action='store_true', help='also OUT_steps.png: how the boxes move over the steps')
    parser.add_argument('--tubes-3d', action='store_true', help='also OUT_tubes.png: the tubes in time, x and y')
    parser.add_argument('--contact-sheet', action='store_true', help='also OUT_sheet.png: the video on one page')
    parser.add_argument('--score-thr', type=float, default=0.3, help='actions under it are left out (default: 0.3)')
    parser.add_argument('--stride', type=float, metavar='SECONDS', help='time between key frames (default: one clip)')
    parser.add_argument('--batch-size', type=int, default=1, help='windows in the model at once (default: 1)')
    parser.add_argument(
        '--model-fps',
        type=float,
        metavar='FPS',
        help='for a model of native frames (UCF101-24: 25): '
        'the rate of the videos it was trained on (default: the video\'s own)')
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


def main() -> None:
    """Runs the demo."""
    args = parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    source = VideoSource(args.video)
    model = init_detector(args.config, args.checkpoint, args.device, args.cfg_options)
    if args.steps:
        require_steps(model)
    layout = video_layout(model.cfg, source, args.model_fps)
    stride = layout.round_stride(args.stride)
    names = class_names(model.cfg) or []
    header = dict(
        video=args.video,
        error=None,
        **source_fields(source),
        config=args.config,
        checkpoint=args.checkpoint,
        classes=names,
        class_ids=class_ids(model.cfg, len(names)),
        stride_seconds=round(stride, 4),
        score_thr=args.score_thr)
    count = len(key_times(source.times[-1], stride))
    kept = {index: None for cells in (STRIP_COLUMNS, SHEET_CELLS) for index in strip_indices(count, cells)}
    matcher, tubes = PersonMatcher(), PersonTubes(stride, source.duration)
    print(f'{source}\nkey frames: {count}, one every {stride:.3g} s')
    with ExitStack() as stack:
        writer = stack.enter_context(VideoWriter(args.out, source.fps, (source.width, source.height)))
        log = stack.enter_context(DetectionLog(args.out_json, header))
        again = VideoSource(args.video, warn=False)
        painter = VideoPainter(again, writer, reach=layout.clip_seconds)
        bar = ProgressBar(count)
        key_frames = detect_video(model, model.cfg, source, stride, args.score_thr, args.batch_size, args.model_fps)
        for index, key_frame in enumerate(key_frames):
            matcher.update(key_frame)
            log.add(key_frame)
            painter.add(key_frame)
            if args.tubes_3d:
                tubes.add(key_frame)
            if index in kept:
                kept[index] = key_frame
            last = key_frame
            bar.update()
        painter.finish()
        # With a long stride the damage may lie where only the painter came.
        log.broken_from = again.broken_from if source.broken_from is None else source.broken_from
        log.complete = True
    if log.broken_from is not None:
        print(f'\n{args.video} is damaged from second {log.broken_from:.2f} on')
    print(f'\nvideo:   {args.out}\nJSON:    {args.out_json}')
    # A damaged video may end before the first chosen one.
    pictured, sheet = ([kept[index] for index in strip_indices(count, cells) if kept[index]] or [last]
                       for cells in (STRIP_COLUMNS, SHEET_CELLS))
    for path, picture in paint_pictures(args, model, layout, source, pictured, sheet, tubes):
        write_image(path, picture)
        print(f'picture: {path}')


def paint_pictures(args: argparse.Namespace, model: nn.Module, layout: WindowLayout, source: VideoSource,
                   pictured: List[KeyFrame], sheet: List[KeyFrame],
                   tubes: PersonTubes) -> Iterator[Tuple[str, np.ndarray]]:
    """Paints the pictures that are asked for.

    Args:
        args (argparse.Namespace): The command line.
        model (nn.Module): The detector.
        layout (WindowLayout): How its windows lie.
        source (VideoSource): The video.
        pictured (list[KeyFrame]): A few key frames.
        sheet (list[KeyFrame]): More of them.
        tubes (PersonTubes): Everybody over the whole video.

    Yields:
        tuple[str, np.ndarray]: File name and picture.
    """
    name = osp.splitext(args.out)[0]
    if args.out_image:
        yield args.out_image, paint_strip(source, pictured)
    if args.steps:
        traces = [trace_steps(model, layout, source, key_frame) for key_frame in pictured]
        yield f'{name}_steps.png', paint_steps(source, pictured, traces)
    if args.tubes_3d:
        first = source.frames_at([0.0])
        yield f'{name}_tubes.png', plot_tubes(tubes.tubes(), (source.width, source.height), source.duration,
                                              [(0.0, first[0])], osp.basename(args.video))
    if args.contact_sheet:
        yield f'{name}_sheet.png', paint_contact_sheet(source, sheet)


if __name__ == '__main__':
    try:
        run_tool(main)
    except KeyboardInterrupt:
        sys.exit('\nbroken off: video and JSON hold what there was until now')
