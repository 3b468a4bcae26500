"""Optical flow of all videos below a folder, as pairs of JPEGs (see mmstep/datasets/flow_files.py for the form).

    python tools/data/extract_flow.py data/mini/videos data/mini/flow

Goes on where it stopped: a video whose flow.json is there and was made with the same settings is left alone. Several
machines share the work with --num-shards and --shard-id. A video that cannot be read is named at the end, the others
are made all the same, and the exit code is 1.
"""
import argparse
import multiprocessing
import os
import re
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

import cv2
from rich.progress import track

from mmstep.datasets.flow_files import INFO, NAMES, FlowInfo, read_info, write_info, write_pair
from mmstep.datasets.optical_flow import METHODS, build_flow
from mmstep.errors import LaunchError, VideoError
from mmstep.utils import cannot_write, hold_lock, printable, refuse_overwriting, write_text
from mmstep.utils.file_listing import find_files
from mmstep.video import VIDEO_EXTENSIONS, VideoSource

LOCK = '.lock'
MARK = 'extract_flow.txt'  # in the folder of the flow: what it holds is this tool's to write over
PICTURE = re.compile(r'flow_[xy]_\d+\.jpg')
Problem = Tuple[str, str]  # a video and what is wrong with it


class VideoProblem(Exception):
    """What is wrong with one video; the others go on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Extract optical flow'
    parser.epilog = 'example: %(prog)s data/mine/videos data/mine/flow --method dis --range 10'
    parser.add_argument('videos', type=Path, help='folder of videos, searched with its subfolders')
    parser.add_argument('out', type=Path, help='folder of the flow; a video a/b.avi goes to OUT/a/b/')
    parser.add_argument('--method', choices=sorted(METHODS), default='pyramid', help='brox needs OpenCV with CUDA')
    parser.add_argument('--range', type=float, default=20., help='largest displacement that is kept, pixels a frame')
    parser.add_argument('--quality', type=int, default=95, help='JPEG quality, 1..100')
    parser.add_argument('--workers', type=int, default=available_cores(), help='number of processes')
    parser.add_argument('--num-shards', type=int, default=1, help='parts of the work')
    parser.add_argument('--shard-id', type=int, default=0, help='the part that is done here, from 0')


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
    if args.range <= 0:
        parser.error(f'--range must be positive, got {args.range}')
    if not 1 <= args.quality <= 100:
        parser.error(f'--quality must be in 1..100, got {args.quality}')
    if args.workers < 1:
        parser.error(f'--workers must be at least 1, got {args.workers}')
    if not 0 <= args.shard_id < args.num_shards:
        parser.error(f'--shard-id must be in 0..{args.num_shards - 1}, got {args.shard_id}')
    return args


def available_cores() -> int:
    """Cores that this process may use, which on a shared machine may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


def find_videos(folder: Path) -> List[Path]:
    """All videos below a folder, by name, relative to it; of several that differ in their extension only, the first,
    as the data sets take it."""
    videos = sorted(Path(name) for name, _ in find_files(str(folder), VIDEO_EXTENSIONS))
    return list({video.with_suffix(''): video for video in reversed(videos)}.values())[::-1]


def claim_output(args: argparse.Namespace, videos: List[Path]) -> None:
    """Marks the folder of the flow as this tool's.

    Raises:
        LaunchError: If there are files in it with names of outputs that this tool has not written, or one of them is a
            video under another name.
    """
    folders = [args.out / video.with_suffix('') for video in videos]
    refuse_overwriting([folder / INFO for folder in folders], [args.videos / video for video in videos])
    if (args.out / MARK).is_file() or any(is_flow(folder) for folder in folders):
        return
    for folder in folders:
        found = [name for name in list_folder(folder) if name == INFO or PICTURE.fullmatch(name)]
        if found:
            raise LaunchError(
                f'{printable(str(folder / found[0]))} is there already, and this tool has not written it: '
                'nothing is written over it. Move it away, or choose another folder for the flow.')
    write_text(args.out / MARK, 'Folders of optical flow, written by tools/data/extract_flow.py\n', make_folder=True)


def is_flow(folder: Path) -> bool:
    """Whether the finished flow of a video is there, with whatever settings."""
    try:
        return bool(read_info(str(folder)))
    except (FileNotFoundError, ValueError):
        return False


def list_folder(folder: Path) -> List[str]:
    """Names in a folder; none if there is no such folder."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_finished(folder: Path, args: argparse.Namespace) -> bool:
    """Whether a video's flow is there, made with these settings."""
    try:
        info = read_info(str(folder))
    except (FileNotFoundError, ValueError):
        return False
    return (info.range, info.method, info.quality) == (args.range, args.method, args.quality)


