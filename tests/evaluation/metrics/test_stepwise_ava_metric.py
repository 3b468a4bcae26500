"""StepwiseAVAMetric against MMAction2's AVAMetric, and by hand."""
import multiprocessing
import os
import warnings
from unittest import mock

import numpy as np
import pytest
import torch
from helpers.ava_cases import NAMES, one_hot, random_case, run, sample, two_windows, write_files
from mmaction.evaluation import AVAMetric

from mmstep.errors import DataError
from mmstep.evaluation.metrics import StepwiseAVAMetric, stepwise_ava_metric


class FakePool:
    """AVAMetric forks 32 processes and leaves them; what it computes is the same in one."""

    def __init__(self, *_):
        pass

    def map(self, function, items):
        return [function(item) for item in items]


def run_reference(samples, step, monkeypatch, tmp_path, **kwargs):
    monkeypatch.chdir(tmp_path)
    metric = AVAMetric(**kwargs)
    metric.process(None, [dict(s, pred_instances=s[f'pred_instances_step{step}']) for s in samples])
    with mock.patch.object(multiprocessing, 'Pool', FakePool):
        return metric.evaluate(len(samples))


@pytest.mark.parametrize('custom', [None, [1, 15, 70]])
def test_equals_ava_metric_to_the_last_bit(tmp_path, monkeypatch, custom):
    num_classes = 81 if custom is None else 4
    files, samples = random_case(tmp_path, num_classes, tuple(NAMES) if custom is None else (1, 2, 3))
    kwargs = dict(files, num_classes=num_classes, custom_classes=custom)
    if custom is not None:  # labels in the annotations are original ids
        rows = (tmp_path / 'truth.csv').read_text().replace('\n', ' \n').splitlines()
        rows = [','.join([*r.split(',')[:6], str(custom[int(r.split(',')[6]) - 1]), '0']) for r in rows]
        (tmp_path / 'truth.csv').write_text('\n'.join(rows) + '\n')
    figures = run(StepwiseAVAMetric(num_steps=2, ties='mmaction', **kwargs), samples)
    for step in (1, 2):
        reference = run_reference(samples, step, monkeypatch, tmp_path, **kwargs)
        assert 0.05 < reference['mAP/overall'] < 0.95
        for name, value in reference.items():
            assert figures[f'step{step}/{name.removeprefix("mAP/")}'] == value
    assert figures['step1/overall'] != figures['step2/overall']


def test_writes_nothing_into_the_working_directory(tmp_path, monkeypatch):
    files, samples = random_case(tmp_path, windows=3)
    (tmp_path / 'cwd').mkdir()
    monkeypatch.chdir(tmp_path / 'cwd')
    run(StepwiseAVAMetric(num_steps=1, **files), samples)
    assert os.listdir() == []


@pytest.mark.parametrize('ties', ['content', 'mmaction'])
def test_a_subset_is_scored_as_if_nothing_else_were_annotated(tmp_path, ties):
    """A data set of every third window, and a dump of them: the figures of a file that annotates those alone."""
    files, samples = random_case(tmp_path)
    kept = samples[::3]
    keys = [f'v,{sample["timestamp"]:04d}' for sample in kept]
    assert any(key in keys for key in ('v,0905', 'v,0910'))  # an excluded one is among them
    rows = (tmp_path / 'truth.csv').read_text().splitlines(keepends=True)
    (tmp_path / 'few.csv').write_text(''.join(row for row in rows if ','.join(row.split(',')[:2]) in keys))
    settings = dict(files, num_steps=2, ties=ties)
    expected = run(StepwiseAVAMetric(**{**settings, 'ann_file': str(tmp_path / 'few.csv')}), kept)

    metric = StepwiseAVAMetric(**settings)
    metric.dataset_meta = dict(img_keys=keys)
    assert run(metric, kept) == expected
    assert run(StepwiseAVAMetric(only_tested=True, **settings), kept) == expected
    # Without being told so, what was left out counts as missed.
    assert run(StepwiseAVAMetric(**settings), kept)['step1/mAP_all_classes'] < expected['step1/mAP_all_classes']


