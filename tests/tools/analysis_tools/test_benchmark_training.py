"""Benchmark of a training iteration: what is compared, and the table."""
import subprocess
import sys
from pathlib import Path

import benchmark_training
import pytest
import torch

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / 'configs' / 'step' / 'step_tiny_mini-ava.py'


@pytest.mark.skipif(torch.cuda.is_available(), reason='other ways on a GPU')
@pytest.mark.parametrize('cores, batch_size, processes', [(2, 4, [1, 1, 1, 1, 2]), (2, 1, [1, 1, 1, 1]),
                                                          (1, 4, [1, 1])])
def test_windows_of_an_iteration_divide_among_processes(cores, batch_size, processes):
    found = benchmark_training.ways(cores, batch_size)
    assert [way.processes for way in found] == processes
    assert len({way.name for way in found}) == len(found)


def test_table_compares_medians_with_the_first_way():
    iterations = {
        'one': [dict(backward=value, iteration=2 * value, cpu=value) for value in (1., 2., 9.)],
        'two': [dict(backward=.5, iteration=.8, cpu=3.)]
    }
    lines = [line.split() for line in benchmark_training.table(iterations)]
    assert lines == [['seconds', 'one', 'two'], ['backward', '2.0000', '0.5000'], ['iteration', '4.0000', '0.8000'],
                     ['CPU', 'seconds', '2.0000', '3.0000'], ['times', 'as', 'fast', '1.00x', '5.00x']]


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason='other ways on a GPU')
def test_parts_add_up_to_the_iteration():
    done = subprocess.run([
        sys.executable, ROOT / 'tools' / 'analysis_tools' / 'benchmark_training.py', CONFIG, '--batch-size', '2',
        '--cores', '2', '--rounds', '1', '--iterations', '1', '--ways', '1 thread', '2 processes', '--cfg-options',
        'train_dataloader.dataset.ann_file=nowhere.csv'
    ],
                          capture_output=True,
                          text=True,
                          cwd=ROOT)
    assert done.returncode == 0, done.stderr
    head, names, *lines = done.stdout.splitlines()
    assert 'random' in head and names.split() == ['seconds', '1', 'thread', '2', 'processes']
    rows = {line[:20].strip(): [float(value.rstrip('x')) for value in line[20:].split()] for line in lines}
    parts = [rows[part][0] for part in benchmark_training.PARTS if part != 'data']
    assert sum(parts) == pytest.approx(rows['iteration'][0], rel=.05)
    assert rows['times as fast'][0] == 1 and rows['CPU seconds'][1] > 0
