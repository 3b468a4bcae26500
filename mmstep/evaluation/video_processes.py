"""Videos are scored in several processes."""
import gc
import logging
import os
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Callable, Deque, Iterable, List, Sequence, Tuple

from mmengine.logging import print_log

from mmstep.structures import Tubelets
from .evaluate import TubeEvaluator, VideoScores

# From this many windows on, a second or two of work, processes are worth starting.
POOL_FROM = 2000
# More do not help: one process hands out the work.
MOST = 16

Videos = Iterable[Tuple[int, Sequence[Tubelets]]]

_evaluators: List[TubeEvaluator] = []


def score_videos(evaluators: Sequence[TubeEvaluator], videos: Callable[[], Videos], windows: int) -> None:
    """Gives the tubelets of videos to evaluators; on as many processes as there are processors, with equal figures.

    Args:
        evaluators (Sequence[TubeEvaluator]): One for each step of the detector.
        videos (Callable): Gives index and, for each evaluator, tubelets of all videos; is called again if a process
            dies.
        windows (int): How many windows there are; for few of them no process is started.

    Raises:
        ValueError: If a score or a box is not a finite number.
    """
    processes = min(len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1, MOST)
    done = set()
    if processes > 1 and windows >= POOL_FROM:
        waiting: Deque[Future] = deque()
        try:
            with ProcessPoolExecutor(processes, initializer=_set_up, initargs=(list(evaluators), )) as pool:
                for item in videos():
                    waiting.append(pool.submit(_score, item))
                    while len(waiting) > 2 * processes:  # so that few videos are held twice
                        done.add(_take(evaluators, waiting.popleft().result()))
                while waiting:
                    done.add(_take(evaluators, waiting.popleft().result()))
            return
        except BrokenProcessPool:
            print_log(
                'A process that scored videos was killed, perhaps for want of memory. The other videos are scored '
                'in this process.',
                logger='current',
                level=logging.WARNING)
    for video, parts in videos():
        if video not in done:
            for evaluator, tubelets in zip(evaluators, parts):
                evaluator.add(video, tubelets)


def _take(evaluators: Sequence[TubeEvaluator], scores: List[VideoScores]) -> int:
    for evaluator, item in zip(evaluators, scores):
        evaluator.add_scores(item)
    return scores[0].video


def _set_up(evaluators: List[TubeEvaluator]) -> None:
    _evaluators[:] = evaluators
    # Linking makes millions of small lists, none of them in a cycle: looking for cycles took a fifth of the time.
    gc.disable()


def _score(item: Tuple[int, Sequence[Tubelets]]) -> List[VideoScores]:
    video, parts = item
    return [evaluator.score(video, tubelets) for evaluator, tubelets in zip(_evaluators, parts)]
