"""The script that completes ``mmstep`` in a shell."""
import subprocess

import pytest

from mmstep_command.completion import main
from mmstep_command.subcommands import SUBCOMMANDS


@pytest.fixture(scope='module')
def script(tmp_path_factory):
    from contextlib import redirect_stdout
    path = tmp_path_factory.mktemp('completion') / 'mmstep.bash'
    with open(path, 'w') as file, redirect_stdout(file):
        assert main(['bash']) == 0
    return path


def complete(script, *words):
    """What bash offers at the end of a line."""
    line = ' '.join(f"'{word}'" for word in words)
    code = (f'source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; COMP_LINE="{" ".join(words)}"; '
            '$(complete -p mmstep | sed "s/.*-F \\([^ ]*\\).*/\\1/") mmstep; printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(['bash', '-c', code], capture_output=True, text=True, check=True).stdout.split()


def test_subcommands_and_options_are_completed(script):
    assert set(complete(script, 'mmstep', 'de')) == {name for name in SUBCOMMANDS if name.startswith('de')}
    assert '--score-thr' in complete(script, 'mmstep', 'detect', '--sc')
    assert complete(script, 'mmstep', 'convert', 'cv') == ['cvat']


def test_other_shells(capsys):
    main(['zsh'])
    assert capsys.readouterr().out.startswith('#compdef mmstep')