def test_a_subset_without_annotation(small):
    metric = StepwiseAVAMetric(num_steps=1, only_tested=True, **small)
    with pytest.raises(DataError, match='none of the 1 key seconds that are to be scored is annotated in'):
        run(metric, [sample('v', 950, [([0, 0, .5, 1], [one_hot(1)])])])


@pytest.fixture
def small(tmp_path):
    return two_windows(tmp_path)


def test_by_hand(small):
    # Step 1 finds the walker's box only for "walk", step 2 everything.
    first = sample('v', 902, [([0, 0, .5, 1], [one_hot(1)]), ([[0, 0, .5, 1]] * 2, [one_hot(1), one_hot(15)])])
    second = sample('v', 903, [([0, 0, .2, .2], [one_hot(2)]), ([.5, 0, 1, 1], [one_hot(2)])])
    figures = run(
        StepwiseAVAMetric(num_steps=2, groups=dict(fast=['run'], all=['walk', 'run', 'carry']), **small),
        [first, second])
    assert figures['step1/AP/walk'] == 1 and figures['step1/AP/run'] == 0 and figures['step1/AP/carry'] == 0
    assert figures['step1/overall'] == pytest.approx(1 / 2)  # AVAMetric leaves "carry" out: never detected
    assert figures['step1/all'] == pytest.approx(1 / 3) and figures['step1/fast'] == 0
    assert figures['step1/recall@0.5_top3'] == pytest.approx(1 / 2)
    assert figures['step2/overall'] == figures['step2/all'] == figures['step2/recall@0.5_top3'] == 1
    assert figures['step2/object_manipulation'] == 1
    assert 'step2/person_interaction' not in figures and 'step2/AP/talk' not in figures


def test_warns_of_a_class_without_detection(small):
    with mock.patch.object(stepwise_ava_metric.MMLogger, 'get_current_instance') as logger:
        run(StepwiseAVAMetric(num_steps=1, **small), [sample('v', 902, [([0, 0, .5, 1], [one_hot(1)])])])
    (message, ), _ = logger.return_value.warning.call_args
    assert 'Step 1' in message and 'run, carry' in message and 'walk' not in message


def test_a_detector_of_one_step_has_its_result_alone(small):
    kept = sample('v', 902, [([0, 0, .5, 1], [one_hot(1)])])
    alone = dict(kept, pred_instances=kept['pred_instances_step1'])
    del alone['pred_instances_step1']
    metric = StepwiseAVAMetric(num_steps=1, **small)
    assert run(metric, [alone]) == run(metric, [kept])
    with pytest.raises(ValueError, match='pred_instances_step1'):
        run(StepwiseAVAMetric(num_steps=2, **small), [alone])


def test_recall_takes_the_k_best_tubes(small):
    # Rank by the best class score: the right box comes third.
    boxes = [[.6, 0, 1, 1], [.5, .5, 1, 1], [0, 0, .5, .9], [0, 0, .5, 1]]
    scores = [one_hot(1, .9), one_hot(2, .8), one_hot(70, .7), one_hot(1, .1)]
    samples = [sample('v', 902, [(boxes, scores)])]
    assert run(StepwiseAVAMetric(num_steps=1, recall_top_k=2, **small), samples)['step1/recall@0.5_top2'] == 0
    assert run(StepwiseAVAMetric(num_steps=1, recall_top_k=3, **small), samples)['step1/recall@0.5_top3'] == 0.5


def test_detections_on_empty_frames(small):
    right = sample('v', 902, [([0, 0, .5, 1], [one_hot(1, .5)])])
    false = sample('v', 950, [([0, 0, .5, 1], [one_hot(1, .9)])])
    ignoring = run(StepwiseAVAMetric(num_steps=1, **small), [right, false])
    counting = run(StepwiseAVAMetric(num_steps=1, ignore_empty_frames=False, **small), [right, false])
    assert ignoring['step1/AP/walk'] == 1
    assert counting['step1/AP/walk'] == 0.5  # the false one has the higher score


