"""The command that compares methods of optical flow."""
import sys

import benchmark_flow
import numpy as np
import pytest


def run(monkeypatch, *options):
    monkeypatch.setattr(sys, 'argv', ['benchmark_flow.py', *map(str, options)])
    benchmark_flow.run_tool(benchmark_flow.main)


def test_the_pair_is_turned_by_its_flow():
    first, second, flow = benchmark_flow.make_pair(100, 5., 0)
    assert first.shape == second.shape == (100, 100) and flow.shape == (100, 100, 2) and first.dtype == np.uint8
    # The centre stays, a corner goes 2 sin(2.5 degrees) times its distance.
    np.testing.assert_allclose(flow[49:51, 49:51].mean(axis=(0, 1)), 0, atol=1e-9)
    assert np.linalg.norm(flow[0, 0]) == pytest.approx(2 * np.sin(np.deg2rad(2.5)) * np.hypot(49.5, 49.5))
    y, x = np.mgrid[20:80, 20:80]
    moved = np.rint(np.stack([x, y], axis=2) + flow[20:80, 20:80]).astype(int)
    there = second[moved[..., 1], moved[..., 0]].astype(float)
    assert np.abs(there - first[20:80, 20:80]).mean() < 5 < np.abs(second.astype(float) - first).mean()


def test_same_seed_same_picture():
    first, again, other = (benchmark_flow.make_pair(64, 5., seed)[0] for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()


def test_table(monkeypatch, capsys):
    run(monkeypatch, '--size', 96, '--repeats', 1, '--methods', 'dis')
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('5 degrees, 96x96, displacements up to 5.9 px')
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines if line.startswith('|')]
    assert [row[0] for row in rows[2:]] == ['pyramid (default)', 'dis'] and all(len(row) == 6 for row in rows)
    assert 0 < float(rows[2][1]) < 0.3 and rows[2][4:] == ['1.00', '1.00']
    assert float(rows[3][4]) == pytest.approx(float(rows[3][1]) / float(rows[2][1]), rel=0.2)


@pytest.mark.parametrize('options', [['--size', 10], ['--repeats', 0], ['--methods', 'x']])
def test_bad_arguments(monkeypatch, capsys, options):
    with pytest.raises(SystemExit) as caught:
        run(monkeypatch, *options)
    assert caught.value.code == 2 and options[0] in capsys.readouterr().err
