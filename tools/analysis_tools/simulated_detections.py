"""Simulated annotations and detections of the size of AVA and UCF101-24, made anew from a seed, for benchmarks."""
import pickle
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets, step_key

AVA_SECONDS = 897  # annotated of each video
AVA_ACTIONS, AVA_SCORED = 80, 60
AVA_TUBES = 34
UCF_CLASSES, UCF_TUBES, UCF_CLIPS = 24, 11, 5
UCF_SIZE = (240, 320)


def random_set(videos: int, count: int, clip_len: int, classes: int, seed: int) -> Tuple[TubeGroundTruth, Tubelets]:
    """Videos of 150 frames with up to three moving actors, and noisy tubelets on them at every start frame in turn."""
    rng = np.random.default_rng(seed)
    frames = np.arange(1, 151)
    rows, row_tube, tube_video, tube_label, tubelets = [], [], [], [], []
    for video in range(videos):
        label, actors = int(rng.integers(classes)), []
        for _ in range(int(rng.integers(1, 4))):
            corner, size, speed = rng.uniform(5, 150, 2), rng.uniform(30, 100, 2), rng.normal(0, 0.5, 2)
            boxes = np.tile([*corner, *(corner + size)], (150, 1)) + frames[:, None] * np.tile(speed, 2)
            first, last = int(rng.integers(40)), int(rng.integers(100, 150))
            rows.append(np.concatenate([frames[first:last, None], boxes[first:last]], axis=1))
            row_tube += [len(tube_video)] * (last - first)
            tube_video.append(video)
            tube_label.append(label)
            actors.append(boxes)
        for index in range(count // videos):
            start = index % (151 - clip_len)
            boxes = actors[int(rng.integers(len(actors)))][start:start + clip_len]
            boxes = boxes + rng.normal(0, rng.choice([4, 30]), 4) + rng.normal(0, 1, boxes.shape)
            boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
            scores = rng.dirichlet(np.full(classes, 0.3)) * rng.random()
            scores[label] = rng.random() * rng.choice([0.3, 1])
            tubelets.append((video, start + 1, boxes, scores))
    truth = TubeGroundTruth([f'class{index}' for index in range(classes)],
                            [f'video{index:05d}' for index in range(videos)], np.full(videos, 150),
                            np.tile([240, 320], (videos, 1)), np.concatenate(rows), np.array(row_tube),
                            np.array(tube_video), np.array(tube_label))
    video, start, boxes, scores = (np.array(column) for column in zip(*tubelets))
    return truth, Tubelets(video, start, boxes.astype(np.float32), scores.astype(np.float32))


def ava_files(folder: Path, windows: int, seed: int) -> Tuple[Dict[str, str], List[tuple]]:
    """Writes annotations like AVA's validation set.

    Args:
        folder (Path): Gets the files.
        windows (int): Key seconds, 897 of a video. A tenth has no annotation, some have a crowd, some are excluded.
        seed (int): Of the random numbers.

    Returns:
        tuple[dict[str, str], list[tuple]]: Arguments of AVAMetric; and video, second, boxes (p, 4) and labels (p, 80)
        of each key second.
    """
    rng = np.random.default_rng(seed)
    scored = np.sort(rng.choice(np.arange(1, AVA_ACTIONS + 1), AVA_SCORED, replace=False))
    # Of AVA's classes few are everywhere and most are rare.
    frequency = rng.permutation(1 / np.arange(1, AVA_ACTIONS + 1)**1.2)
    seconds, lines, excluded = [], [], []
    for window in range(windows):
        video, second = f'video{window // AVA_SECONDS:04d}', 902 + window % AVA_SECONDS
        persons = 0 if rng.random() < .1 else int(rng.choice([1, 2, 3, 4, 12], p=[.35, .3, .2, .13, .02]))
        corner, size = rng.uniform(0, .6, (persons, 2)), rng.uniform(.1, .4, (persons, 2))
        boxes = np.concatenate([corner, corner + size], axis=1).round(3)
        labels = rng.random((persons, AVA_ACTIONS)) < frequency / frequency.sum() * 2
        labels[np.arange(persons), rng.choice(AVA_ACTIONS, persons, p=frequency / frequency.sum())] = True
        for person, column in np.argwhere(labels).tolist():
            box = ','.join(f'{value:.3f}' for value in boxes[person])
            lines.append(f'{video},{second:04d},{box},{column + 1},{person}\n')
        if rng.random() < .002:
            excluded.append(f'{video},{second:04d}\n')
        seconds.append((video, second, boxes, labels))
    (folder / 'truth.csv').write_text(''.join(lines))
    (folder / 'excluded.csv').write_text(''.join(excluded))
    (folder / 'labels.pbtxt').write_text(''.join(f'item {{\n  name: "action {label}"\n  id: {label}\n}}\n'
                                                 for label in scored))
    files = dict(ann_file='truth.csv', label_file='labels.pbtxt', exclude_file='excluded.csv')
    return {name: str(folder / file) for name, file in files.items()}, seconds


def ava_predictions(seconds: List[tuple], steps: int, detections: int, seed: int) -> Iterator[dict]:
    """Predictions of a detector of 34 tubes, better from step to step, one key second at a time.

    Args:
        seconds (list[tuple]): From :func:`ava_files`.
        steps (int): Steps of the detector.
        detections (int): Entries (a box with a class) of a window, at most.
        seed (int): Of the random numbers.

    Yields:
        dict: A data sample as MMEngine gives it to a metric.
    """
    rng = np.random.default_rng(seed)
    for video, second, persons, labels in seconds:
        sample: dict = dict(video_id=video, timestamp=second, img_key=f'{video},{second:04d}', img_shape=(400, 400))
        corner = rng.uniform(0, .6, (AVA_TUBES, 2))
        places = np.concatenate([corner, corner + rng.uniform(.1, .4, corner.shape)], axis=1)
        for step in range(1, steps + 1):
            boxes, scores = places.copy(), rng.random((AVA_TUBES, AVA_ACTIONS), dtype=np.float32)**8
            if len(persons):
                near = rng.random(AVA_TUBES) < .7
                person = rng.integers(len(persons), size=AVA_TUBES)[near]
                boxes[near] = persons[person] + rng.normal(0, .08 / step, (len(person), 4))
                scores[near] = np.where(labels[person], scores[near]**.125, scores[near])
            boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + .01)
            least = np.partition(scores.ravel(), -detections)[-detections] if detections < scores.size else 0.
            scores = np.pad(np.where(scores >= least, scores, 0).astype(np.float32), ((0, 0), (1, 0)))
            boxes = boxes.clip(0, 1).astype(np.float32)
            tubes = np.repeat(400 * boxes[:, None], 9, axis=1)
            sample[step_key(step)] = dict(bboxes=boxes, scores=scores, tubes=tubes)
        sample['pred_instances'] = sample[step_key(steps)]
        yield sample


