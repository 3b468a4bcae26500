"""What is on the screen of a training and what in its log file alone."""
import logging
import os
import warnings

import pytest
from mmengine.logging import MMLogger
from mmengine.model import BaseModel

from mmstep.engine.screen import QuietRunner, ScreenFilter, quieten_libraries


class Toy(BaseModel):
    """A model that does nothing."""

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return inputs


def record(text):
    """A record of a log."""
    return logging.LogRecord('mmengine', logging.INFO, 'a.py', 1, text, None, None)


@pytest.mark.parametrize('text, shown', [
    ('\n' + '-' * 60 + '\nSystem environment:\n    sys.platform: linux', False),
    ('Config:\nmax_iters = 3\n', False),
    ('Hooks will be executed in the following order:\nbefore_run:\n', False),
    ('"FileClient" will be deprecated in future. Please use', False),
    ('Iter(train) [  20/1200]  lr: 4.0000e-04', True),
    ('Config: none', False),
    ('The config of this run', True),
])
def test_what_is_shown(text, shown):
    assert ScreenFilter().filter(record(text)) is shown


def test_a_runner_shows_little_and_logs_all(tmp_path, capfd):
    runner = QuietRunner(Toy(), str(tmp_path), experiment_name='screen_test', cfg=dict(max_iters=3))
    runner.logger.handlers.clear()  # it writes to what pytest closes
    printed = capfd.readouterr()
    screen = (printed.out + printed.err).splitlines()
    assert len(screen) < 10 and not any('System environment' in line for line in screen)
    log, = tmp_path.glob('*/*.log')
    assert log.name in ' '.join(screen)
    text = log.read_text()
    assert 'System environment' in text and 'max_iters' in text and 'Hooks will be executed' in text


def test_warnings_of_what_is_deprecated_go_into_the_log(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setenv('OPENCV_LOG_LEVEL', 'INFO')
    logger = MMLogger.get_instance('screen_test_warnings', log_file=str(tmp_path / 'a.log'))
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: shown.append(str(message))
        warnings.simplefilter('always')
        quieten_libraries()
        warnings.warn('torch.jit.script is no more', DeprecationWarning)
        warnings.warn('pkg_resources is deprecated as an API', UserWarning)
        warnings.warn('the disk is nearly full', UserWarning)
    logger.handlers[0].flush()
    assert shown == ['the disk is nearly full'] and os.environ['OPENCV_LOG_LEVEL'] == 'INFO'
    log = (tmp_path / 'a.log').read_text()
    assert 'torch.jit.script is no more' in log and 'pkg_resources' in log and 'nearly full' not in log
