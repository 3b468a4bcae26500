"""The command ``mmstep``: its help, its errors, and what it calls."""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmstep_command.main import main

ROOT = Path(__file__).parents[2]
# Stands in for an environment without the stack: whatever is imported of it fails as if it were not there.
WITHOUT_STACK = '''
import importlib.abc, importlib.util, sys
STACK = {'torch', 'mmengine', 'mmcv', 'mmdet', 'mmaction', 'numpy', 'shtab'}
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in STACK:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in STACK else find_spec(name, *rest)
sys.meta_path.insert(0, Missing())
from mmstep_command import main
sys.exit(main())
'''


def run(*words, code=WITHOUT_STACK):
    return subprocess.run([sys.executable, '-c', code, *words],
                          capture_output=True,
                          text=True,
                          env={
                              **os.environ, 'PYTHONPATH': str(ROOT)
                          })


def test_help_lists_the_subcommands_without_the_stack():
    done = run('--help')
    assert done.returncode == 0 and done.stderr == ''
    for line in ('detect', 'live', 'page', 'archive', 'train', 'test', 'check', 'export', 'eval', 'convert', 'models',
                 'setup'):
        assert f'\n  {line} ' in done.stdout
    assert 'mmstep detect video.mp4' in done.stdout
    assert run().stdout == done.stdout


def test_help_is_quick():
    """The processor's time: half a second of it is what a person waits on a machine with nothing else to do."""
    before = os.times()
    run('--help')
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used < 0.5


def test_nothing_of_the_stack_is_imported_for_the_help():
    code = 'import sys; from mmstep_command import main; main(["--help"])'
    done = run(code=f'try:\n    {code}\nfinally:\n    print(*sys.modules, file=sys.stderr)')
    loaded = set(done.stderr.split())
    assert 'argparse' in loaded and not loaded & {'mmstep', 'torch', 'numpy', 'mmengine'}


@pytest.mark.parametrize('name', ['detect', 'train', 'completion'])
def test_missing_stack(name):
    if name == 'completion':
        done = run(name, 'bash')
        assert "pip install 'mmstep[completion]'" in done.stderr
    else:
        done = run(name, 'video.mp4')
        assert 'torch, mmengine, mmcv, mmdet, mmaction2 are not installed in the environment of' in done.stderr
        assert 'tools/setup_env.sh' in done.stderr  # of this clone; elsewhere it is mmstep setup
    assert done.returncode == 1 and 'Traceback' not in done.stderr


def test_versions():
    done = run('--version')
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} >= {'python', 'mmstep', 'torch', 'mmcv'}


def test_misspelt_subcommand(capsys):
    with pytest.raises(SystemExit) as end:
        main(['detct', 'video.mp4'])
    assert end.value.code == 2
    assert "there is no 'detct'. Did you mean detect?" in capsys.readouterr().err


def test_subcommand_gets_its_words_and_its_name(capsys, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['mmstep'])
    assert main(['models', 'mini-ava_no']) == 0
    assert capsys.readouterr().out == 'step_tiny_mini-ava_no-extension  to be trained\n'
    with pytest.raises(SystemExit) as end:
        main(['train', '--help'])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith('usage: mmstep train ') and 'example: mmstep train my_config.py' in said


def test_error_of_a_subcommand_is_a_line(capsys, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['mmstep'])
    with pytest.raises(SystemExit) as end:
        main(['check', 'nowhere.py'])
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith('\nError: ')


def test_missing_extra_is_named(capsys, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['mmstep'])
    monkeypatch.setitem(sys.modules, 'gradio', None)
    for name in [name for name in sys.modules if name.startswith('mmstep.cli.demo')]:
        monkeypatch.delitem(sys.modules, name)
    assert main(['page']) == 1
    assert "mmstep page needs gradio:  pip install 'mmstep[web]'" in capsys.readouterr().err


@pytest.mark.slow
def test_python_m_mmstep():
    start = time.time()
    done = subprocess.run([sys.executable, '-m', 'mmstep', 'models', 'tiny_mini-ava'],
                          capture_output=True,
                          text=True,
                          env={
                              **os.environ, 'PYTHONPATH': str(ROOT)
                          })
    assert done.returncode == 0 and 'step_tiny_mini-ava ' in done.stdout, time.time() - start
