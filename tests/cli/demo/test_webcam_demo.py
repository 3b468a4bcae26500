"""demo/webcam_demo.py: from a file or a stream to what is printed and written."""
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from helpers.mjpeg_camera import MjpegCamera
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video

from mmstep.apis import VideoSource
from mmstep.cli.demo import webcam_demo
from mmstep.errors import LaunchError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def files(tmp_path):
    """A config and a checkpoint that fit together."""
    square_config().dump(str(tmp_path / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'model.pth')
    return [str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')]


@pytest.fixture
def run(monkeypatch):
    """Runs the demo in this process."""

    def run(*args):
        monkeypatch.setattr(sys, 'argv', ['webcam_demo.py', *args, '--device', 'cpu'])
        webcam_demo.main()

    return run


def test_file_is_played_to_its_end_and_what_is_shown_written(files, run, tmp_path, capsys):
    video = write_square_video(tmp_path / 'in put ä.mp4', seconds=0.8)
    begin = time.monotonic()
    run(*files, '--input', video, '--out', str(tmp_path / 'out.mp4'), '--no-display', '--stride', '0.25', '--delay',
        '0')
    assert time.monotonic() - begin > 0.7
    copy = VideoSource(str(tmp_path / 'out.mp4'))
    assert (copy.width, copy.height, copy.fps) == (256, 128, 15) and copy.duration == pytest.approx(0.8, abs=0.3)
    said = capsys.readouterr().out
    frames, results, left_out = map(int, re.search(r'frames: (\d+), results: (\d+), left out: (\d+)', said).groups())
    # On a busy machine late frames and key times are left out.
    assert 10 <= frames <= 20 and results >= 1 and 3 <= results + left_out <= 4 and 'out.mp4' in said


def test_times_count_from_the_first_picture(files, run, tmp_path, capsys):
    """The clock of the machine, by which the session goes, shows how long that has been up."""
    run(*files, '--input', write_square_video(tmp_path / 'a.mp4', seconds=1), '--no-display', '--stride', '0.25')
    times = [float(text) for text in re.findall(r'^ *([\d.]+) s  ', capsys.readouterr().out, re.MULTILINE)]
    assert times == sorted(times) and 0 <= times[0] and times[-1] < 1.1


def test_results_are_printed_where_nothing_is_shown(files, run, tmp_path, capsys):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.3)
    run('--config', files[0], '--checkpoint', files[1], '--input-video', video, '--no-display', '--predict-stepsize',
        '3', '--action-score-thr', '0.5')
    lines = [line for line in capsys.readouterr().out.splitlines() if 'person' in line]
    assert 1 <= len(lines) <= 2 and all('person 0: left 0.90, right 0.60' in line for line in lines)


def test_results_for_other_programs(files, run, tmp_path, capfd):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.6)
    run(*files, '--input', video, '--no-display', '--stride', '0.25', '--jsonl', '-', str(tmp_path / 'out.jsonl'))
    out, err = capfd.readouterr()
    # Nothing but JSON on standard output; what is for people is on the other one.
    messages = [json.loads(line) for line in out.splitlines()]
    assert [json.loads(line) for line in (tmp_path / 'out.jsonl').read_text().splitlines()] == messages
    assert re.search(rf'messages to standard output: {len(messages)} sent, 0 dropped', err) and 'frames: ' in err
    for message in messages:
        person, = message['persons']
        assert message['source'] == video and message['clock'].endswith('Z') and 0 <= message['time'] < 0.6
        assert person['id'] == 0 and person['actions'][0]['label'] == 'left'
        assert person['bbox'][0] == pytest.approx(square_left(message['time']), abs=8)


def test_a_file_is_played_again_and_times_are_those_of_the_clock(files, run, tmp_path, capsys):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.3)
    run(*files, '--input', video, '--no-display', '--loop', '--max-seconds', '1.5', '--times', 'clock', '--stride',
        '0.25')
    said = capsys.readouterr().out
    assert re.search(r'^\d{4}-\d\d-\d\dT[\d:.]+Z  ', said, re.MULTILINE)
    assert int(re.search(r'frames: (\d+)', said)[1]) > 8  # of which the file has 7


def test_messages_do_not_go_into_an_input(files, run):
    content = Path(files[0]).read_bytes()
    with pytest.raises(LaunchError, match='is the file that is read'):
        run(*files, '--no-display', '--jsonl', files[0])
    assert Path(files[0]).read_bytes() == content


def test_names_from_a_label_map(files, run, tmp_path, capsys):
    (tmp_path / 'names.txt').write_text('gehen\nstehen\n')
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.1)
    run(*files, '--input', video, '--no-display', '--label-map', str(tmp_path / 'names.txt'))
    assert 'gehen 0.90' in capsys.readouterr().out


@pytest.mark.parametrize('options,said', [
    (['--score-thr', '0'], '--score-thr'),
    (['--stride', '0'], '--stride'),
    (['--output-fps', '-1'], '--output-fps'),
    (['--delay', '-1'], '--delay'),
    (['--stride', '1', '--predict-stepsize', '8'], 'say the same'),
])
def test_options_out_of_range(files, run, options, said, capsys):
    with pytest.raises(SystemExit) as end:
        run(*files, *options)
    assert end.value.code == 2 and said in capsys.readouterr().err


def test_model_is_needed(run, capsys):
    with pytest.raises(SystemExit):
        run('--input', '0')
    assert 'CONFIG and CHECKPOINT' in capsys.readouterr().err


def test_nothing_to_see_leaves_no_file(files, run, tmp_path):
    with pytest.raises(LaunchError, match='nowhere.mp4 does not exist'):
        run(*files, '--input', str(tmp_path / 'nowhere.mp4'), '--out', str(tmp_path / 'out.mp4'), '--no-display')
    assert not list(tmp_path.glob('out*'))


@pytest.mark.slow
def test_stream_with_a_break_until_ctrl_c(tmp_path, files):

    def square(index):
        picture = np.zeros((128, 256, 3), np.uint8)
        cv2.rectangle(picture, (60, 30), (100, 70), (255, 255, 255), -1)
        return picture

    out = tmp_path / 'out.mp4'
    # The model of the config stands in this module.
    code = 'import helpers.square_detector, runpy; runpy.run_path("demo/webcam_demo.py", run_name="__main__")'
    with MjpegCamera(fps=20, picture=square) as camera:
        process = subprocess.Popen([
            sys.executable, '-c', code, *files, '--input', camera.address, '--out',
            str(out), '--no-display', '--device', 'cpu', '--stride', '0.5'
        ],
                                   cwd=ROOT,
                                   env={
                                       **os.environ, 'OMP_NUM_THREADS': '1',
                                       'PYTHONPATH': os.pathsep.join([str(ROOT / 'tests'),
                                                                      str(ROOT)])
                                   },
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT,
                                   text=True)
        deadline = time.monotonic() + 300
        while camera.connections < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(4)
        camera.drop()
        time.sleep(0.3)
        camera.come_back()
        while camera.connections < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[0]
    assert process.returncode == 0, said
    assert 'breaks: 1' in said and 'Traceback' not in said
    assert VideoSource(str(out)).duration > 4 and not list(tmp_path.glob('*.part*'))


@pytest.mark.parametrize('option', ['--input', '--label-map'])
def test_output_that_is_an_input(files, run, option, tmp_path):
    video = write_square_video(tmp_path / 'b.mp4', seconds=0)
    content = Path(video).read_bytes()
    with pytest.raises(LaunchError, match='b.mp4 is the file that is read'):
        run(*files, '--no-display', '--out', video, option, video)
    assert Path(video).read_bytes() == content
