"""How many annotated persons the best tubes of each step find, from the predictions that tools/test.py dumped.

    python tools/test.py CONFIG CHECKPOINT --dump out.pkl
    python tools/analysis_tools/tube_recall.py CONFIG out.pkl

For configs with a ``TubeMetric``. A person in a frame is found if one of the ``--top`` best tubes of the window around
that frame meets the annotated box, whatever the class. Prints the recall of every step, in all and by class.
"""
import argparse
from typing import Dict, List

import numpy as np

import mmstep  # noqa: F401
from mmstep.datasets.tube_annotations import read_tube_annotations
from mmstep.engine.arguments import add_cfg_options, add_config_argument
from mmstep.engine.config_files import load_config
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.evaluation.files import read_dump
from mmstep.evaluation.overlap import box_iou
from mmstep.evaluation.window_tubelets import centre_clip_boxes, to_annotation_pixels
from mmstep.structures import TubeGroundTruth
from mmstep.structures.step_predictions import step_key


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Recall of the best tubes of every step')
    add_config_argument(parser, 'config with a TubeMetric; or name of a model')
    parser.add_argument('dump', help='file that tools/test.py --dump wrote')
    parser.add_argument('--top', type=int, default=3, help='so many tubes of a window count, 3 by default')
    parser.add_argument('--iou', type=float, default=0.5, help='overlap from which a person counts as found')
    add_cfg_options(parser)
    return parser.parse_args()


def recall_of_step(truth: TubeGroundTruth, windows: List[dict], key: str, metric: dict, top: int,
                   iou_thr: float) -> Dict[str, float]:
    """Recall of one step.

    Args:
        truth (TubeGroundTruth): The annotations.
        windows (list[dict]): Predictions, see :class:`DumpDetections`.
        key (str): Where a window has those of the step.
        metric (dict): Settings of the TubeMetric.
        top (int): So many tubes of a window count.
        iou_thr (float): Overlap from which a person counts as found.

    Returns:
        dict[str, float]: ``all`` and each annotated class -> share of the annotated boxes, 0..1. A frame of several
        windows counts in each.
    """
    video = {name: index for index, name in enumerate(truth.videos)}
    row_video, row_label = truth.tube_video[truth.row_tube], truth.tube_label[truth.row_tube]
    found: List[np.ndarray] = []
    labels: List[np.ndarray] = []
    for window in windows:
        index, pred = video[window['video_id']], window[key]
        best = np.argsort(-pred['scores'][:, 1:].max(axis=1), kind='stable')[:top]
        boxes = centre_clip_boxes(pred['tubes'][best], metric['clip_len'], metric.get('temporal_stride', 1))
        boxes = to_annotation_pixels(boxes, window['img_shape'], truth.resolution[index])
        for offset in range(metric['clip_len']):
            of_frame = (row_video == index) & (truth.rows[:, 0] == window['clip_start'] + offset)
            iou = box_iou(truth.rows[of_frame, None, 1:], boxes[None, :, offset])
            found.append((iou >= iou_thr).any(axis=1))
            labels.append(row_label[of_frame])
    hit, label = np.concatenate(found), np.concatenate(labels)
    by_class = {truth.labels[each]: float(hit[label == each].mean()) for each in np.unique(label)}
    return dict(all=float(hit.mean()), **by_class)


def main() -> None:
    """Prints the table."""
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    metric = cfg.test_evaluator
    if metric.get('type') != 'TubeMetric':
        raise LaunchError(f'{args.config} has no TubeMetric as test_evaluator, whose annotations are needed')
    truth = read_tube_annotations(metric.ann_file, metric.get('split', 1), 'test', metric.get('test_list'))
    windows = read_dump(args.dump)
    columns = [
        recall_of_step(truth, windows, step_key(step), metric, args.top, args.iou)
        for step in range(1,
                          metric.get('num_steps', 1) + 1)
    ]
    width = max(map(len, columns[0]))
    print(f'recall@{args.iou:g} of the {args.top} best tubes, in %')
    print(' ' * width + ''.join(f'{f"step {step}":>9}' for step in range(1, len(columns) + 1)))
    for name in columns[0]:
        print(f'{name:<{width}}' + ''.join(f'{100 * column[name]:9.1f}' for column in columns))


if __name__ == '__main__':
    run_tool(main)
