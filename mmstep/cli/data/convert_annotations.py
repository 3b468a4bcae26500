"""Annotations of other programs as a data set for training, and detections as a task for a person to correct.

    convert_annotations.py cvat kitchen.xml yard.xml --videos data/mine/videos --out data/mine/annotations
    convert_annotations.py label-studio export.json --videos data/mine/videos --to tubes --out data/mine
    convert_annotations.py results kitchen_01.json --to cvat --out to_correct

From CVAT ("CVAT for video 1.1"), VIA 3, Label Studio ("JSON"), MOTChallenge (gt.txt and labels.txt), COCO's JSON for
video, YOWO's folder of labels, AVA's csv, tables of one's own (tools/data/README.md) and the inferencer's JSON. To
``ava`` (train.csv, val.csv, actions.pbtxt: the boxes at whole seconds, or at --every), ``tubes`` (tubes.pkl:
a box in every frame) or ``cvat`` (an XML for each video). Videos may be folders of numbered pictures, with --fps.
"""
import argparse
import os.path as osp
from functools import partial
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

from mmstep.datasets import annotation_formats as formats
from mmstep.datasets.annotation_formats import AnnotatedVideo, VideoFolder
from mmstep.datasets.subsets import write_tube_annotations
from mmstep.engine.arguments import add_picture_arguments
from mmstep.errors import LaunchError
from mmstep.utils.overwriting import refuse_overwriting

READERS = {
    'cvat': formats.read_cvat,
    'via': formats.read_via,
    'label-studio': formats.read_label_studio,
    'mot': formats.read_mot,
    'coco-video': formats.read_coco_video,
    'csv': formats.read_action_csv,
    'tube-csv': formats.read_tube_csv,
    'yowo': formats.read_yowo,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = __doc__
    parser.epilog = 'example: %(prog)s cvat kitchen.xml --videos data/mine/videos --out data/mine/annotations'
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.usage = '%(prog)s FORMAT FILE ... --out DIR'
    parser.add_argument('format', choices=[*READERS, 'ava', 'results'], help='what the files are')
    parser.add_argument('files', nargs='+', help='the annotation files')
    parser.add_argument('--videos', help='folder of the videos, for what the files do not say')
    parser.add_argument('--to', choices=['ava', 'tubes', 'cvat'], default='ava', help='what to write, ava by default')
    parser.add_argument('--out', type=Path, required=True, help='folder for what is written')
    parser.add_argument(
        '--attribute', help='the attribute that says the action; by default all but the label "person" do')
    parser.add_argument('--label-file', help='actions.pbtxt of an AVA csv')
    parser.add_argument('--classes', nargs='+', help='the classes, in this order; by default all, by name')
    parser.add_argument(
        '--val-every', type=int, default=5, help='every so many-th video is for validation, 5 by default; 0: none')
    parser.add_argument(
        '--every', type=float, default=1, help='with --to ava, seconds from one key time to the next, 1 by default')
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
    if args.val_every < 0:
        parser.error(f'--val-every must be at least 0, got {args.val_every}')
    if not 0.001 <= args.every < float('inf'):
        parser.error(f'--every must be at least 0.001 and finite, got {args.every}')
    if args.every != 1 and args.to != 'ava':
        parser.error('--every is for --to ava: the others have every frame')
    if args.format == 'ava' and not args.label_file:
        parser.error('an AVA csv needs --label-file')
    return args


def read(args: argparse.Namespace, videos: VideoFolder) -> List[AnnotatedVideo]:
    """The videos of all files, by name.

    Raises:
        LaunchError: If two files annotate the same video, or there is none.
    """
    if args.format == 'results':
        reader = formats.read_result
    elif args.format == 'ava':
        reader = partial(formats.read_ava, label_file=args.label_file, videos=videos)
    else:
        reader = partial(READERS[args.format], videos=videos, attribute=args.attribute)
    found: Dict[str, Tuple[str, AnnotatedVideo]] = {}
    for path in args.files:
        for video in reader(path):
            if video.name in found:
                raise LaunchError(f'{path} and {found[video.name][0]} both annotate {video.name}')
            found[video.name] = (path, video)
    if not found:
        raise LaunchError(f'{", ".join(args.files)}: no video is annotated')
    return [video for _, (_, video) in sorted(found.items())]


def outputs(args: argparse.Namespace, videos: List[AnnotatedVideo]) -> List[Path]:
    """The files that are written."""
    names = dict(ava=['train.csv', 'val.csv', 'actions.pbtxt'], tubes=['tubes.pkl'])
    return [args.out / name for name in names.get(args.to, [f'{video.name}.xml' for video in videos])]


def main(argv: Optional[Sequence[str]] = None) -> None:
    args = parse_args(argv)
    folder = VideoFolder(args.videos, args.fps)
    videos = read(args, folder)
    refuse_overwriting(outputs(args, videos), [*args.files, args.label_file])
    args.out.mkdir(parents=True, exist_ok=True)
    if args.to == 'cvat':
        for video, path in zip(videos, outputs(args, videos)):
            formats.write_cvat(path, video)
            print(f'{path}: {len(video.tracks)} tracks. In CVAT the label "person" needs a checkbox for each action.')
        return
    classes = args.classes or formats.classes_of(videos)
    unknown = sorted(set(formats.classes_of(videos)) - set(classes))
    if unknown:
        raise LaunchError(f'the files have actions that --classes leaves out: {", ".join(unknown)}. Add them, or '
                          'annotate without them')
    val = videos[::args.val_every] if args.val_every and len(videos) > 1 else []
    train = [video for video in videos if video not in val]
    if args.to == 'tubes':
        path = args.out / 'tubes.pkl'
        write_tube_annotations(path, *(formats.tubes_of(half, classes) for half in (train, val or train)))
        print(f'{path}: {len(videos)} videos')
    else:
        for name, half in (('train.csv', train), ('val.csv', val or train)):
            lines = [line for video in half for line in formats.ava_lines(video, classes, folder, args.every)]
            formats.write_ava(str(args.out / name), lines)
            print(f'{args.out / name}: {len(half)} videos, {len(lines)} lines')
        formats.write_label_map(osp.join(args.out, 'actions.pbtxt'), classes)
    print(f'{len(classes)} classes: {", ".join(classes)}')
    if not val:
        print('One video alone: it is for training and for validation alike.')
