"""Benchmark of what can run a detector: its table, its groups of growth and its arguments."""
import sys
from pathlib import Path

import benchmark_inference
import pytest
import torch
from benchmark_inference import GRIDS, difference, growth_of, main, print_table
from mmaction.registry import MODELS, TASK_UTILS
from mmengine.config import Config

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / 'configs/step/step_tiny_mini-ava.py'


def make_row(seconds, scores=None, tubes=None, left_out=None):
    row = object.__new__(benchmark_inference.Row)
    row.title, row.seconds, row.peak, row.left_out = 'a row', seconds, 2**30, left_out
    row.outputs = [] if scores is None else [(torch.tensor(scores), torch.tensor(tubes))]
    return row


def test_table_gives_medians_ratios_and_largest_differences(capsys):
    boxes = [[[0., 0, 1, 1], [0, 0, 5, 5], [0, 0, 1, 1]]]
    first = make_row([2., 9, 1], [[.5, .25]], boxes)
    # The middle frame of three.
    other = make_row([1., 1, 1], [[.5, .5]], [[[0., 0, 5, 8]]])
    assert difference(other, first) == (.25, 3)
    print_table([first, other, make_row([4.]), make_row([], left_out='no compiler')])
    lines = capsys.readouterr().out.splitlines()[2:]
    assert lines == [
        '| a row | 2.000 | 1.00 | 0.0e+00 | 0 | 1.00 |', '| a row | 1.000 | 0.50 | 2.5e-01 | 3 | 1.00 |',
        '| a row | 4.000 | 2.00 | | | 1.00 |', '| a row | left out: no compiler | | | | |'
    ]


@pytest.mark.parametrize('tubes', GRIDS)
def test_grids_have_so_many_tubes(tubes):
    scales, overlaps = GRIDS[tubes]
    generator = TASK_UTILS.build(dict(type='TubeGridGenerator', scales=scales, overlaps=overlaps))
    assert generator.num_tubes == tubes


def test_growing_models_can_be_built():
    cfg = Config.fromfile(CONFIG)
    base = dict(window=dict(batch=1, frames=36, height=128, width=128))
    groups = growth_of(cfg, base)
    assert {
        name: list(group)
        for name, group in groups.items()
    } == dict(
        tubes=['11', '34', '100'], steps=['2', '3', '4'], batch=['1', '2'], frames=['36', '72', '108'])
    for steps, settings in groups['steps'].items():
        grown = Config.fromfile(CONFIG)
        grown.merge_from_dict(settings['cfg_options'])
        head = MODELS.build(grown.model).roi_head
        assert head.num_steps == int(steps) and head.extend_at == (int(steps), )


@pytest.mark.slow
def test_rows_run_in_processes_of_their_own(monkeypatch, capsys):
    words = [str(CONFIG), '--rows', 'eager bf16', 'heads', '--rounds', '1', '--baseline', str(ROOT)]
    monkeypatch.setattr(sys, 'argv', ['benchmark_inference.py', *words])
    main()
    rows = {
        line.split('|')[1].strip(): line.split('|')
        for line in capsys.readouterr().out.splitlines() if '|' in line
    }
    assert list(rows)[2:] == ['eager fp32', 'eager bf16', 'heads', 'baseline, eager fp32']
    assert 0 < float(rows['eager bf16'][4]) < .1 and float(rows['baseline, eager fp32'][4]) == 0
    assert all(float(row[2]) > 0 for name, row in list(rows.items())[2:])


@pytest.mark.parametrize('words, message', [(['--rounds', '0'], 'at least 1'), (['--baseline', 'docs'], 'no folder')])
def test_bad_arguments(monkeypatch, capsys, words, message):
    monkeypatch.setattr(sys, 'argv', ['benchmark_inference.py', str(CONFIG), *words])
    with pytest.raises(SystemExit):
        main()
    assert message in capsys.readouterr().err
