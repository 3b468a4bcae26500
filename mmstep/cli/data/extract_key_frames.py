"""Writes the frame shown at each key time of a video as a picture, for people to annotate.

    python tools/data/extract_key_frames.py kitchen_01.mp4 --out pictures
    python tools/data/extract_key_frames.py kitchen_01.mp4 --out pictures --every 2

The picture of second 12 is kitchen_01_0012.jpg, with --every 0.5 that of 12.5 kitchen_01_0012.500.jpg. It is the frame
that training takes for ``kitchen_01,12,...``.
"""
import argparse
import os.path as osp
from pathlib import Path
from typing import Optional, Sequence, Union

from mmstep.datasets.ava_files import key_time, seconds_every
from mmstep.engine.arguments import add_picture_arguments
from mmstep.utils.images import write_image
from mmstep.utils.overwriting import refuse_overwriting
from mmstep.video import PictureFolder, files_of_input
from mmstep.video.video_source import VideoSource


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Key frames of a video as pictures'
    parser.epilog = 'example: %(prog)s kitchen_01.mp4 --out pictures --every 2'
    parser.add_argument('video', help='the video file, or a folder of numbered pictures with --fps')
    parser.add_argument('--out', type=Path, required=True, help='folder for the pictures')
    parser.add_argument('--every', type=float, default=1, help='seconds from one picture to the next, 1 by default')
    add_picture_arguments(parser)


def parse_args(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    if not 0.001 <= args.every < float('inf'):
        parser.error(f'--every must be at least 0.001 and finite, got {args.every}')
    return args


def main(argv: Optional[Sequence[str]] = None) -> None:
    args = parse_args(argv)
    source: Union[PictureFolder, VideoSource]
    source = PictureFolder(args.video, args.fps) if osp.isdir(args.video) else VideoSource(args.video)
    seconds = seconds_every(args.every, source.times[-1])
    paths = [args.out / f'{Path(args.video).stem}_{key_time(second)}.jpg' for second in seconds]
    refuse_overwriting(paths, files_of_input(args.video))
    args.out.mkdir(parents=True, exist_ok=True)
    for second, path in zip(seconds, paths):
        write_image(str(path), source.frames_at([float(second)])[0])
    print(f'{args.out}: {len(paths)} pictures of {args.video}, {paths[0].name} to {paths[-1].name}')
