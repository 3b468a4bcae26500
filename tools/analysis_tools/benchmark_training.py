"""The parts of a training iteration, and what threads, mixed precision and processes change.

    python tools/analysis_tools/benchmark_training.py configs/step/step_tiny_mini-ava.py

Every way to train runs in processes of its own, which take turns, so that what else the machine does meets all of
them. The table has for each way the median seconds of each part of an iteration (``data`` is what the data workers do,
beside the iteration), those of the iteration, its CPU seconds over all processes, and how many times faster it is than
the first way. Iterations of all ways train on as many windows. Where the data of the config are not on disk the
windows are random, with two actors, and there is no ``data``. Weights are random.
"""
import argparse
import multiprocessing
import os
import socket
import statistics
import time
from collections import defaultdict
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import torch
from benchmark_step import random_batch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.logging import MMLogger
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import mmstep  # noqa: F401  registers the components
from mmstep.engine.arguments import add_cfg_options, add_config_argument
from mmstep.engine.config_files import load_config
from mmstep.engine.data_check import check_data_files
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError

PARTS = ('data', 'preprocessing', 'backbone', 'heads: inference', 'heads: training', 'backward', 'optimizer')


class Way(NamedTuple):
    """A way to train.

    Attributes:
        name (str): How the table calls it.
        threads (int): Threads of each process.
        processes (int): Number of processes, which share the windows of an iteration.
        amp (bool): Whether in mixed precision.
    """
    name: str
    threads: int = 1
    processes: int = 1
    amp: bool = False


def ways(cores: int, batch_size: int) -> List[Way]:
    """What is compared: on a GPU precisions; on the CPU threads and precisions, and processes where the windows of an
    iteration divide among them."""
    if torch.cuda.is_available():
        return [Way('fp32', cores), Way('amp', cores, amp=True)]
    listed = [Way('1 thread'), Way('1 thread, bf16', amp=True)]
    if cores > 1:
        listed += [Way(f'{cores} threads', cores), Way(f'{cores} threads, bf16', cores, amp=True)]
        if batch_size % cores == 0:
            listed += [Way(f'{cores} processes', 1, cores)]
    return listed


