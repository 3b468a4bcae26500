"""Detects persons and their actions in a video file and draws them::

    python demo/demo_video.py VIDEO CONFIG CHECKPOINT --out out.mp4
    python demo/demo_video.py VIDEO --out out.mp4      # by the model that comes with mmstep: drawn figures only

writes ``out.mp4``, the video with boxes, labels and scores, and ``out.json`` (or ``--out-json``)::

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

Pictures beside --out, if asked for::

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
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
from rich.progress import track

from mmstep.apis import (DetectionLog, KeyFrame, PersonTubes, STEPInferencer, VideoPainter, VideoRun, VideoSource,
                         VideoWriter, paint_contact_sheet, paint_steps, paint_strip, require_steps, trace_steps)
from mmstep.apis.files.detection_log import is_detection_log
from mmstep.apis.init_detector import require_weights
from mmstep.apis.video_run import seekable
from mmstep.engine.arguments import add_config_argument, add_inference_arguments, add_picture_arguments
from mmstep.utils import refuse_overwriting, write_image
from mmstep.video import PictureFolder, files_of_input
from mmstep.visualization import plot_tubes

STRIP_COLUMNS = 5
SHEET_CELLS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Detect persons and their actions in a video file'
    parser.epilog = 'example: %(prog)s video.mp4 CONFIG CHECKPOINT --out out.mp4'
    parser.add_argument('video', help='any file that FFmpeg reads, or a folder of numbered pictures with --fps')
    add_config_argument(parser, nargs='?', default='step_tiny_mini-ava')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint file of the model; none for a fusion of trained streams (default: the weights that come with '
        'the model)')
    parser.add_argument(
        '--out',
        metavar='OUT.mp4',
        help='the video with what was found drawn in (default: VIDEO_detected.mp4 in this folder)')
    parser.add_argument('--out-json', metavar='OUT.json', help='the detections (default: --out with .json)')
    parser.add_argument('--out-image', metavar='OUT.png', help='a picture of some key frames, a row for each step')
    parser.add_argument('--steps', action='store_true', help='also OUT_steps.png: how the boxes move over the steps')
    parser.add_argument('--tubes-3d', action='store_true', help='also OUT_tubes.png: the tubes in time, x and y')
    parser.add_argument('--contact-sheet', action='store_true', help='also OUT_sheet.png: the video on one page')
    parser.add_argument('--score-thr', type=float, default=0.3, help='actions under it are left out (default: 0.3)')
    parser.add_argument('--stride', type=float, metavar='SECONDS', help='time between key frames (default: one clip)')
    parser.add_argument('--batch-size', type=int, default=1, help='windows in the model at once (default: 1)')
    add_picture_arguments(parser)
    add_inference_arguments(parser)


def parse_args(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_intermixed_args(argv)  # CHECKPOINT may stand behind options
    if not 0 <= args.score_thr <= 1:
        parser.error(f'--score-thr must be from 0 to 1, got {args.score_thr}')
    if args.stride is not None and not 0 < args.stride < float('inf'):
        parser.error(f'--stride must be more than 0 seconds, got {args.stride}')
    if args.batch_size < 1:
        parser.error(f'--batch-size must be at least 1, got {args.batch_size}')
    if args.fps is not None and not osp.isdir(args.video):
        parser.error(f'--fps is for a folder of pictures; {args.video} has a rate of its own')
    args.out = args.out or f'{osp.splitext(osp.basename(osp.abspath(args.video)))[0]}_detected.mp4'
    if args.out_json is None:
        args.out_json = osp.splitext(args.out)[0] + '.json'
        # Nobody named this file: one of another kind is somebody's own.
        if osp.isfile(args.out_json) and not is_detection_log(args.out_json):
            parser.error(f'{args.out_json} is there and has no detections: say with --out-json where to write them')
    return args


def picture_paths(args: argparse.Namespace) -> Dict[str, str]:
    """The files of the pictures that are asked for, by what they show."""
    name = osp.splitext(args.out)[0]
    wanted = dict(strip=args.out_image, steps=args.steps, tubes=args.tubes_3d, sheet=args.contact_sheet)
    return {kind: args.out_image if kind == 'strip' else f'{name}_{kind}.png' for kind, on in wanted.items() if on}


def strip_indices(count: int, columns: int = STRIP_COLUMNS) -> List[int]:
    """Which of ``count`` key frames go into the picture: at most ``columns``, evenly spread, none at the very ends."""
    return sorted({int((column + 0.5) * count / columns) for column in range(columns)})


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the demo."""
    args = parse_args(argv)
    refuse_overwriting([args.out, args.out_json, *picture_paths(args).values()],
                       [*files_of_input(args.video), args.config, args.checkpoint])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    source = PictureFolder(args.video, args.fps) if osp.isdir(args.video) else VideoSource(args.video)
    args.checkpoint = require_weights(args.config, args.checkpoint)
    inferencer = STEPInferencer(
        args.config,
        args.checkpoint,
        args.device,
        args.cfg_options,
        backend=args.backend,
        dtype=args.dtype,
        flow_method=args.flow_method)
    if args.steps:
        require_steps(inferencer.model)
    run = inferencer.pipeline(
        source,
        stride=args.stride,
        score_thr=args.score_thr,
        batch_size=args.batch_size,
        model_fps=args.model_fps,
        keep='nothing')
    with run:
        detect(args, run)


