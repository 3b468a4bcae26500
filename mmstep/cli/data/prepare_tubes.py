"""Puts the videos of UCF101-24 or J-HMDB in their place, and checks that nothing is missing.

python tools/data/prepare_tubes.py ucf101_24 --link UCF-101 python tools/data/prepare_tubes.py jhmdb --link
ReCompress_Videos

Opens every annotated video as training does, and lists those that are missing, that cannot be opened, and whose number
of frames is not the annotation's. The exit code is 1 if training or testing would stop at any of them.
tools/data/ucf101_24/README.md and tools/data/jhmdb/README.md say what to download.
"""
import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from rich.progress import track

from mmstep.datasets.data_files import find_flow, locate_videos
from mmstep.datasets.subsets import select_videos, write_tube_annotations
from mmstep.datasets.transforms import WindowInit
from mmstep.datasets.tube_annotations import read_tube_annotations
from mmstep.datasets.tube_checks import FRAME_SLACK
from mmstep.errors import LaunchError
from mmstep.structures import TubeGroundTruth
from mmstep.utils import refuse_overwriting, writing_into
from mmstep.video.sources import VIDEO_EXTENSIONS

SUBSET = Path('annotations', 'subset.pkl')
SHOWN = 20  # names that are printed of a long list


class Layout(NamedTuple):
    """Where a data set's files lie below its folder, as its configs have it."""
    ann_file: str
    test_list: Optional[str]
    splits: Tuple[int, ...]