def extract(name: Path, args: argparse.Namespace) -> Optional[Problem]:
    """Makes the flow of one video, unless it is there.

    Returns:
        tuple[str, str], optional: The video and what is wrong with it.

    Raises:
        LaunchError: If nothing can be written.
    """
    folder = args.out / name.with_suffix('')
    if is_finished(folder, args) and not (folder / LOCK).exists():
        return None
    try:
        with ExitStack() as stack:
            try:
                stack.enter_context(hold_lock(str(folder / LOCK), str(folder)))
            except LaunchError as error:  # another run makes it just now
                return str(name), str(error)
            if is_finished(folder, args):  # by a run that has ended meanwhile, or was killed at the very end
                return None
            return extract_anew(name, folder, args)
    except OSError as error:
        raise cannot_write(str(folder), error) from error


def extract_anew(name: Path, folder: Path, args: argparse.Namespace) -> Optional[Problem]:
    """Makes the flow of one video in a folder that no other process writes to; see :func:`extract`."""
    (folder / INFO).unlink(missing_ok=True)
    try:
        count, height, width = write_flow(args.videos / name, folder, args)
    except VideoProblem as problem:
        return str(name), str(problem)
    except (LaunchError, OSError):
        raise
    except Exception as error:  # noqa: B902  whatever it is, the other videos go on
        return str(name), f'{type(error).__name__}: {error}'
    remove_other_pictures(folder, count)
    write_info(str(folder), FlowInfo(args.range, args.method, count, width, height, args.quality))
    return None


def write_flow(video: Path, folder: Path, args: argparse.Namespace) -> Tuple[int, int, int]:
    """Writes the pictures of a video's flow.

    Returns:
        tuple[int, int, int]: Frames, height and width of the video.

    Raises:
        VideoProblem: If the video cannot be read to its end.
    """
    try:
        source = VideoSource(str(video), warn=False)
    except VideoError as error:
        raise VideoProblem(str(error)) from error
    if len(source.times) < 2:
        raise VideoProblem('it has one frame, and flow needs two')
    estimate = build_flow(args.method)
    previous = cv2.cvtColor(source.frames_at(source.times[:1])[0], cv2.COLOR_RGB2GRAY)
    for count, second in enumerate(source.times[1:], 1):
        grey = cv2.cvtColor(source.frames_at([second])[0], cv2.COLOR_RGB2GRAY)
        if source.broken_from is not None:
            raise VideoProblem(f'it is cut short or damaged from second {source.broken_from:.2f} on. Get the file '
                               'again')
        flow = estimate(previous, grey)
        write_pair(str(folder), count, flow, args.range, args.quality)
        previous = grey
    # The last frame has none of its own.
    write_pair(str(folder), len(source.times), flow, args.range, args.quality)
    return len(source.times), *previous.shape


def remove_other_pictures(folder: Path, count: int) -> None:
    """Removes what the flow of a longer version of the video left."""
    expected = {name.format(number) for number in range(1, count + 1) for name in NAMES}
    for path in folder.glob('flow_[xy]_*.jpg'):
        if path.name not in expected:
            path.unlink()


def start_worker() -> None:
    """Sets up a worker process: it ends when the tool does, however that ended.

    A worker that went on after its tool was killed would write into the folders of the next run.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def extract_all(videos: List[Path], args: argparse.Namespace) -> List[Problem]:
    """Makes the flow of all videos and returns what is wrong with some of them.

    Raises:
        LaunchError: If the work cannot go on.
    """
    # One thread a worker; set before the fork, which OpenCV's threads do not survive. Nor does CUDA.
    cv2.setNumThreads(1)
    context = multiprocessing.get_context('spawn' if args.method == 'brox' else None)
    again = 'Run the same command again to go on'
    with ProcessPoolExecutor(args.workers, mp_context=context, initializer=start_worker) as executor:
        jobs = [executor.submit(partial(extract, args=args), video) for video in videos]
        try:
            done = track(as_completed(jobs), description='optical flow', total=len(jobs))
            return sorted(problem for problem in (job.result() for job in done) if problem)
        except (LaunchError, OSError) as error:
            executor.shutdown(wait=False, cancel_futures=True)
            raise LaunchError(f'{error} {again}') from error
        except BrokenProcessPool as error:
            raise LaunchError(
                f'A worker process was killed; is the memory full? {again}, with fewer --workers') from error
        except KeyboardInterrupt:
            executor.shutdown(wait=False, cancel_futures=True)
            raise LaunchError(f'Stopped. {again}') from None


def main(argv: Optional[Sequence[str]] = None) -> None:
    args = parse_args(argv)
    if not args.videos.is_dir():
        raise LaunchError(f'{args.videos} is not a folder')
    videos = find_videos(args.videos)
    if not videos:
        raise LaunchError(f'{args.videos} and its subfolders hold no video ({", ".join(VIDEO_EXTENSIONS)})')
    try:
        build_flow(args.method)
    except ValueError as error:
        raise LaunchError(str(error)) from error
    videos = videos[args.shard_id::args.num_shards]
    claim_output(args, videos)
    failed = extract_all(videos, args)
    print(f'{len(videos) - len(failed)} of {len(videos)} videos are in {args.out}')
    if failed:
        lines = [f'  {args.videos / name}: {reason}' for name, reason in failed]
        raise LaunchError(printable('\n'.join([f'{len(failed)} videos have no optical flow:', *lines])))
