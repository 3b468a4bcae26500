"""Makes the mini data set: videos of figures doing nine actions, annotated in AVA's format.

    python tools/data/mini/make_mini.py

The same arguments give the same set, whatever the number of workers.
"""
import argparse
import json
import multiprocessing
import sys
from collections import Counter
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import cv2
from actions import ACTIONS
from rich.progress import track
from scene import SPLITS, make_scene
from writers import Annotation, annotate, write_action_list, write_bytes, write_csv, write_tubes, write_video

from mmstep.engine.processes import end_with_parent
from mmstep.errors import LaunchError
from mmstep.utils import hold_lock

LOCK = '.lock'
GENERATOR_VERSION = 2  # counted up when the same arguments give another set, so that old sets are made anew


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Make the mini data set (AVA format)')
    parser.add_argument('--out', type=Path, default=Path('data/mini'), help='folder of the set')
    parser.add_argument('--seed', type=int, default=0, help='another seed gives another set')
    parser.add_argument('--size', type=int, default=128, help='side of the square frames in pixels, even, at least 48')
    parser.add_argument('--num-train', type=int, default=160, help='number of training videos')
    parser.add_argument('--num-val', type=int, default=40, help='number of validation videos')
    parser.add_argument('--num-heldout', type=int, default=4, help='number of videos for demos only')
    parser.add_argument('--seconds', type=int, default=12, help='length of a video, at least 5')
    parser.add_argument('--fps', type=int, default=12, help='frames per second, at least 6')
    parser.add_argument('--workers', type=int, default=2, help='number of processes')
    args = parser.parse_args()
    for name, least in (('seed', 0), ('size', 48), ('num_train', 0), ('num_val', 0), ('num_heldout', 0),
                        ('seconds', 5), ('fps', 6), ('workers', 1)):
        if getattr(args, name) < least:
            parser.error(f'--{name.replace("_", "-")} must be at least {least}, got {getattr(args, name)}')
    if args.size % 2:
        parser.error(f'--size must be even, got {args.size}')
    return args


def make_video(job: Tuple[Path, int, str, int, int, int, int]) -> Annotation:
    """Makes one video and returns its annotation."""
    cv2.setNumThreads(0)
    out, seed, split, index, size, seconds, fps = job
    scene = make_scene(seed, split, index, size, seconds, fps)
    video_id = f'{split}_{index:04d}'
    write_video(scene, out / 'videos' / f'{video_id}.mp4')
    return annotate(scene, video_id)


def is_finished(out: Path, settings: dict) -> bool:
    """Whether the folder holds a finished set made with these settings.

    The manifest is written last of all.
    """
    content = read_manifest(out)
    return content.get('settings') == settings and all((out / name).is_file() for name in content['files'])


def read_manifest(out: Path) -> dict:
    """What the manifest says; nothing if there is none, or one that this tool has not written."""
    try:
        content = json.loads((out / 'manifest.json').read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and {'settings', 'files'} <= set(content) else {}


def foreign_file(out: Path) -> Optional[Path]:
    """A file that this tool would remove and has not written; None if there is none."""
    if read_manifest(out) or (out / 'annotations' / 'mini_action_list.pbtxt').is_file():
        return None
    there = [*own_files(out), *[path for path in [out / 'manifest.json'] if path.exists()]]
    return next(iter(there), None)


def own_files(out: Path) -> List[Path]:
    """The files of a set, finished or not, that lie in the folder."""
    videos = (path for split in SPLITS for path in (out / 'videos').glob(f'{split}_[0-9]*.mp4'))
    return sorted([*videos, *(out / 'annotations').glob('mini_*')])


def remove_set(out: Path) -> None:
    """Removes what an earlier run left, and nothing else.

    The manifest, which vouches for the rest, vouches for nothing from here on; it says whose the files are.
    """
    write_bytes(out / 'manifest.json', b'{"settings": null, "files": []}\n')
    for path in own_files(out):
        path.unlink()


def write_manifest(out: Path, settings: dict, counts: dict) -> None:
    """Writes the manifest, which appears whole or not at all."""
    files = [path.relative_to(out).as_posix() for path in own_files(out)]
    content = dict(settings=settings, label_counts=counts, files=files)
    write_bytes(out / 'manifest.json', f'{json.dumps(content, indent=1)}\n'.encode())


def write_annotations(out: Path, annotations: Dict[str, List[Annotation]], size: int) -> None:
    """Writes everything below ``annotations/``."""
    folder = out / 'annotations'
    for split, items in annotations.items():
        write_csv(items, folder / f'mini_{split}.csv')
    write_action_list(folder / 'mini_action_list.pbtxt')
    write_bytes(folder / 'mini_excluded_timestamps.csv', b'')
    write_tubes(annotations, size, folder / 'mini_tubes.pkl')


def count_labels(annotations: List[Annotation]) -> Dict[str, int]:
    """Number of labels of each action."""
    counts = Counter(int(row.split(',')[6]) for item in annotations for row in item.rows)
    return {name: counts[index] for index, name in enumerate(ACTIONS, 1)}


def make_set(args: argparse.Namespace, settings: dict) -> Dict[str, Dict[str, int]]:
    """Makes the whole set anew and returns the number of labels per split and action.

    Raises:
        OSError: If a file cannot be written.
    """
    out: Path = args.out
    for folder in ('videos', 'annotations'):
        (out / folder).mkdir(parents=True, exist_ok=True)
    remove_set(out)
    numbers = dict(train=args.num_train, val=args.num_val, heldout=args.num_heldout)
    jobs = [(out, args.seed, split, index, args.size, args.seconds, args.fps) for split in SPLITS
            for index in range(numbers[split])]
    with multiprocessing.Pool(args.workers, end_with_parent) as pool:
        done = list(track(pool.imap(make_video, jobs), description='mini videos', total=len(jobs)))
    annotations = {split: [item for job, item in zip(jobs, done) if job[2] == split] for split in SPLITS}
    write_annotations(out, annotations, args.size)
    counts = {split: count_labels(items) for split, items in annotations.items()}
    write_manifest(out, settings, counts)
    return counts


def main() -> int:
    args = parse_args()
    settings = {key: value for key, value in vars(args).items() if key not in ('out', 'workers')}
    settings['generator_version'] = GENERATOR_VERSION
    try:
        with hold_lock(str(args.out / LOCK), str(args.out)):
            if is_finished(args.out, settings):
                print(f'{args.out} holds this set already, nothing to do')
                return 0
            foreign = foreign_file(args.out)
            if foreign is not None:
                print(
                    f'\nError: {foreign} is there already, and this tool has not made it: nothing is written. Choose '
                    'another --out.',
                    file=sys.stderr)
                return 1
            counts = make_set(args, settings)
    except (LaunchError, OSError) as error:
        print(f'\nError: cannot make the mini data set in {args.out}: {error}', file=sys.stderr)
        return 1
    for split, count in counts.items():
        print(f'{split} labels: ' + ', '.join(f'{name} {number}' for name, number in count.items()))
    print(f'wrote {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