def test_mean_of_all_classes(tmp_path):
    """Walk is found; run is annotated and never detected; carry is annotated on an excluded second only."""
    rows = [('v', 902, (0, 0, .5, 1), 1, 0), ('v', 902, (0, 0, .5, 1), 2, 0), ('v', 903, (0, 0, .5, 1), 15, 0)]
    files = write_files(tmp_path, rows, excluded=[('v', 903)])
    right = sample('v', 902, [([0, 0, .5, 1], [one_hot(1, .5)])])
    figures = run(StepwiseAVAMetric(num_steps=1, **files), [right])
    assert figures['step1/overall'] == 1 and figures['step1/mAP_all_classes'] == 0.5
    false = sample('v', 950, [([0, 0, .5, 1], [one_hot(1, .9)])])  # on a second without annotation
    with mock.patch.object(stepwise_ava_metric.MMLogger, 'get_current_instance') as logger:
        figures = run(StepwiseAVAMetric(num_steps=1, **files), [right, false])
    assert figures['step1/overall'] == 1 and figures['step1/mAP_all_classes'] == 0.25
    assert '1 of 2 windows lie on seconds without annotation' in logger.return_value.warning.call_args_list[0].args[0]


def test_ties_do_not_depend_on_any_order(tmp_path):
    files, samples = random_case(tmp_path)
    for window in samples:
        for step in ('pred_instances_step1', 'pred_instances_step2'):
            window[step]['scores'] = (window[step]['scores'] * 2).round() / 2
    expected = run(StepwiseAVAMetric(num_steps=2, **files), samples)
    (tmp_path / 'truth.csv').write_text('\n'.join(reversed((tmp_path / 'truth.csv').read_text().splitlines())))
    for window in samples:
        for step in ('pred_instances_step1', 'pred_instances_step2'):
            window[step] = {name: value.flip(0) for name, value in window[step].items()}
    figures = run(StepwiseAVAMetric(num_steps=2, **files), samples[::-1])
    names = [name for name in figures if 'recall' not in name]  # its k best tubes are taken in their order
    assert {name: figures[name] for name in names} == {name: expected[name] for name in names}


@pytest.mark.parametrize('ignore', [True, False])
def test_without_ties_equal_to_mmaction(tmp_path, ignore):
    files, samples = random_case(tmp_path)
    different = iter(np.random.default_rng(0).permutation(9999) + 1)
    for window in samples:
        for step in ('pred_instances_step1', 'pred_instances_step2'):
            scores = window[step]['scores']
            count = int((scores > 0).sum())
            scores[scores > 0] = torch.tensor([next(different) / 1e4 for _ in range(count)], dtype=torch.float32)
    settings = dict(num_steps=2, ignore_empty_frames=ignore, **files)
    theirs = run(StepwiseAVAMetric(ties='mmaction', **settings), samples)
    assert run(StepwiseAVAMetric(**settings), samples) == pytest.approx(theirs, abs=1e-12)


def test_no_detection_at_all(small):
    nothing = sample('v', 902, [([], np.zeros((0, 81)).tolist())])
    nothing['pred_instances_step1']['scores'] = torch.zeros(0, 81)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        figures = run(StepwiseAVAMetric(num_steps=1, **small), [nothing])
    assert figures['step1/overall'] == figures['step1/recall@0.5_top3'] == figures['step1/AP/walk'] == 0
    assert not any(np.isnan(value) for value in figures.values())


def test_detected_class_that_is_never_annotated(small):
    boxes = [[0, 0, .5, 1]] * 2
    figures = run(StepwiseAVAMetric(num_steps=1, **small), [sample('v', 902, [(boxes, [one_hot(1), one_hot(70)])])])
    assert figures['step1/overall'] == 1
    assert 'step1/person_interaction' not in figures


def test_class_ids_with_gaps(small):
    # AVA v2.1's label map has 60 of 80 ids; detections of the others do not count.
    boxes = [[0, 0, .5, 1]] * 2
    figures = run(StepwiseAVAMetric(num_steps=1, **small), [sample('v', 902, [(boxes, [one_hot(1, .5), one_hot(3)])])])
    assert figures['step1/AP/walk'] == figures['step1/overall'] == 1
