"""StepwiseAVAMetric: settings and files, the table, dumps that are scored again."""
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.ava_cases import NAMES, one_hot, random_case, run, sample, two_windows, write_files
from mmaction.registry import METRICS
from mmengine.evaluator import Evaluator
from mmengine.structures import InstanceData

from mmstep.errors import DataError
from mmstep.evaluation.files import read_dump
from mmstep.evaluation.metrics import DumpDetections, StepwiseAVAMetric
from mmstep.evaluation.metrics.stepwise_ava_metric import format_table


@pytest.fixture
def small(tmp_path):
    return two_windows(tmp_path)


def test_missing_step_names_keep_steps(small):
    with pytest.raises(DataError, match='pred_instances_step2.*test_cfg.keep_steps'):
        run(StepwiseAVAMetric(num_steps=2, **small), [sample('v', 902, [([0, 0, .5, 1], [one_hot(1)])])])


def test_unknown_class_in_a_group(small):
    with pytest.raises(ValueError, match=r"groups\[\"fast\"\].*'fly'.*walk, run, carry, talk"):
        StepwiseAVAMetric(groups=dict(fast=['run', 'fly']), **small)


def test_bad_files_are_named_when_the_evaluator_is_built(tmp_path):
    files = write_files(tmp_path, [('v', 902, (0, 0, 1, 1), 9, 0)])
    with pytest.raises(ValueError, match=r'truth\.csv has no row of a class that is scored: walk, run'):
        METRICS.build(dict(type='StepwiseAVAMetric', **files))
    with pytest.raises(ValueError, match=r'custom_classes \[9\] are not in .*labels\.pbtxt'):
        StepwiseAVAMetric(custom_classes=[1, 9], **files)
    good = tmp_path / 'good.csv'
    good.write_text('v,902,0,0,1,1,1,0\n')
    with pytest.raises(FileNotFoundError, match='gone'):
        StepwiseAVAMetric(**dict(files, exclude_file=str(tmp_path / 'gone.csv'), ann_file=str(good)))
    (tmp_path / 'truth.csv').write_text('v,902,0,0,1,1,walk,0\n')
    with pytest.raises(ValueError, match=r"truth\.csv:1: action_id is 'walk', it must be an integer"):
        StepwiseAVAMetric(**files)
    (tmp_path / 'labels.pbtxt').write_text('walk\n')
    with pytest.raises(ValueError, match=r'labels\.pbtxt names no class'):
        StepwiseAVAMetric(**files)


@pytest.mark.parametrize('line', ['\t{}\n', '    {}\n', '{}\n', '  {} \r\n', '\n  {}\n\n'])
@pytest.mark.parametrize('quote', ['"', "'"])
def test_perfect_detections_whatever_the_form_of_the_files(line, quote, small):
    text = ''.join('item {\n' + line.format(f'name: {quote}{name}{quote}') + line.format(f'id: {label}') + '}\n'
                   for label, name in NAMES.items())
    for name, content in ((small['label_file'], text), (small['exclude_file'], '\n v , 905 \r\n')):
        Path(name).write_text('\ufeff' + content, encoding='utf-8', newline='')
    rows = Path(small['ann_file']).read_text().splitlines()
    Path(small['ann_file']).write_text('\ufeff\n' + '\r\n\r\n'.join(rows), encoding='utf-8', newline='')
    first = sample('v', 902, [([[0, 0, .5, 1]] * 2, [one_hot(1), one_hot(15)])])
    figures = run(StepwiseAVAMetric(num_steps=1, **small), [first, sample('v', 903, [([.5, 0, 1, 1], [one_hot(2)])])])
    assert {figures[f'step1/AP/{name}'] for name in ('walk', 'run', 'carry')} == {1.0}


def test_little_is_kept(small):
    """Of 34 boxes with 80 scores each those that are detected, 8 bytes a detection and 16 a box."""
    metric = StepwiseAVAMetric(num_steps=1, **small)
    scores = [one_hot(1)] * 3 + [one_hot(3)] * 10 + [one_hot(0)] * 21  # class 3 is not scored
    metric.process(None, [sample('v', 902, [([[0, 0, .5, 1]] * 34, scores)])])
    step = metric.results[0]['steps'][0]
    assert {name: len(part) for name, part in step.items()} == dict(boxes=3, row=3, label=3, score=3, top=3)
    assert sum(part.nbytes for part in step.values()) == 3 * (16 + 8) + 3 * 16
    assert all(part.base is None or part.base.nbytes < 600 for part in step.values())


def test_table():
    table = format_table(dict(step1=dict(overall=.5), step2=dict(overall=1., context=.25)))
    assert table.splitlines() == [
        '           step1    step2',
        'overall    50.00   100.00',
        'context        -    25.00',
    ]


def test_dump_and_score_again(tmp_path):
    files, samples = random_case(tmp_path, windows=12)
    for s in samples:
        instances = s['pred_instances_step2']
        s['pred_instances'] = InstanceData(**instances, tubes=torch.zeros(len(instances['bboxes']), 9, 4)).to_dict()
        s['gt_tubes'] = dict(bboxes=torch.zeros(1, 9, 4))
    out = str(tmp_path / 'out.pkl')
    evaluator = Evaluator([StepwiseAVAMetric(num_steps=2, **files), DumpDetections(out)])
    evaluator.process(samples, None)
    figures = evaluator.evaluate(len(samples))

    dumped = read_dump(out)
    assert set(
        dumped[0]) == {'video_id', 'timestamp', 'pred_instances', 'pred_instances_step1', 'pred_instances_step2'}
    assert isinstance(dumped[0]['pred_instances']['tubes'], np.ndarray)
    again = Evaluator(StepwiseAVAMetric(num_steps=2, **files)).offline_evaluate(dumped, chunk_size=5)
    assert again == figures