LAYOUTS = dict(
    ucf101_24=Layout('annotations/pyannot.pkl', 'annotations/testlist01.txt', (1, )),
    jhmdb=Layout('annotations/JHMDB-GT.pkl', None, (1, 2, 3)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Prepare and check UCF101-24 or J-HMDB'
    parser.epilog = 'example: %(prog)s ucf101_24 --link UCF-101'
    parser.add_argument('dataset', choices=sorted(LAYOUTS), help='the data set')
    parser.add_argument('--root', type=Path, help='its folder; data/DATASET by default')
    parser.add_argument('--link', type=Path, help='unpacked videos, one folder a class: what is annotated is linked')
    parser.add_argument('--ann-file', help='a file of ACT\'s layout, below ROOT, in place of the usual annotations')
    parser.add_argument(
        '--subset',
        action='store_true',
        help=f'write {SUBSET}, the annotations of the videos of split 1 that are there, '
        'and go on with these')
    parser.add_argument('--workers', type=int, default=os.cpu_count() or 1, help='number of threads')


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
    if args.workers < 1:
        parser.error(f'--workers must be at least 1, got {args.workers}')
    args.root = args.root or Path('data') / args.dataset
    return args


def read_annotations(args: argparse.Namespace) -> List[Tuple[TubeGroundTruth, TubeGroundTruth]]:
    """Tubes of the training and the test videos of every split.

    Raises:
        LaunchError: If the annotations are missing or wrong.
    """
    layout = LAYOUTS[args.dataset]
    if args.ann_file is not None:
        layout = Layout(args.ann_file, None, (1, ))
    test_list = layout.test_list and str(args.root / layout.test_list)
    splits = []
    try:
        for split in layout.splits:
            train, test = (
                read_tube_annotations(str(args.root / layout.ann_file), split, subset, test_list)
                for subset in ('train', 'test'))
            for subset, truth in zip(('train', 'test'), (train, test)):
                print(f'split {split}, {subset}: {len(truth.videos)} videos, {len(truth.tube_video)} tubes')
            splits.append((train, test))
    except (FileNotFoundError, ValueError) as error:
        raise LaunchError(f'{error}\ntools/data/{args.dataset}/README.md says where to get it.') from error
    return splits


def write_subset(path: Path, halves: Tuple[TubeGroundTruth, TubeGroundTruth], there: Dict[str, str]) -> None:
    """Writes the annotations of the videos of split 1 that are there.

    Raises:
        LaunchError: If there are none.
    """
    train, test = (select_videos(truth, there) for truth in halves)
    if not train.videos and not test.videos:
        raise LaunchError(f'no video of split 1 is in {path.parents[1] / "videos"}; --link FOLDER links them')
    said = f'{len(train.videos)} videos for training and {len(test.videos)} for testing'
    if not train.videos or not test.videos:
        train = test = train if train.videos else test
        said = f'all {len(train.videos)} videos for training and testing alike, since one half has none'
    path.parent.mkdir(parents=True, exist_ok=True)  # an --ann-file may lie elsewhere
    write_tube_annotations(path, train, test)
    print(f'{path}: {said}')


def link_videos(source: Path, target: Path, names: List[str]) -> int:
    """Links the annotated videos of ``source`` that ``target`` lacks; returns how many."""
    if not source.is_dir():
        raise LaunchError(f'--link {source} is not a folder')
    found, there = locate_videos(str(source), names), locate_videos(str(target), names)
    count = 0
    for name in found.keys() - there.keys():
        link = target / f'{name}{Path(found[name]).suffix}'
        link.parent.mkdir(parents=True, exist_ok=True)
        while not link.exists():  # another run may be doing the same
            try:
                link.unlink(missing_ok=True)  # a link to a file that is no longer there
                link.symlink_to(Path(found[name]).resolve())
                count += 1
            except FileExistsError:
                pass
    return count


def count_frames(path: str) -> Tuple[int, Optional[str]]:
    """Frames of a video file as training sees it; or 0 and why it cannot be opened."""
    try:
        return WindowInit(max_open=1).transform(dict(filename=path))['total_frames'], None
    except (ValueError, FileNotFoundError) as error:
        return 0, str(error)


def check_videos(paths: Dict[str, str], frames: Dict[str, int], workers: int) -> List[str]:
    """Opens all videos, prints those of another length than annotated, returns what is wrong."""
    with ThreadPoolExecutor(workers) as executor:
        found = track(executor.map(count_frames, paths.values()), description='videos', total=len(paths))
        counts = dict(zip(paths, list(found)))
    broken = [f'{paths[name]}: {reason}' for name, (_, reason) in counts.items() if reason]
    other = {name: count for name, (count, reason) in counts.items() if not reason and count != frames[name]}
    short = [name for name, count in other.items() if count + FRAME_SLACK < frames[name]]
    if other:
        print_some(
            f'{len(other)} videos have another number of frames than their annotation (up to {FRAME_SLACK} '
            'missing and any more do no harm):',
            [f'{name}: {count}, annotated {frames[name]}' for name, count in other.items()])
    cut = [f'{paths[name]} has {other[name]} frames, and its annotation counts {frames[name]}' for name in short]
    return broken + cut


def print_some(title: str, lines: List[str]) -> None:
    """Prints the first lines of a list."""
    print('\n'.join([title, *(f'  {line}' for line in lines[:SHOWN])]))
    if len(lines) > SHOWN:
        print(f'  ... and {len(lines) - SHOWN} more')


def check_flow(folder: Path, names: List[str]) -> None:
    """Says whether there is optical flow; RGB configs do without."""
    if not folder.is_dir():
        print(f'No optical flow in {folder}: needed by the flow and early-fusion configs only')
        return
    try:
        find_flow(str(folder), names)
        print(f'Optical flow of all {len(names)} videos is there')
    except FileNotFoundError as error:
        print(f'Not needed for RGB: {error}')


def main(argv: Optional[Sequence[str]] = None) -> None:
    args = parse_args(argv)
    splits = read_annotations(args)
    halves = [truth for split in splits for truth in split]
    frames = dict(
        sorted((name, count) for truth in halves for name, count in zip(truth.videos, truth.nframes.tolist())))
    videos = args.root / 'videos'
    with writing_into(str(videos)):
        videos.mkdir(parents=True, exist_ok=True)
        if args.link is not None:
            print(f'{link_videos(args.link, videos, list(frames))} videos linked to {videos}')
    paths = locate_videos(str(videos), list(frames))
    if args.subset:
        refuse_overwriting([args.root / SUBSET], [args.root / (args.ann_file or LAYOUTS[args.dataset].ann_file)])
        write_subset(args.root / SUBSET, splits[0], paths)
        frames = {name: frames[name] for name in paths}
    missing = [name for name in frames if name not in paths]
    wrong = check_videos(paths, frames, args.workers)
    check_flow(args.root / 'flow', list(frames))
    if missing:
        print_some(f'{len(missing)} videos ({", ".join(VIDEO_EXTENSIONS)}) are missing in {videos}:', missing)
    if wrong:
        print_some(f'{len(wrong)} videos cannot be used; get them again:', wrong)
    if missing or wrong:
        raise LaunchError(f'{len(missing)} videos are missing and {len(wrong)} cannot be used, of {len(frames)}. '
                          f'tools/data/{args.dataset}/README.md says where to get them.')
    print(f'All {len(frames)} videos are in {videos}')
