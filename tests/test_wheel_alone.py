"""The command ``mmstep`` of an installed wheel, in a folder without a clone around it."""
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from helpers.wheel import install_alone, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    """The installed wheel."""
    return install_alone(tmp_path_factory.mktemp('wheel'))


@pytest.fixture(scope='module')
def environment(site):
    """Variables with which Python finds the wheel before anything else."""
    return dict(os.environ, PYTHONPATH=str(site), OMP_NUM_THREADS='1', no_proxy='*', CUDA_VISIBLE_DEVICES='')


@pytest.fixture(scope='module')
def folder(site, environment, tmp_path_factory):
    """A folder with nothing but a small mini data set, made by the wheel."""
    folder = tmp_path_factory.mktemp('empty')
    numbers = dict(seconds=5, num_train=1, num_val=1, num_heldout=1, workers=1)
    options = [text for key, value in numbers.items() for text in (f'--{key.replace("_", "-")}', str(value))]
    run(sys.executable, site / 'mmstep/.mim/tools/data/mini/make_mini.py', *options, cwd=folder, env=environment)
    return folder


@pytest.fixture
def mmstep(site, environment, folder):
    """Runs the command in the folder; returns what it printed."""
    return lambda *words: run(site / 'bin/mmstep', *words, cwd=folder, env=environment)


def test_it_is_the_wheel_that_runs(site, environment, folder):
    code = 'import mmstep, mmstep_command; print(mmstep.__file__, mmstep_command.__file__)'
    for path in run(sys.executable, '-c', code, cwd=folder, env=environment).split():
        assert path.startswith(str(site))


def test_detect(mmstep, folder):
    said = mmstep('detect', 'data/mini/videos/heldout_0000.mp4')
    result = json.loads((folder / 'heldout_0000_detected.json').read_text())
    assert 'heldout_0000_detected.mp4' in said and (folder / 'heldout_0000_detected.mp4').stat().st_size > 1000
    assert result['complete'] and result['duration'] == pytest.approx(5, abs=.1) and 'walk' in result['classes']


def test_archive(mmstep, folder):
    mmstep('archive', 'data/mini/videos', '--out', 'results')
    with open(folder / 'results/videos.csv', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 and not any(row['error'] for row in rows)
    assert len(list((folder / 'results/detections').rglob('*.parquet'))) == 3


def test_check(mmstep):
    assert 'mini_train.csv: 1 videos' in mmstep('check', 'step_tiny_mini-ava', '--videos')


def test_page(site, environment, folder):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    with open(folder / 'page.log', 'w+') as log:
        process = subprocess.Popen(
            [str(site / 'bin/mmstep'), 'page', '--port', str(port)],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log)
        try:
            while 'The page is at' not in (folder / 'page.log').read_text() and process.poll() is None:
                time.sleep(0.2)
            assert process.poll() is None, (folder / 'page.log').read_text()
            page = urllib.request.urlopen(f'http://127.0.0.1:{port}/', timeout=60).read().decode()
            assert 'mmstep' in page
            process.send_signal(signal.SIGTERM)
            assert process.wait(120) == 0
        finally:
            process.kill()
            process.wait()
