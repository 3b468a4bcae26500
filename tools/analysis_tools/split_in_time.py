"""Cuts annotated videos in two in time, as pictures: the first part of each for training, the rest for testing.

    python tools/analysis_tools/split_in_time.py data/ucf101_24/annotations/subset.pkl data/ucf101_24/videos \
        --out data/ucf101_24/halves --every 3

For a trial with a handful of videos, where none can be spared for testing. What comes out says whether the parts of a
model work together on real pictures; nothing about videos that it has not seen. Writes OUT/annotations.pkl (ACT's
layout) and OUT/frames/VIDEO_first/00001.jpg ..., OUT/frames/VIDEO_rest/00001.jpg ...
"""
import argparse
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np
from rich.progress import track

import mmstep  # noqa: F401
from mmstep.datasets.data_files import find_videos
from mmstep.datasets.subsets import write_tube_annotations
from mmstep.datasets.tube_annotations import read_tube_annotations
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.structures import TubeGroundTruth
from mmstep.utils import refuse_overwriting, write_image, writing_into
from mmstep.video.video_source import VideoSource


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Cut annotated videos in two in time')
    parser.add_argument('ann_file', help='annotations in ACT\'s layout, for instance subset.pkl of prepare_tubes.py')
    parser.add_argument('videos', help='folder of the videos')
    parser.add_argument('--out', type=Path, required=True, help='folder for pictures and annotations')
    parser.add_argument('--share', type=float, default=0.6, help='part of each video for training, 0.6 by default')
    parser.add_argument('--every', type=int, default=1, help='take every so many-th frame, 1 by default')
    args = parser.parse_args()
    if not 0 < args.share < 1:
        parser.error(f'--share must be between 0 and 1, got {args.share}')
    if args.every < 1:
        parser.error(f'--every must be at least 1, got {args.every}')
    return args


def read_all(path: str) -> List[TubeGroundTruth]:
    """Annotations of the training and the test videos, each video once.

    Raises:
        LaunchError: If they are missing or wrong.
    """
    try:
        halves = [read_tube_annotations(path, subset=subset) for subset in ('train', 'test')]
    except (FileNotFoundError, ValueError) as error:
        raise LaunchError(f'{error}\ntools/data/ucf101_24/README.md says what makes such a file') from error
    return halves[:1] if halves[0].videos == halves[1].videos else halves


def kept_frames(count: int, share: float, every: int) -> Dict[str, np.ndarray]:
    """The frames of a video that go into its parts.

    Args:
        count (int): Frames of the video.
        share (float): Part of it for training.
        every (int): Every so many-th frame is taken.

    Returns:
        dict[str, np.ndarray]: ``first`` and ``rest``: numbers of frames from 1, ascending.

    Example:
        >>> kept_frames(10, 0.6, 2)
        {'first': array([1, 3, 5]), 'rest': array([7, 9])}
    """
    cut = round(count * share)
    return dict(first=np.arange(1, cut + 1, every), rest=np.arange(cut + 1, count + 1, every))


def cut_out(truth: TubeGroundTruth, part: str, frames: Dict[str, Dict[str, np.ndarray]]) -> TubeGroundTruth:
    """The annotations of one part of all videos; tubes that are not in it are left out.

    Args:
        truth (TubeGroundTruth): Annotations of the whole videos.
        part (str): 'first' or 'rest'.
        frames (dict): Name of a video -> :func:`kept_frames`.

    Returns:
        TubeGroundTruth: Its videos are called VIDEO_first or VIDEO_rest, its frames are counted anew from 1.
    """
    rows, owner = [], []
    for tube, video in enumerate(truth.tube_video.tolist()):
        of_tube = truth.rows[truth.row_tube == tube]
        kept = frames[truth.videos[video]][part]
        inside = np.isin(of_tube[:, 0], kept)
        of_tube = of_tube[inside].copy()
        of_tube[:, 0] = np.searchsorted(kept, of_tube[:, 0]) + 1
        rows.append(of_tube)
        owner.append(np.full(len(of_tube), tube))
    tubes, row_tube = np.unique(np.concatenate(owner), return_inverse=True)
    return truth._replace(
        videos=[f'{name}_{part}' for name in truth.videos],
        nframes=np.array([len(frames[name][part]) for name in truth.videos]),
        rows=np.concatenate(rows),
        row_tube=row_tube,
        tube_video=truth.tube_video[tubes],
        tube_label=truth.tube_label[tubes])


def join(halves: List[TubeGroundTruth]) -> TubeGroundTruth:
    """Training and test videos as one set."""
    if len(halves) == 1:
        return halves[0]
    one, other = halves
    return one._replace(
        videos=[*one.videos, *other.videos],
        nframes=np.concatenate([one.nframes, other.nframes]),
        resolution=np.concatenate([one.resolution, other.resolution]),
        rows=np.concatenate([one.rows, other.rows]),
        row_tube=np.concatenate([one.row_tube, other.row_tube + len(one.tube_video)]),
        tube_video=np.concatenate([one.tube_video, other.tube_video + len(one.videos)]),
        tube_label=np.concatenate([one.tube_label, other.tube_label]))


def write_frames(jobs: List[Tuple[str, str, Dict[str, np.ndarray]]], out: Path) -> None:
    """Writes the pictures of all videos.

    Args:
        jobs (list): Name, file and :func:`kept_frames` of each video.
        out (Path): Folder of the folders.
    """
    for name, path, parts in track(jobs, description='videos'):
        source = VideoSource(path)
        for part, numbers in parts.items():
            folder = out / f'{name}_{part}'
            folder.mkdir(parents=True, exist_ok=True)
            for index, number in enumerate(numbers.tolist(), 1):
                write_image(folder / f'{index:05d}.jpg', source.frames_at([source.times[number - 1]])[0])
        source.close()


def main() -> None:
    args = parse_args()
    truth = join(read_all(args.ann_file))
    refuse_overwriting([args.out / 'annotations.pkl'], [args.ann_file])
    paths = find_videos(args.videos, truth.videos, False, args.ann_file)
    frames, jobs = {}, []
    for name, count in zip(truth.videos, truth.nframes.tolist()):
        # A file may hold a frame less than annotated.
        frames[name] = kept_frames(min(count, len(VideoSource(paths[name]).times)), args.share, args.every)
        jobs.append((name, paths[name], frames[name]))
    with writing_into(str(args.out)):
        args.out.mkdir(parents=True, exist_ok=True)
        write_frames(jobs, args.out / 'frames')
        # Last of all: it is there once the pictures are.
        write_tube_annotations(args.out / 'annotations.pkl', cut_out(truth, 'first', frames),
                               cut_out(truth, 'rest', frames))
    print(f'{args.out}: {len(jobs)} videos, '
          f'{sum(len(parts["first"]) for parts in frames.values())} frames for training and '
          f'{sum(len(parts["rest"]) for parts in frames.values())} for testing')


if __name__ == '__main__':
    run_tool(main)
