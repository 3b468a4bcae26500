"""``mmstep setup``, which runs the set-up script that the package brings."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mmstep_command import set_up
from mmstep_command.missing import explain_missing, set_up_command

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package, outside any clone, whose script says its arguments."""
    tools = tmp_path / 'site/mmstep/.mim/tools'
    tools.mkdir(parents=True)
    (tools / 'setup_env.sh').write_text('echo "$@" > said.txt; exit 3\n')
    monkeypatch.setattr(set_up, 'PACKAGE', tmp_path / 'site/mmstep')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_script_of_the_package_is_run_for_this_python(package):
    assert set_up.main([]) == 3
    assert (package / 'said.txt').read_text().split() == ['--into', sys.executable]


def test_another_environment_and_all_operators(package):
    (package / 'env').mkdir()
    (package / 'env/python').symlink_to(sys.executable)
    assert set_up.main(['--python', 'env/python', '--full-ops']) == 3
    # The path of the environment, not of the Python behind its link.
    assert (package / 'said.txt').read_text().split() == ['--into', str(package / 'env/python'), '--full-ops']


def test_no_such_python(package, capsys):
    with pytest.raises(SystemExit):
        set_up.main(['--python', 'nowhere/python'])
    assert 'nowhere/python: there is no such program' in capsys.readouterr().err


def test_a_package_without_the_script(package, capsys):
    shutil.rmtree(package / 'site/mmstep/.mim')
    with pytest.raises(SystemExit) as end:
        set_up.main([])
    assert end.value.code == 1 and 'Install mmstep again' in capsys.readouterr().err


def test_what_is_missing_is_named_with_the_command_of_this_place():
    assert set_up_command() == f'bash {ROOT}/tools/setup_env.sh'
    said = explain_missing(['mmcv'])
    assert said.startswith('mmcv is not installed') and said.endswith(set_up_command())


class TestScript:
    """``setup_env.sh --into`` as far as it goes without installing anything."""

    @pytest.fixture
    def python(self, tmp_path):
        """A Python whose environment is ``tmp_path/env``; it answers the questions of the script as told."""
        (tmp_path / 'env').mkdir()

        def make(version_fits=0, has_pip=0, has_mmstep=0):
            path = tmp_path / 'python'
            path.write_text('#!/bin/sh\ncase "$*" in\n'
                            f'  *version_info*) exit {version_fits} ;;\n  *"-m pip --version") exit {has_pip} ;;\n'
                            '  --version) echo Python 3.9.1 ;;\n'
                            f'  *sys.prefix*) echo {tmp_path}/env ;;\n  *find_spec*) exit {has_mmstep} ;;\n'
                            '  *) cat >/dev/null; exit 1 ;;\nesac\n')
            path.chmod(0o755)
            return path

        return make

    def run(self, *words):
        command = ['bash', ROOT / 'tools/setup_env.sh', '--into', *words]
        return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))

    @pytest.mark.parametrize('lacks, message', [
        (dict(version_fits=1), 'Python 3.9.1 of .* does not do: Python 3.10, 3.11 or 3.12 is needed'),
        (dict(has_pip=1), 'has no pip'),
        (dict(has_mmstep=1), 'mmstep is not installed in the environment of'),
    ])
    def test_an_environment_that_does_not_do(self, python, lacks, message):

        done = self.run(python(**lacks))
        assert done.returncode == 1 and re.search(message, done.stderr)

    def test_no_python(self):
        done = self.run('nowhere/python')
        assert done.returncode == 1 and "got 'nowhere/python'" in done.stderr