def ucf_file(folder: Path, videos: int, seed: int) -> Tuple[str, List[tuple]]:
    """Writes annotations like those of UCF101-24's test videos, in ACT's layout.

    Args:
        folder (Path): Gets the file.
        videos (int): How many videos, of 29 to 250 frames, most with one actor.
        seed (int): Of the random numbers.

    Returns:
        tuple[str, list[tuple]]: The file; and name, frames, label and actors' boxes (frames, 4) of each video.
    """
    rng = np.random.default_rng(seed)
    content: dict = dict(
        labels=[f'class{label}' for label in range(UCF_CLASSES)],
        gttubes={},
        nframes={},
        train_videos=[[]],
        test_videos=[[]],
        resolution={})
    sets = []
    for index in range(videos):
        name, frames, label = f'video{index:04d}', int(rng.integers(60, 291)), int(rng.integers(UCF_CLASSES))
        numbers, actors, rows = np.arange(1, frames + 1), [], []
        for _ in range(int(rng.choice([1, 2, 3], p=[.8, .12, .08]))):
            corner, size, speed = rng.uniform(5, 120, 2), rng.uniform(40, 110, 2), rng.normal(0, .2, 2)
            boxes = np.tile([*corner, *(corner + size)], (frames, 1)) + numbers[:, None] * np.tile(speed, 2)
            first, last = int(rng.integers(frames // 4)), int(rng.integers(frames // 2, frames))
            rows.append(np.concatenate([numbers[first:last, None], boxes[first:last]], axis=1))
            actors.append(boxes)
        content['gttubes'][name] = {label: rows}
        content['nframes'][name], content['resolution'][name] = frames, UCF_SIZE
        content['test_videos'][0].append(name)
        sets.append((name, frames, label, actors))
    (folder / 'truth.pkl').write_bytes(pickle.dumps(content))
    return str(folder / 'truth.pkl'), sets


def ucf_predictions(sets: List[tuple], steps: int, clip_len: int, seed: int) -> Iterator[dict]:
    """Predictions of a detector of 11 tubes in windows of 5 clips at every frame, one window at a time.

    Args:
        sets (list[tuple]): From :func:`ucf_file`.
        steps (int): Steps of the detector.
        clip_len (int): Frames K of a clip.
        seed (int): Of the random numbers.

    Yields:
        dict: A data sample as MMEngine gives it to a metric.
    """
    rng = np.random.default_rng(seed)
    shape = (UCF_TUBES, UCF_CLASSES)
    for name, frames, label, actors in sets:
        corner = rng.uniform(0, 200, (UCF_TUBES, 2))
        places = np.concatenate([corner, corner + rng.uniform(40, 160, corner.shape)], axis=1)
        for start in range(1, frames - clip_len + 2):
            sample: dict = dict(video_id=name, clip_start=start, img_shape=(400, 400))
            middle = np.stack([boxes[start - 1] for boxes in actors]) * (400 / np.array(UCF_SIZE * 2)[[1, 0, 3, 2]])
            for step in range(1, steps + 1):
                boxes = places + rng.normal(0, 3, places.shape)
                scores = rng.dirichlet(np.full(UCF_CLASSES, .1), UCF_TUBES)
                near = rng.random(UCF_TUBES) < .4
                actor = rng.integers(len(actors), size=UCF_TUBES)[near]
                boxes[near] = middle[actor] + rng.normal(0, 12 / step, (len(actor), 4))
                scores[near, label] += rng.random(len(actor)) * 2
                scores /= scores.sum(axis=1, keepdims=True)
                scores = np.where((scores > .001) & (rng.random(shape) < .6), scores, 0)
                boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
                sample[step_key(step)] = dict(
                    tubes=np.repeat(boxes[:, None].astype(np.float32), UCF_CLIPS * clip_len, axis=1),
                    scores=np.pad(scores, ((0, 0), (1, 0))).astype(np.float32))
            sample['pred_instances'] = sample[step_key(steps)]
            yield sample