def detect(args: argparse.Namespace, run: VideoRun) -> None:
    """Detects, and draws and writes what is found as it comes.

    Args:
        args (argparse.Namespace): The command line.
        run (VideoRun): The opened video.
    """
    source, count = seekable(run.source), run.num_key_frames
    kept: Dict[int, Optional[KeyFrame]] = {
        index: None
        for cells in (STRIP_COLUMNS, SHEET_CELLS)
        for index in strip_indices(count, cells)
    }
    tubes = PersonTubes(run.stride, source.duration)
    print(f'{source}\nkey frames: {count}, one every {run.stride:.3g} s')
    with ExitStack() as stack:
        writer = stack.enter_context(VideoWriter(args.out, source.fps, (source.width, source.height)))
        log = stack.enter_context(DetectionLog(args.out_json, run.result))
        again = stack.enter_context(run.reopened())
        assert again is not None  # a file can be opened again
        painter = VideoPainter(again, writer, reach=run.layout.clip_seconds)
        for index, key_frame in enumerate(track(run, description='key frames', total=count)):
            log.add(key_frame)
            painter.add(key_frame)
            if args.tubes_3d:
                tubes.add(key_frame)
            if index in kept:
                kept[index] = key_frame
            last = key_frame
        painter.finish()
        run.note_damage(again)
    broken_from = run.result['broken_from']
    if broken_from is not None:
        print(f'{args.video} is damaged from second {broken_from:.2f} on')
    print(f'video:   {args.out}\nJSON:    {args.out_json}')
    # A damaged video may end before the first chosen one.
    found = {index: key_frame for index, key_frame in kept.items() if key_frame is not None}
    pictured, sheet = ([found[index] for index in strip_indices(count, cells) if index in found] or [last]
                       for cells in (STRIP_COLUMNS, SHEET_CELLS))
    for path, picture in paint_pictures(args, run, pictured, sheet, tubes):
        write_image(path, picture)
        print(f'picture: {path}')


def paint_pictures(args: argparse.Namespace, run: VideoRun, pictured: List[KeyFrame], sheet: List[KeyFrame],
                   tubes: PersonTubes) -> Iterator[Tuple[str, np.ndarray]]:
    """Paints the pictures that are asked for.

    Args:
        args (argparse.Namespace): The command line.
        run (VideoRun): The video's run, finished and still open.
        pictured (list[KeyFrame]): A few key frames.
        sheet (list[KeyFrame]): More of them.
        tubes (PersonTubes): Everybody over the whole video.

    Yields:
        tuple[str, np.ndarray]: File name and picture.
    """
    paths, source = picture_paths(args), seekable(run.source)
    if args.out_image:
        yield paths['strip'], paint_strip(source, pictured)
    if args.steps:
        traces = [trace_steps(run.model, run.layout, source, key_frame) for key_frame in pictured]
        yield paths['steps'], paint_steps(source, pictured, traces)
    if args.tubes_3d:
        first = source.frames_at([0.0])
        yield paths['tubes'], plot_tubes(tubes.tubes(), (source.width, source.height), source.duration,
                                         [(0.0, first[0])], osp.basename(args.video))
    if args.contact_sheet:
        yield paths['sheet'], paint_contact_sheet(source, sheet)
