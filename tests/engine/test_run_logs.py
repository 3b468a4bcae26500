"""Losses and figures that a training wrote down."""
import json

import pytest
from mmengine.registry import VISBACKENDS, VISUALIZERS

from mmstep.engine.run_logs import read_scalars
from mmstep.errors import LaunchError


def write(folder, time, *records):
    file = folder / time / 'vis_data' / 'scalars.json'
    file.parent.mkdir(parents=True)
    file.write_text(''.join(json.dumps(record) + '\n' for record in records))
    return file


def test_parts_of_a_resumed_run_are_joined(tmp_path):
    write(tmp_path, '20260101_000000', dict(step=20, loss=3., iter=20), dict(step=40, loss=2., iter=40))
    file = write(tmp_path, '20260102_000000', dict(step=40, loss=1., iter=40),
                 dict(step=0, **{'step3/overall': .5}, note='x'))
    assert read_scalars(str(tmp_path)) == {'loss': ([20, 40], [3., 1.]), 'step3/overall': ([40], [.5])}
    assert read_scalars(str(file))['loss'] == ([40], [1.])


def test_what_is_no_run(tmp_path):
    with pytest.raises(LaunchError, match='no work directory of a training'):
        read_scalars(str(tmp_path))
    write(tmp_path, 'a', dict(loss=1.))
    with pytest.raises(LaunchError, match='scalars.json:1: no scalars'):
        read_scalars(str(tmp_path))


def test_other_backends_are_a_line_of_the_config(tmp_path):
    """README's line: MMEngine knows the names, and the visualizer of our configs takes what they make."""
    for name in ('TensorboardVisBackend', 'WandbVisBackend'):
        assert VISBACKENDS.get(name) is not None
    backends = [dict(type='LocalVisBackend')]
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: F401
        backends.append(dict(type='TensorboardVisBackend'))
    except ImportError:
        pass
    visualizer = VISUALIZERS.build(
        dict(type='ActionVisualizer', vis_backends=backends, save_dir=str(tmp_path), name='test_run_logs'))
    visualizer.add_scalar('loss', 2., step=1)
    visualizer.close()
    assert '"loss": 2.0' in (tmp_path / 'vis_data' / 'scalars.json').read_text()
    assert len(backends) == 1 or list((tmp_path / 'vis_data').glob('events.out.tfevents*'))
