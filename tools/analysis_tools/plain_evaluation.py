"""Frame-mAP, linking and video-mAP once more in plain loops: slow, short, and what the fast code is compared with.

One box, one class and one frame at a time, written from the rules of :class:`mmstep.evaluation.EvaluationRules` alone
and sharing no code with ``mmstep.evaluation``. ``benchmark_evaluation.py`` measures against it.
"""
from typing import Callable, Dict, List, Sequence, Tuple

import numpy as np

from mmstep.evaluation import EvaluationRules
from mmstep.structures import TubeGroundTruth, Tubelets


def iou(first: Sequence[float], second: Sequence[float]) -> float:
    """IoU of two boxes whose x2 and y2 are inclusive."""
    width = max(0., min(first[2], second[2]) - max(first[0], second[0]) + 1)
    height = max(0., min(first[3], second[3]) - max(first[1], second[1]) + 1)
    areas = sum((box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (first, second))
    return width * height / (areas - width * height)


def tube_iou(first: Dict[int, list], second: Dict[int, list]) -> float:
    """Spatio-temporal IoU of two tubes, boxes by frame."""
    common = first.keys() & second.keys()
    if not common:
        return 0.
    spatial = sum(iou(first[frame], second[frame]) for frame in common) / len(common)
    return spatial * len(common) / len(first.keys() | second.keys())


def suppress(items: list, score: Callable, overlap: Callable, threshold: float, soft: bool) -> List[Tuple]:
    """NMS: (item, new score) of what is left."""
    left, out = sorted(items, key=score, reverse=True), []
    while left:
        best = left.pop(0)
        out.append((best, score(best)))
        hit = [item for item in left if overlap(best, item) > threshold]
        left = [item for item in left if overlap(best, item) <= threshold]
        if soft:
            out += [(item, score(item) * (1 - overlap(best, item))) for item in hit]
    return out


def precision(detections: List[Tuple], truth: Dict, overlap: Callable, threshold: float) -> float:
    """Average precision of one class: detections (score, key, thing), truth by key."""
    total = sum(map(len, truth.values()))
    free = {key: list(things) for key, things in truth.items()}
    area, right, before = 0., 0, (0., 1.)
    for rank, (_, key, thing) in enumerate(sorted(detections, key=lambda item: -item[0]), 1):
        overlaps = [overlap(thing, other) for other in free.get(key, [])]
        if overlaps and max(overlaps) >= threshold:
            right += 1
            free[key].pop(int(np.argmax(overlaps)))
        now = (right / total, right / rank)
        area += (now[0] - before[0]) * (now[1] + before[1]) / 2
        before = now
    return area


def link(tubelets: Dict[int, List[Tuple[list, float]]], last_start: int, rules: EvaluationRules) -> List[Tuple]:
    """Tubes (score, boxes by frame) of one class of one video; tubelets (boxes, score) by start frame."""
    alive: List[list] = []
    ended: List[list] = []

    def mean_iou(first: list, second: list, offset: int) -> float:
        if offset >= len(first):
            return iou(first[-1], second[0])
        return sum(map(iou, first[offset:], second)) / (len(first) - offset)

    for start in range(1, last_start + 1):
        found = tubelets.get(start, [])
        length = len(found[0][0]) if found else 0
        kept = suppress(found, lambda item: item[1],
                        lambda a, b: sum(map(iou, a[0], b[0])) * (1 if rules.soft_nms else 1 / length),
                        rules.tubelet_nms_thr * (length if rules.soft_nms else 1), rules.soft_nms)
        kept = sorted(((boxes, score) for (boxes, _), score in kept), key=lambda item: -item[1])
        kept = kept[:rules.tubelets_kept]
        alive.sort(key=lambda path: -np.mean([score for _, _, score in path]))
        for path in list(alive):
            then, boxes, _ = path[-1]
            fits = [item for item in kept if mean_iou(boxes, item[0], start - then) >= rules.link_iou]
            if fits:
                kept.remove(fits[0])
                path.append((start, *fits[0]))
            elif start - then >= rules.gap(len(boxes)):
                alive.remove(path)
                ended.append(path)
        alive += [[(start, *item)] for item in kept]
    tubes = []
    for path in ended + alive:
        frames: Dict[int, list] = {}
        for start, boxes, _ in path:
            for offset, box in enumerate(boxes):
                frames.setdefault(start + offset, []).append(box)
        score = float(np.mean([score for _, _, score in path]))
        if len(frames) >= rules.min_tube_length and score >= rules.min_tube_score:
            tubes.append((score, {frame: np.mean(boxes, axis=0).tolist() for frame, boxes in frames.items()}))
    return tubes


def plain_evaluation(truth: TubeGroundTruth, tubelets: Tubelets, rules: EvaluationRules, frame_thrs: Sequence[float],
                     video_thrs: Sequence[float]) -> Tuple[Dict[float, float], Dict[float, float]]:
    """Frame-mAP and video-mAP by threshold.

    Args:
        truth (TubeGroundTruth): Annotations.
        tubelets (Tubelets): Detections, at a stride that the rules can link.
        rules (EvaluationRules): With ``plus_one`` and the trapezoids.
        frame_thrs (Sequence[float]): Thresholds of frame-mAP.
        video_thrs (Sequence[float]): Thresholds of video-mAP.

    Returns:
        tuple[dict[float, float], dict[float, float]]: Means over the classes that are annotated.
    """
    length = tubelets.boxes.shape[1]
    frame_aps, video_aps = [], []
    for label in sorted(set(truth.tube_label.tolist())):
        frame_truth, video_truth, boxes, tubes = {}, {}, [], []
        for tube in np.flatnonzero(truth.tube_label == label).tolist():
            video = int(truth.tube_video[tube])
            rows = {int(row[0]): row[1:].tolist() for row in truth.rows[truth.row_tube == tube]}
            video_truth.setdefault(video, []).append(rows)
            for frame, box in rows.items():
                frame_truth.setdefault((video, frame), []).append(box)
        for video, nframes in enumerate(truth.nframes.tolist()):
            starts, frames = {}, {}
            for row in np.flatnonzero(tubelets.video == video).tolist():
                if tubelets.label is None:
                    score = float(tubelets.scores[row, label])
                else:
                    score = float(tubelets.scores[row]) * (tubelets.label[row] == label)
                if score > 0:
                    item, start = tubelets.boxes[row].tolist(), int(tubelets.start[row])
                    starts.setdefault(start, []).append((item, score))
                    for offset in range(min(length, nframes - start + 1)):
                        frames.setdefault(start + offset, []).append((item[offset], score))
            for frame in sorted(frames):
                left = suppress(frames[frame], lambda item: item[1], lambda a, b: iou(a[0], b[0]), rules.frame_nms_thr,
                                rules.soft_nms)
                boxes += [(score, (video, frame), box) for (box, _), score in left]
            linked = link(starts, max(starts, default=0), rules)
            tubes += [(score, video, item) for (score, item), _ in suppress(
                linked, lambda item: item[0], lambda a, b: tube_iou(a[1], b[1]), rules.tube_nms_thr, False)]
        frame_aps.append([precision(boxes, frame_truth, iou, thr) for thr in frame_thrs])
        video_aps.append([precision(tubes, video_truth, tube_iou, thr) for thr in video_thrs])
    return (dict(zip(frame_thrs, np.mean(frame_aps, axis=0))), dict(zip(video_thrs, np.mean(video_aps, axis=0))))