class Training:
    """One process of a way.

    Args:
        cfg (Config): The config.
        way (Way): How it trains.
        batch_size (int): Windows of this process in an iteration.
        with_data (bool): Whether to read the config's data.
    """

    def __init__(self, cfg: Config, way: Way, batch_size: int, with_data: bool) -> None:
        init_default_scope(cfg.default_scope)
        self.cfg, self.with_data, self.batch_size = cfg, with_data, batch_size
        self.times: Dict[str, float] = defaultdict(float)
        torch.manual_seed(0)
        self.model: Any = MODELS.build(cfg.model).to(get_device())
        self.model.train()
        if way.amp:
            cfg.optim_wrapper.type = 'AmpOptimWrapper' if torch.cuda.is_available() else 'BF16OptimWrapper'
        self.optim_wrapper: Any = build_optim_wrapper(self.model, cfg.optim_wrapper)
        self._time(self.model, 'extract_feat', 'backbone')
        self._time(self.model.roi_head, '_progress', 'heads: inference')
        self.forward: Any = MMDistributedDataParallel(self.model) if way.processes > 1 else self.model
        self._batches = self._draw()

    def _time(self, owner: Any, method: str, part: str) -> None:
        original = getattr(owner, method)

        def timed(*args, **kwargs):
            with self.part(part):
                return original(*args, **kwargs)

        setattr(owner, method, timed)

    def _draw(self) -> Iterator[dict]:
        if not self.with_data:
            return cycle([random_batch(self.cfg, self.batch_size) for _ in range(2)])
        loader = dict(self.cfg.train_dataloader, batch_size=self.batch_size, num_workers=0, persistent_workers=False)
        return iter(Runner.build_dataloader(loader))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Adds the time of its context to a part."""
        start = clock()
        yield
        self.times[name] += clock() - start

    def iterate(self) -> Dict[str, float]:
        """Trains for one iteration.

        Returns:
            dict[str, float]: Seconds of each part, of the ``iteration``, which reads no data, and its ``cpu`` seconds.
        """
        self.times.clear()
        with self.part('data'):
            batch = next(self._batches)
        start, cpu = clock(), time.process_time()
        with self.part('preprocessing'):
            data = self.model.data_preprocessor(batch, True)
        with self.part('forward'), self.optim_wrapper.optim_context(self.forward):
            losses = self.forward(**data, mode='loss')
            loss, _ = self.model.parse_losses(losses)
        with self.part('backward'):
            self.optim_wrapper.backward(self.optim_wrapper.scale_loss(loss))
        with self.part('optimizer'):
            self.optim_wrapper.step()
            self.optim_wrapper.zero_grad()
        times = dict(self.times, iteration=clock() - start, cpu=time.process_time() - cpu)
        forward = times.pop('forward')
        times['heads: training'] = forward - times['backbone'] - times['heads: inference']
        if not self.with_data:
            del times['data']
        return times


def clock() -> float:
    """Seconds, once a GPU has done what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def work(args: argparse.Namespace, way: Way, batch_size: int, with_data: bool, rank: int, port: int,
         pipe: Any) -> None:
    """A process: trains for as many iterations as it is told to, and answers with the times of each."""
    torch.set_num_threads(way.threads)
    MMLogger.get_current_instance().setLevel('ERROR')
    if way.processes > 1:
        torch.distributed.init_process_group(
            'gloo', init_method=f'tcp://127.0.0.1:{port}', rank=rank, world_size=way.processes)
    training = Training(read_config(args), way, batch_size // way.processes, with_data)
    while (count := pipe.recv()) > 0:
        pipe.send([training.iterate() for _ in range(count)])


def read_config(args: argparse.Namespace) -> Config:
    """The config, without initial weights."""
    cfg = load_config(args.config, args.cfg_options)
    stack: List[Any] = [cfg.model]
    while stack:
        node = stack.pop()
        if isinstance(node, dict) and (node.get('init_cfg') or {}).get('type') == 'Pretrained':
            node['init_cfg'] = None
        stack += node.values() if isinstance(node, dict) else node if isinstance(node, (list, tuple)) else ()
    return cfg


class Team:
    """The processes of a way."""

    def __init__(self, args: argparse.Namespace, way: Way, batch_size: int, with_data: bool) -> None:
        context = multiprocessing.get_context('spawn')
        self.way, self.times = way, []  # type: Way, List[Dict[str, float]]
        self._pipes, self._processes = [], []
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        for rank in range(way.processes):
            ours, theirs = context.Pipe()
            self._processes.append(
                context.Process(target=work, args=(args, way, batch_size, with_data, rank, port, theirs), daemon=True))
            self._processes[-1].start()
            theirs.close()
            self._pipes.append(ours)

    def run(self, count: int) -> List[Dict[str, float]]:
        """So many iterations; parts and iteration are those of the slowest process, CPU seconds the sum."""
        for pipe in self._pipes:
            pipe.send(count)
        try:
            answers = [pipe.recv() for pipe in self._pipes]
        except EOFError:
            raise LaunchError(f'{self.way.name} failed; the reason is above') from None
        return [{
            name: (sum if name == 'cpu' else max)(times[name] for times in each)
            for name in each[0]
        } for each in zip(*answers)]

    def end(self) -> None:
        """Ends the processes."""
        for pipe, process in zip(self._pipes, self._processes):
            pipe.send(0)
            process.join()


def table(teams: Dict[str, List[Dict[str, float]]]) -> List[str]:
    """The lines of the table.

    Args:
        teams (dict[str, list]): Times of the iterations of each way; the first way is the one to compare with.

    Returns:
        list[str]: A head, a line a part, the iteration, its CPU seconds, and how many times faster it is.
    """
    medians = {
        name: {
            key: statistics.median(each[key] for each in times)
            for key in times[0]
        }
        for name, times in teams.items()
    }
    width = max(20, *(len(name) + 3 for name in teams))
    lines = [f'{"seconds":<20}' + ''.join(f'{name:>{width}}' for name in teams)]
    first: Optional[Dict[str, float]] = next(iter(medians.values()))
    for key in (*PARTS, 'iteration', 'cpu'):
        if key in first:
            label = {'cpu': 'CPU seconds', 'data': '(data)'}.get(key, key)
            lines.append(f'{label:<20}' + ''.join(f'{each[key]:>{width}.4f}' for each in medians.values()))
    faster = ''.join(f'{first["iteration"] / each["iteration"]:>{width - 1}.2f}x' for each in medians.values())
    return lines + [f'{"times as fast":<20}' + faster]


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    add_config_argument(parser)
    parser.add_argument('--batch-size', type=int, help="windows of an iteration (default: the config's)")
    parser.add_argument('--cores', type=int, default=len(os.sched_getaffinity(0)), help='default: all')
    parser.add_argument('--rounds', type=int, default=5, help='turns of each way')
    parser.add_argument('--iterations', type=int, default=4, help='iterations of a turn')
    parser.add_argument('--ways', nargs='+', metavar='NAME', help='only these, as the table calls them')
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    """Measures and prints the table."""
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    batch_size = args.batch_size or cfg.train_dataloader.batch_size
    chosen = [way for way in ways(args.cores, batch_size) if not args.ways or way.name in args.ways]
    if not chosen:
        raise LaunchError(f'--ways {" ".join(args.ways)}: choose from '
                          f'{", ".join(repr(way.name) for way in ways(args.cores, batch_size))}')
    try:
        check_data_files(Config(dict(train_dataloader=cfg.train_dataloader)), args.config, ['train'])
        with_data = True
    except LaunchError:
        with_data = False
    print(f'{args.config}, {batch_size} windows an iteration, {"" if with_data else "random, "}torch '
          f'{torch.__version__}, {torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"}')
    times: Dict[str, List[Dict[str, float]]] = {way.name: [] for way in chosen}
    teams = [Team(args, way, batch_size, with_data) for way in chosen]
    for team in teams:
        team.run(1)  # to warm up
    for team in islice(cycle(teams), args.rounds * len(teams)):
        times[team.way.name] += team.run(args.iterations)
    for team in teams:
        team.end()
    print('\n'.join(table(times)))


if __name__ == '__main__':
    run_tool(main)
