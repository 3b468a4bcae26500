"""The Dockerfile, as far as a machine without Docker can tell: its lint, what it copies, and the commands it runs."""
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from helpers.wheel import SOURCES, copy_sources, run

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / 'Dockerfile').read_text(encoding='utf-8')


def instructions():
    """Instruction and arguments of each statement, lines that go on joined, without comments."""
    lines = [line for line in TEXT.splitlines() if line and not line.startswith('#')]
    joined = re.sub(r'\\\n\s*', '', '\n'.join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines()]


def test_hadolint_finds_nothing():
    hadolint = Path(sys.executable).with_name('hadolint')
    done = subprocess.run([hadolint, ROOT / 'Dockerfile'], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, '')


def test_what_is_copied_is_what_a_wheel_is_built_of():
    copied = [source for name, words in instructions() if name == 'COPY' for source in words.split()[:-1]]
    assert sorted(copied) == sorted(SOURCES)


def test_every_build_argument_is_used_and_every_option_of_the_head_is_one():
    arguments = {words.partition('=')[0] for name, words in instructions() if name == 'ARG'}
    rest = '\n'.join(words for name, words in instructions() if name != 'ARG')
    assert all(f'${{{argument}}}' in rest for argument in arguments)
    named = set(re.findall(r'--build-arg (\w+)=', TEXT))
    assert named and named <= arguments


def test_the_container_is_the_command():
    last = dict(instructions()[-4:])
    assert last['ENTRYPOINT'] == '["mmstep"]' and last['CMD'] == '["--help"]'


@pytest.mark.slow
def test_its_steps_set_up_an_environment(tmp_path):
    """Run as they stand, but for the places, in an environment that finds the packages of this one."""
    steps, = (words for name, words in instructions() if name == 'RUN' and 'mmstep setup' in words)
    commands = [step.strip() for step in steps.split('&&')]
    assert commands[0].startswith('export ') and commands[-1].startswith('rm -rf /root/.cache')
    make, *rest = [step.replace('/opt/mmstep', str(tmp_path / 'env')) for step in commands[1:-1]]
    source = tmp_path / 'source'
    copy_sources(source)
    environment = dict(os.environ, PIP_NO_BUILD_ISOLATION='false', XDG_CACHE_HOME=str(tmp_path / 'cache'))
    environment.pop('PYTHONPATH', None)
    run('bash', '-c', make.replace('python3', sys.executable), cwd=source, env=environment)
    version = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    (tmp_path / 'env/lib' / version / 'site-packages/this.pth').write_text(sysconfig.get_path('purelib'))
    said = ''
    for command in rest:
        said += run('bash', '-c', command, cwd=source, env=environment)
    assert 'components of mmstep are registered' in said and 'ready: mmstep --help' in said
    listed = run(tmp_path / 'env/bin/mmstep', 'models', cwd=tmp_path, env=environment)
    assert 'step_i3d_ava' in listed
    where = 'import mmstep; print(mmstep.__file__)'
    assert run(tmp_path / 'env/bin/python', '-c', where, cwd=tmp_path, env=environment).startswith(str(tmp_path))
