"""Optical flow of all videos below a folder, as pairs of JPEGs (see mmstep/datasets/flow_files.py for the form).

    python tools/data/extract_flow.py data/mini/videos data/mini/flow

Goes on where it stopped: a video whose flow.json is there and was made with the same settings is left alone. Several
machines share the work with --num-shards and --shard-id. A video that cannot be read is named at the end, the others
are made all the same, and the exit code is 1.
"""
import argparse
import json
import multiprocessing
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import List, Optional, Tuple

import cv2
from rich.progress import track

import mmstep  # noqa: F401
from mmstep.datasets.data_files import VIDEO_EXTENSIONS
from mmstep.datasets.flow_files import INFO, FlowInfo, write_info, write_pair
from mmstep.datasets.optical_flow import METHODS, build_flow


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Extract optical flow')
    parser.add_argument('videos', type=Path, help='folder of videos, searched with its subfolders')
    parser.add_argument('out', type=Path, help='folder of the flow; a video a/b.avi goes to OUT/a/b/')
    parser.add_argument('--method', choices=sorted(METHODS), default='pyramid', help='brox needs OpenCV with CUDA')
    parser.add_argument('--range', type=float, default=20., help='largest displacement that is kept, pixels a frame')
    parser.add_argument('--quality', type=int, default=95, help='JPEG quality, 1..100')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='number of processes')
    parser.add_argument('--num-shards', type=int, default=1, help='parts of the work')
    parser.add_argument('--shard-id', type=int, default=0, help='the part that is done here, from 0')
    args = parser.parse_args()
    if args.range <= 0:
        parser.error(f'--range must be positive, got {args.range}')
    if not 1 <= args.quality <= 100:
        parser.error(f'--quality must be in 1..100, got {args.quality}')
    if args.workers < 1:
        parser.error(f'--workers must be at least 1, got {args.workers}')
    if not 0 <= args.shard_id < args.num_shards:
        parser.error(f'--shard-id must be in 0..{args.num_shards - 1}, got {args.shard_id}')
    return args


def find_videos(folder: Path) -> List[Path]:
    """All videos below a folder, by name, relative to it."""
    return sorted(path.relative_to(folder) for path in folder.rglob('*')
                  if path.suffix.lower() in VIDEO_EXTENSIONS and path.is_file())


def is_finished(folder: Path, limit: float, method: str) -> bool:
    """Whether a video's flow is there, made with these settings."""
    path = folder / INFO
    if not path.is_file():
        return False
    try:
        info = json.loads(path.read_text(encoding='utf-8'))
    except ValueError:
        return False
    return info.get('range') == limit and info.get('method') == method


def extract(name: Path, args: argparse.Namespace) -> Optional[Tuple[str, str]]:
    """Makes the flow of one video.

    Returns:
        tuple[str, str], optional: The video and what is wrong with it.
    """
    folder = args.out / name.with_suffix('')
    if is_finished(folder, args.range, args.method):
        return None
    cv2.setNumThreads(1)
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    capture = cv2.VideoCapture(str(args.videos / name))
    estimate = build_flow(args.method)
    previous, flow, count = None, None, 0
    while True:
        found, frame = capture.read()
        if not found:
            break
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        if previous is not None:
            flow = estimate(previous, grey)
            write_pair(str(folder), count, flow, args.range, args.quality)
        previous, count = grey, count + 1
    capture.release()
    if flow is None:
        return str(name), f'OpenCV decodes {count} frames of it, and flow needs two'
    write_pair(str(folder), count, flow, args.range, args.quality)
    height, width = previous.shape
    write_info(str(folder), FlowInfo(args.range, args.method, count, width, height))
    return None


def main() -> int:
    args = parse_args()
    if not args.videos.is_dir():
        print(f'{args.videos} is not a folder', file=sys.stderr)
        return 1
    videos = find_videos(args.videos)
    if not videos:
        print(f'{args.videos} and its subfolders hold no video ({", ".join(VIDEO_EXTENSIONS)})', file=sys.stderr)
        return 1
    try:
        build_flow(args.method)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    videos = videos[args.shard_id::args.num_shards]
    with multiprocessing.Pool(args.workers) as pool:
        done = pool.imap_unordered(partial(extract, args=args), videos)
        failed = [problem for problem in track(done, description='optical flow', total=len(videos)) if problem]
    for name, reason in sorted(failed):
        print(f'{args.videos / name}: {reason}', file=sys.stderr)
    print(f'{len(videos) - len(failed)} of {len(videos)} videos are in {args.out}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
