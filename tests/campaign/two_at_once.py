"""Two of a tool that write at once on one output: a whole result, or a refusal that says who has it."""
import pickle
import random
import shutil
import time
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Tuple

import numpy as np

from .children import Fork, run_fork
from .frame import Trial
from .material import LAST, checkpoint_difference, content, difference, make_archive, make_mini, write_training

REFUSAL = r'is being written by (process \d+ on .*, since|another process)'
TIMES = 20
LIMIT = 240


def trials(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """Every tool that writes files in place or goes on with what is there."""
    mini, archive = make_mini(folder), make_archive(folder, count=3)
    tubes = make_tubes(folder)
    fusion = make_dumps(folder)
    config = write_training(folder, mini, 'iterations')
    video = next(archive['videos'].glob('v*.mp4'))
    device = ['--device', 'cpu']
    small = ['--size', 48, '--num-train', 2, '--num-val', 1, '--num-heldout', 0, '--seconds', 5, '--fps', 6, '--out']
    last = LAST['iterations']
    for name, words, out, compare, code, least in (
        ('infer_videos', ['tools/infer_videos.py', *archive.values(), *device, '--out'], 'out', difference, 1,
         4), ('extract_flow', ['tools/data/extract_flow.py', mini / 'videos', '--method', 'dis'], 'out', difference, 0,
              4), ('demo_video', ['demo/demo_video.py', video, *list(archive.values())[1:], *device,
                                  '--out'], 'out/out.mp4', same_names, 0, 4),
        ('fuse_results', ['tools/fuse_results.py', *fusion, '--out'], 'out/late.pkl', difference, 0,
         4), ('prepare_tubes', ['tools/data/prepare_tubes.py', 'ucf101_24', '--link', tubes, '--subset',
                                '--root'], 'data', same_tree, 0,
              4), ('make_mini', ['tools/data/mini/make_mini.py', *small], 'out', difference, 0,
                   4), ('train', ['tools/train.py', config, '--work-dir'], 'out',
                        lambda found, wanted: checkpoint_difference(found / last, wanted / last), 0, 1)):
        wanted = folder / f'wanted_{name}'
        prepare(folder, wanted, name)
        outcome = run_fork([*words, wanted / Path(out).name if '/' in out else wanted], folder, LIMIT)
        yield f'{name} alone', lambda: outcome.fault(code=code)
        for number in range(max(times or TIMES // 7, 1) if least == 1 else times or TIMES // 5):
            chance = random.Random(f'two {name} {number}')
            yield f'{name} {number}', lambda: two(folder, name, words, out, wanted, compare, code, chance)


def prepare(folder: Path, target: Path, name: str) -> None:
    """Makes an output folder as it has to be before the tool runs."""
    shutil.rmtree(target, ignore_errors=True)
    if name == 'prepare_tubes':
        shutil.copytree(folder / 'annotated', target)
    elif name in ('demo_video', 'fuse_results'):
        target.mkdir()


def two(folder: Path, name: str, words: List, out: str, wanted: Path, compare: Callable, code: int,
        chance: random.Random) -> Optional[str]:
    """Starts two, the second one up to a second later."""
    target = folder / f'both_{name}'
    prepare(folder, target, name)
    command = [*words, target / Path(out).name if '/' in out else target]
    first = Fork(command, folder, LIMIT)
    time.sleep(chance.choice([0, 0.05, 0.3, 1]))
    ends = [tool.end() for tool in (first, Fork(command, folder, LIMIT))]
    for end in ends:
        fault = end.fault(code=code) and end.fault(code=1, says=REFUSAL)
        if fault is not None:
            return fault
    # Each of two may have left to the other what that was at; then all is there, too.
    return compare(target, wanted)


def same_names(found: Path, wanted: Path) -> Optional[str]:
    """Names alone: the JSON file names its own path."""
    odd = set(content(found)) ^ set(content(wanted))
    return f'left over or missing: {sorted(odd)}' if odd else None


def same_tree(found: Path, wanted: Path) -> Optional[str]:
    """Names, links and their targets."""
    trees = [{
        str(path.relative_to(root)): path.resolve() if path.is_symlink() else None
        for path in root.rglob('*')
    } for root in (found, wanted)]
    odd = set(trees[0].items()) ^ set(trees[1].items())
    return f'left over or missing: {sorted(map(str, odd))}' if odd else None


def make_tubes(folder: Path) -> Path:
    """Makes ``annotated``, the annotations of three videos of UCF101-24, and returns the folder of the videos."""
    from helpers.square_detector import write_square_video
    names = ('Biking/v_a', 'Diving/v_b', 'Diving/v_c')
    tube = dict(label=2, sf=0, ef=1, boxes=np.ones((1, 4), np.uint8))
    notes = folder / 'annotated' / 'annotations'
    notes.mkdir(parents=True)
    (notes / 'pyannot.pkl').write_bytes(
        pickle.dumps({name: dict(annotations=[tube], numf=np.uint8(24), label=2)
                      for name in names}))
    (notes / 'testlist01.txt').write_text('Biking/v_a\n')
    for name in names:
        (folder / 'unpacked' / name).parent.mkdir(parents=True, exist_ok=True)
        write_square_video(folder / 'unpacked' / f'{name}.mp4', seconds=1)
    return folder / 'unpacked'


def make_dumps(folder: Path) -> List[Path]:
    """Writes a config and two dumps that tools/fuse_results.py takes, and returns their paths."""
    boxes = np.array([[10, 10, 50, 50]], np.float32)
    found = dict(
        tubes=np.repeat(boxes[:, None], 4, axis=1), scores=np.array([[0, .6, .1]], np.float32), bboxes=boxes / 100)
    samples = [
        dict(video_id='v', clip_start=start, img_key=f'v,{start:06d}', img_shape=(100, 100), pred_instances=found)
        for start in range(1, 22, 2)
    ]
    rows = np.array([[frame, 10, 10, 49, 49] for frame in range(1, 25)], np.float64)
    truth = dict(
        labels=['run', 'jump'],
        gttubes={'v': {
            0: [rows]
        }},
        nframes={'v': 24},
        train_videos=[[]],
        test_videos=[['v']],
        resolution={'v': (100, 100)})
    (folder / 'gt.pkl').write_bytes(pickle.dumps(truth))
    (folder / 'fusion.py').write_text(
        "default_scope = 'mmaction'\ncustom_imports = dict(imports=['mmstep'])\nmodel = dict()\n"
        f"test_evaluator = dict(type='TubeMetric', ann_file='{folder / 'gt.pkl'}', clip_len=4, num_steps=1)\n")
    for name in ('rgb.pkl', 'flow.pkl'):
        (folder / name).write_bytes(pickle.dumps(samples))
    return [folder / 'fusion.py', folder / 'rgb.pkl', folder / 'flow.pkl']
