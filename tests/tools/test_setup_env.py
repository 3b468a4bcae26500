"""Tests of what tools/setup_env.sh says when it cannot begin."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / 'tools' / 'setup_env.sh'


@pytest.fixture
def run(tmp_path):
    """Runs a copy of the script in an empty checkout."""
    (tmp_path / 'tools' / 'requirements').mkdir(parents=True)
    (tmp_path / 'tools' / 'mmcv_few_ops').mkdir()
    for name in ('setup.py', 'tools/requirements.txt', 'tools/requirements/web.txt', 'tools/mmcv_few_ops/_ext.py'):
        (tmp_path / name).touch()
    script = shutil.copy(SCRIPT, tmp_path / 'tools')

    def run(*arguments, **env):
        return subprocess.run(['bash', script, *arguments], capture_output=True, text=True, env={**os.environ, **env})

    return run


def test_unknown_argument(run):
    done = run('--all-ops')
    assert done.returncode == 1
    assert 'Unknown argument: --all-ops' in done.stderr and '--full-ops' in done.stderr


def test_help_shows_the_commands(run):
    done = run('--help')
    assert done.returncode == 0
    assert 'bash tools/setup_env.sh --full-ops' in done.stdout


def test_a_python_that_is_too_new_is_named_and_the_way_out_is_another_one(run, tmp_path):
    python = tmp_path / 'python3.13'
    python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.13.0 || exit 1\n')
    python.chmod(0o755)
    done = run(PYTHON=str(python))
    assert done.returncode == 1
    assert 'Python 3.13.0 is not one of them' in done.stderr
    # "install python3" would bring the same one again.
    assert 'uv python install 3.12' in done.stderr and 'install python3 ' not in done.stderr
    assert not (tmp_path / '.venv').exists()
