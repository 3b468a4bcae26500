"""Tests of mmstep.evaluation.metrics.tube_metric: Frame-mAP and video-mAP of a detector of tubes."""
import pickle
import warnings
from itertools import chain

import numpy as np
import pytest
import torch
from helpers.tube_cases import random_case

from mmstep.errors import DataError
from mmstep.evaluation import evaluate_tubelets
from mmstep.evaluation.metrics import TubeMetric

K = 6


def write_act(path, truth):
    """Annotations in ACT's layout."""
    tubes = {video: {} for video in truth.videos}
    for tube, (video, label) in enumerate(zip(truth.tube_video.tolist(), truth.tube_label.tolist())):
        rows = truth.rows[truth.row_tube == tube].astype(np.float32)
        tubes[truth.videos[video]].setdefault(label, []).append(rows)
    content = dict(
        labels=truth.labels,
        gttubes=tubes,
        nframes=dict(zip(truth.videos, truth.nframes.tolist())),
        train_videos=[[]],
        test_videos=[truth.videos],
        resolution=dict(zip(truth.videos, map(tuple, truth.resolution.tolist()))))
    path.write_bytes(pickle.dumps(content))
    return str(path)


def windows(truth, tubelets, steps=1):
    """One prediction for each start frame, in pixels of an input of 400 x 400."""
    samples = []
    for video, start in sorted(set(zip(tubelets.video.tolist(), tubelets.start.tolist()))):
        mine = (tubelets.video == video) & (tubelets.start == start)
        height, width = truth.resolution[video]
        boxes = (tubelets.boxes[mine] + [0, 0, 1, 1]) * np.array([400 / width, 400 / height] * 2)
        scores = np.concatenate([np.zeros((mine.sum(), 1)), tubelets.scores[mine]], axis=1)
        instances = dict(tubes=torch.from_numpy(boxes).double(), scores=torch.from_numpy(scores).double())
        sample = dict(video_id=truth.videos[video], clip_start=start, img_shape=(400, 400))
        if steps == 1:
            sample['pred_instances'] = instances
        else:
            for step in range(1, steps + 1):
                less = dict(instances, scores=instances['scores'] * (instances['scores'] > 0.1 * (steps - step)))
                sample[f'pred_instances_step{step}'] = less
        samples.append(sample)
    return samples


@pytest.fixture
def case(tmp_path):
    truth, tubelets = random_case(3)
    rows = truth.rows.astype(np.float32).astype(np.float64)
    return truth._replace(rows=rows), tubelets, write_act(tmp_path / 'GT.pkl', truth)


@pytest.mark.parametrize('rules', ['act', 'moc'])
def test_figures_are_those_of_the_arrays(case, rules):
    truth, tubelets, ann_file = case
    metric = TubeMetric(ann_file, clip_len=K, rules=rules)
    samples = windows(truth, tubelets)
    metric.process(None, samples)
    figures = metric.evaluate(len(samples))
    expected = evaluate_tubelets(truth, tubelets, rules=rules).figures()
    assert figures == pytest.approx({f'step1/{name}': value for name, value in expected.items()}, abs=1e-5)
    assert 'step1/video-mAP@0.5:0.95' in figures and 'step1/AP/class2' not in figures


def test_two_ranks_with_padding(case):
    """As MMEngine deals windows to ranks, pads them, and collects the results."""
    truth, tubelets, ann_file = case
    samples = windows(truth, tubelets)
    samples = samples[:len(samples) - 1 + len(samples) % 2]  # an odd number
    alone = TubeMetric(ann_file, clip_len=K)
    alone.process(None, samples)
    padded = (samples + samples)[:len(samples) + 1]
    ranks = [TubeMetric(ann_file, clip_len=K) for _ in range(2)]
    for rank, metric in enumerate(ranks):
        metric.process(None, padded[rank::2])
    collected = list(chain.from_iterable(zip(*(metric.results for metric in ranks))))
    assert len(collected) == len(samples) + 1  # even if the copy were not cut off
    assert ranks[0].compute_metrics(collected) == alone.compute_metrics(alone.results)
    assert ranks[0].compute_metrics(collected[::-1]) == alone.compute_metrics(alone.results)


def test_every_step_is_scored(case, tmp_path):
    truth, tubelets, ann_file = case
    metric = TubeMetric(ann_file, clip_len=K, num_steps=3, error_plot=str(tmp_path / 'errors.png'))
    samples = windows(truth, tubelets, steps=3)
    metric.process(None, samples)
    figures = metric.evaluate(len(samples))
    assert {f'step{step}/{name}' for step in (1, 2, 3) for name in ('frame-mAP@0.5', 'video-mAP@0.2')} <= set(figures)
    assert (tmp_path / 'errors.png').stat().st_size > 1000


def test_stride_is_found_among_all_windows(case):
    truth, tubelets, ann_file = case
    samples = [sample for sample in windows(truth, tubelets) if sample['clip_start'] % 8 == 1]
    figures = {}
    for stride in (None, 8, 1):
        metric = TubeMetric(ann_file, clip_len=K, stride=stride)
        metric.process(None, samples)
        figures[stride] = metric.evaluate(len(samples))
    assert figures[None] == figures[8] and figures[8]['step1/video-mAP@0.05'] > figures[1]['step1/video-mAP@0.05']


def test_video_without_prediction_counts_as_missed(case):
    truth, tubelets, ann_file = case
    metric = TubeMetric(ann_file, clip_len=K)
    some = [sample for sample in windows(truth, tubelets) if sample['video_id'] == 'video0']
    metric.process(None, some)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert metric.evaluate(len(some))['step1/frame-mAP@0.5'] < 1


def test_no_window_at_all(case):
    metric = TubeMetric(case[2], clip_len=K)
    assert set(metric.compute_metrics([]).values()) == {0.0}


def test_wrong_predictions(case):
    truth, tubelets, ann_file = case
    sample = windows(truth, tubelets)[0]
    metric = TubeMetric(ann_file, clip_len=K)
    with pytest.raises(ValueError, match='video nobody of a prediction is not among the 3 test videos of'):
        metric.process(None, [dict(sample, video_id='nobody')])
    instances = dict(sample['pred_instances'], scores=torch.rand(len(sample['pred_instances']['scores']), 9))
    with pytest.raises(ValueError, match='have scores of 8 classes, and .*GT.pkl has 3'):
        metric.process(None, [dict(sample, pred_instances=instances)])
    with pytest.raises(DataError, match='keep_steps=True'):
        TubeMetric(ann_file, clip_len=K, num_steps=2).process(None, [sample])
