"""torchrun for the launch scripts: an error is said in a line by the process that failed, not in torchrun's traceback.

``--debug``, which every tool takes, shows all that torchrun says.
"""
import logging
import os
import signal
import sys

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

from mmstep.engine.processes import LAUNCHER_PID


def run() -> int:
    """Runs torchrun in this process.

    Returns:
        int: Exit code: 1 if a process failed, as of a shell if this one was ended by a signal.
    """
    os.environ[LAUNCHER_PID] = str(os.getpid())
    if '--debug' in sys.argv[1:]:
        main()
        return 0
    logging.disable(logging.ERROR)
    try:
        main()
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        if failure.exitcode < 0:  # it could not say anything
            name = signal.Signals(-failure.exitcode).name
            print(f'\nError: process {rank} was ended by {name}. Is the memory full?', file=sys.stderr)
        return 1
    except SignalException as error:
        return 128 + error.sigval
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # of the launcher itself, such as a port that is in use
        print(f'\nError: the processes cannot be launched: {error}\n(--debug shows the traceback.)', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(run())
