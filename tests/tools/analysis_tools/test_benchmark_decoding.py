"""The command that measures the decoding of windows."""
import sys

import av
import benchmark_decoding
import numpy as np
import pytest
from benchmark_decoding import FILMS, make_film, make_films, measure

from mmstep.video.reading.frame_index import index_frames


@pytest.fixture
def small(monkeypatch):
    """Films of the size of a stamp."""
    for name, film in FILMS.items():
        monkeypatch.setitem(FILMS, name, film._replace(size=(96, 64)))


def run(monkeypatch, *options):
    monkeypatch.setattr(sys, 'argv', ['benchmark_decoding.py', *map(str, options)])
    benchmark_decoding.run_tool(benchmark_decoding.main)


def test_films_are_what_they_are_called(tmp_path, small):
    films = make_films(['hd', 'ava', 'ava_packed', 'ava_frames', 'long'], str(tmp_path), 5, 14)
    with av.open(films['ava'][0]) as file:
        keys = [packet.is_keyframe for packet in file.demux(video=0) if packet.size]
    assert len(keys) == 150 and all(keys[::30]) and films['ava'][1] == 5
    assert len(index_frames(films['ava_packed'][0]).keys) == 60
    assert len(list((tmp_path / 'ava_frames').iterdir())) == 150
    # Three times the short one.
    index = index_frames(films['long'][0])
    np.testing.assert_allclose(index.times, np.arange(375) / 25, atol=1e-6)
    assert films['long'][1] == 14


def test_figures_of_backends(tmp_path, small):
    make_film(FILMS['ava'], str(tmp_path / 'a.mp4'), 5)
    figures = [measure(str(tmp_path / 'a.mp4'), 5, backend, 3) for backend in ('pyav', 'opencv', 'decord')]
    assert len({item.checksum for item in figures}) == 1
    assert all(item.window > 0 and item.opening > 0 and item.again > 0 and item.memory >= 0 for item in figures)


@pytest.mark.slow
def test_table(monkeypatch, capsys, small):
    run(monkeypatch, '--films', 'ava', 'ava_frames', '--seconds', 5, '--windows', 2)
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in capsys.readouterr().out.splitlines()]
    assert [row[1] for row in rows[2:]] == ['pyav', 'decord', 'opencv', 'OpenCV']
    assert [row[6] for row in rows[2:]] == ['', 'equal', 'equal', ''] and {len(row) for row in rows} == {10}
    for row in rows[2:]:
        assert float(row[8]) == pytest.approx(20 * float(row[4]), abs=0.1)


@pytest.mark.parametrize('options', [['--windows', 0], ['--seconds', 1], ['--long-minutes', 0], ['--films', 'x']])
def test_bad_arguments(monkeypatch, capsys, options):
    with pytest.raises(SystemExit) as caught:
        run(monkeypatch, *options)
    assert caught.value.code == 2 and options[0] in capsys.readouterr().err
