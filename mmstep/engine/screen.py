"""What people see on the screen: not everything that belongs into the log file of a run."""
import logging
import os
import warnings
from typing import Any, Optional, TextIO, Type, Union

from mmengine.logging import MMLogger
from mmengine.runner import Runner

# Beginnings of what MMEngine logs before a training: some 500 lines, which few read, and then in the file.
LONG = ('System environment:', 'Config:', 'Hooks will be executed in the following order:')
# What libraries say of themselves and nobody who trains can change.
CHATTER = ('"FileClient" will be deprecated', '"HardDiskBackend" is the alias',
           'Distributed training is not used, all ')
OF_CHATTER = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


class ScreenFilter(logging.Filter):
    """Keeps off the screen what MMEngine logs of config, environment and hooks, and chatter of libraries."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown.

        Args:
            record (logging.LogRecord): What is logged.

        Returns:
            bool: False for what is in the log file alone.
        """
        return not record.getMessage().lstrip('-\n ').startswith(LONG + CHATTER)


class QuietRunner(Runner):
    """MMEngine's runner; config, environment and hooks go into the log file and not onto the screen."""

    def build_logger(self, log_level: Union[int, str] = 'INFO', log_file: Optional[str] = None, **kwargs) -> MMLogger:
        """Builds the logger, see :class:`~mmengine.runner.Runner`, and says where the file is."""
        logger = super().build_logger(log_level, log_file, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(ScreenFilter())
        files = _log_files(logger)
        if files:
            path = files[0].baseFilename
            near = os.path.relpath(path)
            logger.info(f'The config, the environment and all messages: {path if near.startswith("..") else near}')
        return logger


def quieten_libraries() -> None:
    """Keeps the chatter of libraries off the screen of a tool: FFmpeg's in OpenCV, and warnings of what is deprecated.

    Such warnings go into the log file of the run, if there is one. What the person has set (``OPENCV_LOG_LEVEL``,
    ``python -W``) stays.
    """
    os.environ.setdefault('OPENCV_LOG_LEVEL', 'ERROR')
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')  # AV_LOG_QUIET; errors are raised by the readers
    shown = warnings.showwarning

    def show(message: Union[Warning, str],
             category: Type[Warning],
             filename: str,
             lineno: int,
             file: Optional[TextIO] = None,
             line: Optional[str] = None) -> None:
        if not issubclass(category, OF_CHATTER) and 'deprecated' not in str(message):
            shown(message, category, filename, lineno, file, line)
            return
        text = warnings.formatwarning(message, category, filename, lineno, line).rstrip()
        record: Any = logging.LogRecord('py.warnings', logging.WARNING, filename, lineno, text, None, None)
        for handler in _log_files(MMLogger.get_current_instance()):
            handler.handle(record)

    warnings.showwarning = show


def _log_files(logger: MMLogger) -> list:
    return [handler for handler in logger.handlers if isinstance(handler, logging.FileHandler)]
