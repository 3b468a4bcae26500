"""A tiny mini data set in the forms that configs of MMAction2 and MMDetection read, beside AVA's."""
import json
import pickle
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).parents[2]
CLASSES = ('stand', 'walk', 'run', 'jump', 'wave', 'squat', 'sit', 'fall', 'pace')
SIZE, FPS, SECONDS = 64, 12, 5


def make_mini(out):
    """Makes the set and all of its forms.

    Args:
        out (Path): Folder of the set: ``videos`` and ``annotations`` as tools/data/mini makes them, and

            - ``frames/VIDEO/img_00001.jpg``: the frames of the videos,
            - ``annotations/mini_proposals_SPLIT.pkl``: boxes of a person detector that errs by a little,
            - ``annotations/mini_gaps_SPLIT.pkl``: the same of one that finds nobody in one key second,
            - ``annotations/mini_list_SPLIT.txt``: videos with a label each,
            - ``annotations/mini_coco_SPLIT.json``: key frames with their boxes.
    """
    numbers = dict(size=SIZE, seconds=SECONDS, fps=FPS, num_train=3, num_val=1, num_heldout=0, workers=1)
    options = [text for key, value in numbers.items() for text in (f'--{key.replace("_", "-")}', str(value))]
    command = [sys.executable, str(ROOT / 'tools/data/mini/make_mini.py'), '--out', str(out), *options]
    subprocess.run(command, check=True, capture_output=True)
    for path in sorted((out / 'videos').iterdir()):
        write_frames(path, out / 'frames' / path.stem)
    for split in ('train', 'val'):
        rows = [line.split(',') for line in (out / f'annotations/mini_{split}.csv').read_text().split()]
        proposals = err_a_little(rows)
        (out / f'annotations/mini_proposals_{split}.pkl').write_bytes(pickle.dumps(proposals))
        proposals[next(iter(proposals))] = np.zeros((0, 5))
        (out / f'annotations/mini_gaps_{split}.pkl').write_bytes(pickle.dumps(proposals))
        write_list(rows, out / f'annotations/mini_list_{split}.txt')
        write_coco(rows, out / f'annotations/mini_coco_{split}.json')


def write_frames(video, folder):
    """Extracts the frames of a video, counted from 1."""
    folder.mkdir(parents=True)
    reader = cv2.VideoCapture(str(video))
    more, image = reader.read()
    number = 0
    while more:
        number += 1
        cv2.imwrite(str(folder / f'img_{number:05d}.jpg'), image)
        more, image = reader.read()
    assert number == FPS * SECONDS


def err_a_little(rows):
    """MMAction2's form of proposals: the true boxes, moved by a few pixels, and one of low score."""
    rng = np.random.default_rng(0)
    found = defaultdict(list)
    for video, second, *box in (row[:6] for row in rows):
        moved = np.clip(np.array(box, dtype=float) + rng.normal(scale=0.02, size=4), 0, 1)
        found[f'{video},{second}'] += [[*moved, 0.97], [0, 0, 0.5, 0.5, 0.1]]
    return {key: np.array(boxes) for key, boxes in found.items()}


def write_list(rows, path):
    """MMAction2's form of VideoDataset: the first action of a video is its label."""
    labels = {}
    for row in rows:
        labels.setdefault(row[0], int(row[6]) - 1)
    path.write_text(''.join(f'{video}.mp4 {label}\n' for video, label in labels.items()))


def write_coco(rows, path):
    """COCO's form: every key frame is an image."""
    images, annotations = {}, []
    for row in rows:
        frame = int(row[1]) * FPS + 1
        name = f'{row[0]}/img_{frame:05d}.jpg'
        image = images.setdefault(name, dict(id=len(images) + 1, file_name=name, width=SIZE, height=SIZE))
        x1, y1, x2, y2 = (float(value) * SIZE for value in row[2:6])
        annotations.append(
            dict(
                id=len(annotations) + 1,
                image_id=image['id'],
                category_id=int(row[6]),
                bbox=[x1, y1, x2 - x1, y2 - y1],
                area=(x2 - x1) * (y2 - y1),
                iscrowd=0))
    categories = [dict(id=number, name=name) for number, name in enumerate(CLASSES, 1)]
    path.write_text(json.dumps(dict(images=list(images.values()), annotations=annotations, categories=categories)))
