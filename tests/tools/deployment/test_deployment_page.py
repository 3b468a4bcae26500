"""The commands of docs/deployment.rst, on a small model."""
import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest
import torch
from helpers.exported import small_config
from helpers.square_detector import write_square_video
from mmaction.registry import MODELS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / 'docs' / 'deployment.rst').read_text(encoding='utf-8')
COMMANDS = re.findall(r'^    python (\S+\.py .*)$', PAGE, re.MULTILINE)


def test_every_kind_of_command_is_there():
    assert [command.split()[0] for command in COMMANDS
            ] == ['tools/deployment/export_onnx.py', *['demo/demo_video.py'] * 3, 'tools/deployment/quantize_onnx.py']


@pytest.fixture
def places(tmp_path, monkeypatch):
    """What the words of the page stand for."""
    cfg = small_config()
    cfg.dump(str(tmp_path / 'small.py'))
    model = MODELS.build(cfg.model)
    model.init_weights()
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'small.pth')
    write_square_video(tmp_path / 'a.mp4', seconds=2)
    monkeypatch.chdir(tmp_path)
    return dict(CONFIG='small.py', CHECKPOINT='small.pth', VIDEO='a.mp4')


def run(monkeypatch, command, places):
    words = [places.get(word, word) for word in shlex.split(command)]
    monkeypatch.setattr(sys, 'argv', words)
    runpy.run_path(str(ROOT / words[0]), run_name='__main__')


def test_commands_run(places, monkeypatch, capsys, tmp_path):
    for name in ('onnxscript', 'onnxruntime', 'openvino'):
        pytest.importorskip(name)
    for command in COMMANDS:
        fewer = ' --windows 2' if 'quantize' in command else ''
        run(monkeypatch, command + fewer, places)
    for name in ('model.onnx', 'model.clips.onnx', 'model.json', 'out.mp4', 'model_int8.onnx',
                 'model_int8.clips.onnx'):
        assert (tmp_path / name).stat().st_size > 0, name
    out = capsys.readouterr().out
    assert 'Largest differences from the model, 3 windows (a.mp4):' in out
    assert 'Calibrated on 2 windows' in out


def test_difference_ends_with_1_and_without_a_file(places, monkeypatch, capsys, tmp_path):
    for name in ('onnxscript', 'onnxruntime'):
        pytest.importorskip(name)
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, f'{COMMANDS[0]} --tolerance 1e-12 1e-12', places)
    assert end.value.code == 1
    assert 'Error: model.onnx is not written: step' in capsys.readouterr().err
    assert not list(tmp_path.glob('model*'))


@pytest.mark.parametrize('command, message', [
    ('tools/deployment/export_onnx.py CONFIG CHECKPOINT CHECKPOINT', 'the name must end with .onnx'),
    ('tools/deployment/quantize_onnx.py VIDEO model.onnx --videos VIDEO', 'a.mp4 is no ONNX file'),
    ('tools/deployment/export_onnx.py CONFIG CHECKPOINT nowhere/model.onnx', 'The folder nowhere does not exist'),
])
def test_mistakes_are_a_line(places, monkeypatch, capsys, command, message):
    pytest.importorskip('onnx')
    with pytest.raises(SystemExit):
        run(monkeypatch, command, places)
    assert message in capsys.readouterr().err
