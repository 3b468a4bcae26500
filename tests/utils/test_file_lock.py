"""A lock keeps other processes out, says who has it, and ends with its process."""
import errno
import os
import signal
import subprocess
import sys

import pytest

from mmstep.errors import LaunchError
from mmstep.utils import hold_lock

HOLD = """
import sys
from mmstep.utils.file_lock import hold_lock
with hold_lock(sys.argv[1], 'it'):
    print('held', flush=True)
    sys.stdin.read()
"""


def test_again_and_again_and_nothing_is_left(tmp_path):
    path = str(tmp_path / 'folder' / 'lock')
    for _ in range(2):
        with hold_lock(path, 'out'):
            with pytest.raises(LaunchError, match=f'^out is being written by process {os.getpid()} on .*, since 20'):
                with hold_lock(path, 'out'):
                    pass
    assert os.listdir(tmp_path / 'folder') == []


def test_file_of_an_ended_process_is_no_lock(tmp_path):
    (tmp_path / 'lock').write_text('process 1 on nowhere, since ever')
    with hold_lock(str(tmp_path / 'lock'), 'out'):
        assert str(os.getpid()) in (tmp_path / 'lock').read_text()


@pytest.mark.slow
def test_lock_ends_with_a_killed_process(tmp_path):
    path = str(tmp_path / 'lock')
    process = subprocess.Popen([sys.executable, '-c', HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b'held\n'
    with pytest.raises(LaunchError, match=f'process {process.pid} on'):
        with hold_lock(path, 'out'):
            pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    with hold_lock(path, 'out'):
        pass
    process.stdin.close()
    process.stdout.close()


def test_somebodys_own_file_of_this_name(tmp_path):
    (tmp_path / 'lock').write_text('mine')
    with pytest.raises(LaunchError, match="lock is somebody's own file, not a lock: out is not written"):
        with hold_lock(str(tmp_path / 'lock'), 'out'):
            pass
    assert (tmp_path / 'lock').read_text() == 'mine'


def test_where_nothing_can_be_made(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(LaunchError, match='file/lock cannot be written: what should be its folder is a file'):
        with hold_lock(str(tmp_path / 'file' / 'lock'), 'out'):
            pass


def test_a_child_does_not_keep_a_lock(tmp_path):
    """As workers of a data loader live on for seconds after their process was killed."""
    path = str(tmp_path / 'lock')
    ready, tell = os.pipe()
    with hold_lock(path, 'out'):
        child = os.fork()
        if not child:
            os.write(tell, b'.')
            signal.pause()
        os.read(ready, 1)
    with hold_lock(path, 'out'):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_full_disk_leaves_no_lock(tmp_path, monkeypatch):

    def fill_the_disk(*_):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'write', fill_the_disk)
    with pytest.raises(LaunchError, match='lock cannot be written: the disk is full'):
        with hold_lock(str(tmp_path / 'lock'), 'out'):
            pass
    monkeypatch.undo()
    assert os.listdir(tmp_path) == []
    with hold_lock(str(tmp_path / 'lock'), 'out'):
        pass
