"""Messages in the words of the command."""
import pytest

from mmstep_command.rephrase import rephrase


@pytest.mark.parametrize('text, wanted', [
    ('Train first:  python tools/train.py configs/step/a.py', 'Train first:  mmstep train configs/step/a.py'),
    ('python tools/data/extract_flow.py a b ; it goes on', 'mmstep flow a b ; it goes on'),
    ('tools/test.py --dump writes one.', 'mmstep test --dump writes one.'),
    ('see demo/demo_video.py and tools/deployment/export_onnx.py', 'see mmstep detect and mmstep export'),
    ('python tools/data/mini/make_mini.py', 'python tools/data/mini/make_mini.py'),
    ('/home/tools/train.pyc', '/home/tools/train.pyc'),
    ('/home/me/tools/train.py does not exist', '/home/me/tools/train.py does not exist'),
    ('my-demo/../demo/demo_video.py', 'my-demo/../demo/demo_video.py'),
])
def test_files_of_a_clone_become_subcommands(text, wanted):
    assert rephrase(text) == wanted


def test_errors_of_a_subcommand_are_said_so(capsys):
    from mmstep.engine.launch import run_tool
    from mmstep.errors import LaunchError

    def fail():
        raise LaunchError('no weights: python tools/train.py CONFIG')

    with pytest.raises(SystemExit):
        run_tool(fail, rephrase)
    assert 'Error: no weights: mmstep train CONFIG' in capsys.readouterr().err
