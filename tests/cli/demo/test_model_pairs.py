"""Configs and checkpoints of a command line."""
import pytest

from mmstep.cli.demo.model_pairs import pair_models


@pytest.mark.parametrize('words,pairs', [
    (['a.py', 'a.pth'], [('a.py', 'a.pth')]),
    (['late.py'], [('late.py', None)]),
    (['step_early', 'https://host/early', 'step_late', 'b.py', 'b.pth'], [('step_early', 'https://host/early'),
                                                                          ('step_late', None), ('b.py', 'b.pth')]),
    (['a.py', 'a.onnx', 'b.onnx'], [('a.py', 'a.onnx'), ('b.onnx', 'b.onnx')]),
    (['a.pth', 'a.py'], None),
    (['a.py', 'a.pth', 'b.pth'], None),
])
def test_a_checkpoint_belongs_to_the_config_before_it(words, pairs):
    assert pair_models(words) == pairs


def test_a_file_without_ending_holds_weights(tmp_path):
    path = tmp_path / 'epoch_1'
    path.touch()
    assert pair_models(['a.py', str(path)]) == [('a.py', str(path))]
