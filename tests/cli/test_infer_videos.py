"""tools/infer_videos.py as a user runs it, killed at any time and in several processes."""
import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, write_square_video

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow
BROKEN = ('zero bytes.mp4', 'deep/cut off.mp4')


@pytest.fixture(scope='module')
def archive(tmp_path_factory):
    """Folder of ten videos, two of them broken, a config and a checkpoint."""
    root = tmp_path_factory.mktemp('archive')
    (root / 'videos' / 'deep').mkdir(parents=True)
    for index in range(8):
        write_square_video(root / 'videos' / ('deep' if index % 2 else '') / f'v {index} ü.mp4', seconds=1 + index / 4)
    (root / 'videos' / BROKEN[0]).write_bytes(b'')
    (root / 'videos' / BROKEN[1]).write_bytes((root / 'videos' / 'v 0 ü.mp4').read_bytes()[:300])
    config = square_config()
    config.custom_imports = dict(imports=['helpers.square_detector'], allow_failed_imports=False)
    config.dump(str(root / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), root / 'model.pth')
    return root


def start(archive, out, *args, launcher=()):
    command = [
        sys.executable, *launcher, 'tools/infer_videos.py', archive / 'videos', archive / 'config.py',
        archive / 'model.pth', '--out', out, '--device', 'cpu', *args
    ]
    paths = [str(ROOT / 'tests'), str(ROOT)]
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(paths), OMP_NUM_THREADS='1')
    return subprocess.Popen([str(item) for item in command],
                            cwd=ROOT,
                            env=env,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE,
                            text=True,
                            start_new_session=True)


def files(out):
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob('*') if path.is_file()}


@pytest.fixture(scope='module')
def undisturbed(archive):
    process = start(archive, archive / 'undisturbed')
    _, err = process.communicate(timeout=120)
    return process.returncode, err, archive / 'undisturbed'


def test_broken_videos_are_recorded_and_the_rest_goes_on(undisturbed):
    code, err, out = undisturbed
    assert code == 1 and '2 videos could not be read' in err and all(name in err for name in BROKEN)
    table = pq.read_table(out / 'detections').to_pydict()
    assert len(set(table['video'])) == 8 and set(table['label']) == {'left', 'right'}
    with open(out / 'videos.csv', encoding='utf-8', newline='') as file:
        assert [row['video'] for row in csv.DictReader(file) if row['error']] == sorted(BROKEN)


def test_killed_three_times_gives_the_same(archive, undisturbed):
    out = archive / 'killed'
    for least in (2, 4, 6):
        process = start(archive, out)
        deadline = time.monotonic() + 100
        while len(list(out.glob('detections/**/*.parquet'))) < least and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    before = {path: path.stat().st_mtime_ns for path in out.glob('detections/**/v*.parquet')}
    process = start(archive, out)
    process.communicate(timeout=120)
    assert files(out) == files(undisturbed[2])
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items()), 'done twice'


def test_two_processes_give_the_same(archive, undisturbed):
    launcher = ('-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', '2')
    process = start(archive, archive / 'two', '--launcher', 'pytorch', launcher=launcher)
    _, err = process.communicate(timeout=200)
    assert process.returncode == 1 and '2 videos could not be read' in err
    assert files(archive / 'two') == files(undisturbed[2])


def test_other_settings_and_missing_files(archive, undisturbed):
    process = start(archive, undisturbed[2], '--stride', '0.5')
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1 and 'stride was None, now 0.5' in err
