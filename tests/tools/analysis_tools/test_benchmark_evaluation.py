"""tools/analysis_tools/benchmark_evaluation.py at a small size, as a user runs it."""
import re
import sys

import benchmark_evaluation
import pytest


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, 'argv', ['benchmark_evaluation.py', *arguments])
    benchmark_evaluation.main()
    return capsys.readouterr().out


@pytest.mark.slow
def test_ava_equals_ava_metric(monkeypatch, capsys):
    found = run(monkeypatch, capsys, 'ava', '--windows', '60', '--steps', '2', '--reference', '40')
    assert re.search(r'StepwiseAVAMetric, 60 windows: collecting .* CPU s, \d+ MiB kept; figures .* peak .* GiB',
                     found)
    means, classes = re.search(r'means differ by (\S+) at most, the \d+ average precisions by (\S+) ', found).groups()
    assert float(means) == 0 and float(classes) <= 5.1e-5


@pytest.mark.slow
def test_same_seed_same_figures(monkeypatch, capsys):
    digests = [
        re.findall(r'figures: (\w+)',
                   run(monkeypatch, capsys, 'ucf101-24', '--videos', '2', '--steps', '1', '--seed', seed))
        for seed in '001'
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.slow
def test_plain(monkeypatch, capsys):
    found = run(monkeypatch, capsys, 'plain', '--videos', '2', '--tubelets', '200', '--plain-videos', '1')
    assert [line.split()[0] for line in found.splitlines()[2:4]] == ['act', 'moc']


@pytest.mark.parametrize('arguments', [('ava', '--windows', '0'), ('plain', '--tubelets', '3'), ()])
def test_sizes_out_of_range(monkeypatch, capsys, arguments):
    with pytest.raises(SystemExit):
        run(monkeypatch, capsys, *arguments)
