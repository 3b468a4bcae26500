"""Random annotated tubes with detections around them, shared by the tests of the evaluation."""
import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets


def random_case(seed: int, num_videos: int = 3, num_labels: int = 3, clip_len: int = 6, specific: bool = False):
    """A small data set: per video up to two tubes, one of the classes never annotated, and noisy tubelets."""
    rng = np.random.default_rng(seed)
    rows, row_tube, tube_video, tube_label, found = [], [], [], [], []
    nframes = rng.integers(24, 40, num_videos)
    for video in range(num_videos):
        tubes = []
        for _ in range(rng.integers(1, 3)):
            first = int(rng.integers(1, 6))
            frames = np.arange(first, min(first + 20, nframes[video]) + 1)
            corner, size = rng.uniform(5, 100, 2), rng.uniform(30, 80, 2)
            boxes = np.round(np.tile([*corner, *(corner + size)], (len(frames), 1)) + frames[:, None] * 0.7)
            label = int(rng.integers(num_labels - 1))
            rows.append(np.concatenate([frames[:, None], boxes], axis=1))
            row_tube += [len(tube_video)] * len(frames)
            tube_video.append(video)
            tube_label.append(label)
            tubes.append((label, first, boxes))
        for start in range(1, int(nframes[video]) - clip_len + 2):
            for label, first, boxes in tubes:
                index = np.clip(np.arange(start, start + clip_len) - first, 0, len(boxes) - 1)
                scores = rng.random(num_labels) * 0.3
                scores[label] += 0.6 * rng.random()
                found.append((video, start, boxes[index] + rng.normal(0, 4, (clip_len, 4)), scores, label))
    truth = TubeGroundTruth([f'class{i}' for i in range(num_labels)], [f'video{i}' for i in range(num_videos)],
                            nframes.astype(np.int64), np.tile([240, 320], (num_videos, 1)), np.concatenate(rows),
                            np.array(row_tube), np.array(tube_video), np.array(tube_label))
    video, start, boxes, scores, label = (np.array(column) for column in zip(*found))
    if specific:
        return truth, Tubelets(video, start, boxes, scores[np.arange(len(label)), label], label)
    return truth, Tubelets(video, start, boxes, scores)


def perfect_tubelets(truth: TubeGroundTruth, clip_len: int = 6) -> Tubelets:
    """Tubelets that are the annotation itself, score 0.9 for their class."""
    found = []
    for tube, (video, label) in enumerate(zip(truth.tube_video, truth.tube_label)):
        rows = truth.rows[truth.row_tube == tube]
        scores = np.zeros(len(truth.labels))
        scores[label] = 0.9
        for first in range(len(rows) - clip_len + 1):
            found.append((video, int(rows[first, 0]), rows[first:first + clip_len, 1:], scores))
    return Tubelets(*(np.array(column) for column in zip(*found)))


def one_tube(frames: int = 20) -> TubeGroundTruth:
    """One tube of class a that does not move, in a video of 30 frames."""
    rows = np.tile([0., 0, 0, 9, 9], (frames, 1))
    rows[:, 0] = np.arange(1, frames + 1)
    return TubeGroundTruth(['a', 'b'], ['v'], np.array([30]), np.array([[20, 20]]), rows, np.zeros(frames, dtype=int),
                           np.array([0]), np.array([0]))
