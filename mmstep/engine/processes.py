"""Starting the processes of a run, and what they have to agree on."""
import os
import os.path as osp
import socket
import sys
import threading
import time
from datetime import timedelta
from typing import Optional

import torch
from mmengine.config import Config
from mmengine.dist import all_gather_object, broadcast_object_list, init_dist
from mmengine.utils.dl_utils import set_multi_processing

from mmstep.errors import LaunchError

LAUNCHER_PID = 'MMSTEP_LAUNCHER_PID'  # set by tools/_torchrun.py


def set_up_processes(cfg: Config, launcher: str) -> None:
    """Starts the process group, before anything asks for the number of this process; the runner then takes it.

    On the CPU MMEngine cannot start it: its 'pytorch' launcher calls ``torch.cuda.set_device``, which a CPU build of
    torch lacks, and hands DistributedDataParallel a device id.

    Args:
        cfg (Config): The config; ``launcher`` and, on the CPU, ``model_wrapper_cfg`` are set.
        launcher (str): 'none', 'pytorch', 'slurm' or 'mpi'.

    Raises:
        LaunchError: If a launcher other than 'pytorch' is asked for without a GPU.
    """
    cfg.launcher = launcher
    if launcher == 'pytorch':
        end_with_launcher()
    if launcher == 'none':
        return
    env_cfg = cfg.get('env_cfg') or {}
    dist_cfg = dict(env_cfg.get('dist_cfg') or {})
    if torch.cuda.is_available():
        # In the runner's order: init_dist chooses a start method where there is none.
        set_multi_processing(**(env_cfg.get('mp_cfg') or {}), distributed=True)
        init_dist(launcher, **dist_cfg)
        return
    start_cpu_processes(launcher, dist_cfg)
    wrapper = dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False))
    cfg.model_wrapper_cfg = {**wrapper, **(cfg.get('model_wrapper_cfg') or {}), 'device_ids': None}


def start_cpu_processes(launcher: str, dist_cfg: Optional[dict] = None) -> None:
    """Starts the process group of CPU processes.

    Args:
        launcher (str): 'pytorch'.
        dist_cfg (dict, optional): ``env_cfg.dist_cfg`` of the config. Its ``timeout``, in seconds, holds here as well;
            the backend is gloo whatever it says. Defaults to torch's 30 minutes.

    Raises:
        LaunchError: If it is another launcher, which MMEngine supports with GPUs only.
    """
    if launcher != 'pytorch':
        raise LaunchError(f'--launcher {launcher} needs a GPU, and torch {torch.__version__} sees none. '
                          'Several CPU processes: --launcher pytorch under torchrun, as tools/dist_*.sh do.')
    timeout = (dist_cfg or {}).get('timeout')
    torch.distributed.init_process_group('gloo', timeout=None if timeout is None else timedelta(seconds=timeout))


def agree_on_file(path: Optional[str]) -> Optional[str]:
    """What the first process has chosen, for all: on another machine, or a moment later, another file may lie there.

    Args:
        path (str, optional): The file that this process would take.

    Returns:
        str or None: The one of the first process.

    Raises:
        LaunchError: In all processes, if a machine does not have it.
    """
    chosen = [path]
    broadcast_object_list(chosen)
    lacking = chosen[0] is not None and not osp.exists(chosen[0])
    machines = sorted({name for name in all_gather_object(socket.gethostname() if lacking else None) if name})
    if machines:
        raise LaunchError(f'{chosen[0]} is not on {", ".join(machines)}: the working directory has to lie on a file '
                          'system that all machines share.')
    return chosen[0]


def end_with_launcher() -> None:
    """Ends this process once torchrun has ended, however that is: a killed one cannot end its processes.

    Without it they would go on for hours, hold their GPUs, or wait for each other. tools/dist_*.sh tell who started
    them: the launcher may have ended before its processes get here.
    """
    end_with_parent(parent=int(os.environ.get(LAUNCHER_PID, 0)) or None)


def end_with_parent(interval: float = 1., parent: Optional[int] = None) -> None:
    """Ends this process once the one that started it has ended, however that is.

    Args:
        interval (float): Seconds between two looks.
        parent (int, optional): Number of the process that started it. Defaults to that of its present parent, which
            is another one if it has ended already.
    """
    parent = parent or os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(interval)
        print('The process that started this one has ended, so it ends, too.', file=sys.stderr, flush=True)
        os._exit(1)  # from a thread, and past collectives that wait for ever

    threading.Thread(target=watch, name='end_with_parent', daemon=True).start()
