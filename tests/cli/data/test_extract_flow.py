"""The command that extracts optical flow, on small videos."""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmstep.cli.data import extract_flow
from mmstep.datasets.flow_files import dequantise, read_info, read_pair
from mmstep.engine.launch import run_tool

TOOL = Path(__file__).parents[3] / 'tools' / 'data' / 'extract_flow.py'


def write_video(path, num_frames=6, step=2, size=(64, 48), seed=0):
    """A texture that moves to the right by ``step`` pixels a frame."""
    noise = np.random.default_rng(seed).standard_normal((size[1], size[0] + 200)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2)
    picture = (128 + 40 * smooth / smooth.std()).clip(0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25, size)
    for index in range(num_frames):
        left = 150 - step * index
        writer.write(cv2.merge([picture[:, left:left + size[0]]] * 3))
    writer.release()
    return path


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob('*')) if path.is_file()}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the command in this process; returns its exit code, and what it said."""

    def run(*options, out='flow', videos='videos'):
        words = ['extract_flow.py', tmp_path / videos, tmp_path / out, '--workers', 1, '--method', 'dis', *options]
        monkeypatch.setattr(sys, 'argv', [str(word) for word in words])
        try:
            run_tool(extract_flow.main)
            code = 0
        except SystemExit as error:
            code = error.code
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture
def videos(tmp_path):
    write_video(tmp_path / 'videos' / 'Biking' / 'v_a.b.avi', step=2)
    write_video(tmp_path / 'videos' / 'c.avi', step=-3, num_frames=4)
    return tmp_path / 'videos'


def test_flow_of_a_folder(run, videos, tmp_path):
    code, said = run('--range', 10)
    assert code == 0 and '2 of 2 videos are in' in said
    assert (tmp_path / 'flow' / 'Biking' / 'v_a.b' / 'flow.json').is_file()
    for name, frames, step in (('Biking/v_a.b', 6, 2), ('c', 4, -3)):
        folder = str(tmp_path / 'flow' / name)
        assert read_info(folder) == (10, 'dis', frames, 64, 48, 95)
        assert len(os.listdir(folder)) == 2 * frames + 1
        for number in range(1, frames + 1):
            flow = dequantise(read_pair(folder, number), 10)
            np.testing.assert_allclose(np.median(flow[8:-8, 8:-8], axis=(0, 1)), [step, 0], atol=0.2)


def test_what_is_there_is_left_alone(run, videos, tmp_path):
    run()
    before = content(tmp_path / 'flow')
    marked = tmp_path / 'flow' / 'c' / 'flow_x_00001.jpg'
    marked.write_bytes(b'mine')
    assert run()[0] == 0 and marked.read_bytes() == b'mine'
    # Other settings: made again.
    assert run('--quality', 90)[0] == 0 and marked.read_bytes() != b'mine'
    assert run()[0] == 0 and content(tmp_path / 'flow') == before


@pytest.mark.parametrize('info', [None, '', '{"range"', '[1]', '{"range": 20}'])
def test_unfinished_flow_is_made_again(run, videos, tmp_path, info):
    run()
    before = content(tmp_path / 'flow')
    folder = tmp_path / 'flow' / 'c'
    (folder / 'flow.json').unlink()
    if info is not None:
        (folder / 'flow.json').write_text(info)
    (folder / 'flow_x_00002.jpg').write_bytes(b'half a pic')
    (folder / 'flow_y_00004.jpg').unlink()
    (folder / 'flow_x_00007.jpg').write_bytes(b'of a longer video')
    assert run()[0] == 0 and content(tmp_path / 'flow') == before


def test_shards(run, videos, tmp_path):
    for number in range(3):
        write_video(videos / f'd{number}.avi', num_frames=2)
    run(out='whole')
    for shard in range(2):
        before = content(tmp_path / 'flow') if shard else {}
        assert run('--num-shards', 2, '--shard-id', shard)[0] == 0
        assert before.items() < content(tmp_path / 'flow').items()
    assert content(tmp_path / 'flow') == content(tmp_path / 'whole')


def test_broken_videos_are_named_and_the_others_made(run, videos, tmp_path):
    (videos / 'text.mp4').write_text('this is no video')
    write_video(videos / 'one.avi', num_frames=1)
    whole = write_video(videos / 'cut.avi', num_frames=60).read_bytes()
    (videos / 'cut.avi').write_bytes(whole[:len(whole) // 2])
    code, said = run()
    said = ' '.join(said.split())
    assert code == 1 and '2 of 5 videos are in' in said and '3 videos have no optical flow:' in said
    assert f'{videos}/text.mp4: {videos}/text.mp4 is not a video that can be read: it is text' in said
    assert f'{videos}/one.avi: it has one frame, and flow needs two' in said
    assert f'{videos}/cut.avi: it is cut short or damaged' in said
    assert sorted(path.parent.name for path in tmp_path.glob('flow/**/flow.json')) == ['c', 'v_a.b']
    # Once it is there whole, it is made.
    (videos / 'cut.avi').write_bytes(whole)
    assert run()[0] == 1 and read_info(str(tmp_path / 'flow' / 'cut')).num_frames == 60


def test_of_two_extensions_the_first(run, videos, tmp_path):
    write_video(videos / 'c.mkv', num_frames=5)
    assert extract_flow.find_videos(videos) == [Path('Biking/v_a.b.avi'), Path('c.avi')]


@pytest.mark.parametrize('options, message',
                         [(['--range', 0], '--range must be positive'), (['--quality', 101], 'in 1..100'),
                          (['--workers', 0], 'at least 1'),
                          (['--num-shards', 2, '--shard-id', 2], '--shard-id must be in 0..1, got 2'),
                          (['--method', 'x'], 'invalid choice')])
def test_bad_arguments(run, videos, tmp_path, options, message):
    code, said = run(*options)
    assert code == 2 and message in said and not (tmp_path / 'flow').exists()


def test_nothing_to_do_is_an_error(run, tmp_path):
    assert run()[0] == 1 and f'{tmp_path}/videos is not a folder' in run()[1]
    (tmp_path / 'videos').mkdir()
    code, said = run()
    assert code == 1 and 'hold no video (.mp4, ' in said


def test_folder_that_cannot_be_made(run, videos, tmp_path):
    (tmp_path / 'file').write_text('')
    code, said = run(out='file/flow')
    assert code == 1 and 'file/flow/extract_flow.txt cannot be written: what should be its folder' in said
    assert 'Traceback' not in said


def test_method_that_is_not_there(run, videos, monkeypatch):
    monkeypatch.setattr(cv2.cuda, 'getCudaEnabledDeviceCount', lambda: 0)
    code, said = run('--method', 'brox')
    assert code == 1 and "'brox' needs an OpenCV built with CUDA" in said


@pytest.mark.slow
def test_killed_in_the_middle(run, tmp_path):
    for number in range(6):
        write_video(tmp_path / 'videos' / f'{number}.avi', num_frames=30, size=(128, 96), seed=number)
    assert run('--method', 'pyramid', out='whole')[0] == 0
    command = [sys.executable, str(TOOL), str(tmp_path / 'videos'), str(tmp_path / 'flow'), '--workers', '2']
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while not list(tmp_path.glob('flow/*/flow.json')):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()  # the tool alone: its workers have to notice
    process.wait()
    assert_nobody_left(process.pid)
    done = {path: path.stat().st_mtime_ns for path in tmp_path.glob('flow/*/flow.json')}
    assert 0 < len(done) < 6
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert all(path.stat().st_mtime_ns == changed for path, changed in done.items())
    assert content(tmp_path / 'flow') == content(tmp_path / 'whole')


def assert_nobody_left(session):
    """Waits until the process group is gone."""
    for _ in range(200):
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(session, signal.SIGKILL)
    pytest.fail('worker processes outlive the tool')


@pytest.mark.parametrize('name', ['c/flow_x_00007.jpg', 'Biking/v_a.b/flow.json'])
def test_files_of_others_are_not_written_over(run, videos, tmp_path, name):
    own = tmp_path / 'flow' / name
    own.parent.mkdir(parents=True)
    own.write_text('mine')
    code, said = run()
    assert code == 1 and f'{name} is there already, and this tool has not written it' in ' '.join(said.split())
    assert content(tmp_path / 'flow') == {name: b'mine'}


def test_flow_of_earlier_versions_is_gone_on_with(run, videos, tmp_path):
    run()
    (tmp_path / 'flow' / 'extract_flow.txt').unlink()
    (tmp_path / 'flow' / 'c' / 'flow.json').unlink()
    assert run()[0] == 0 and read_info(str(tmp_path / 'flow' / 'c')).num_frames == 4


def test_videos_under_names_of_outputs(run, videos, tmp_path):
    run()
    before = (videos / 'c.avi').read_bytes()
    for name in ('flow.json', 'flow_x_00001.jpg'):
        (tmp_path / 'flow' / 'c' / name).unlink()
        os.link(videos / 'c.avi', tmp_path / 'flow' / 'c' / name)
        code, said = run()
        assert (code == 0) == (name != 'flow.json'), said
        (tmp_path / 'flow' / 'c' / 'flow.json').unlink()
    assert (videos / 'c.avi').read_bytes() == before
