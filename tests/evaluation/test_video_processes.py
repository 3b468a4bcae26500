"""Videos scored in several processes give the same figures, also if a process is killed."""
import os
import signal

import numpy as np
import pytest
from helpers.tube_cases import random_case

from mmstep.evaluation import TubeEvaluator, video_processes
from mmstep.evaluation.video_processes import score_videos
from mmstep.structures import tubelets_by_video


@pytest.fixture
def two_processes(monkeypatch):
    monkeypatch.setattr(os, 'sched_getaffinity', lambda _: {0, 1}, raising=False)


def figures(truth, tubelets, windows):
    """Two steps, the second with lower scores."""
    evaluators = [TubeEvaluator(truth, trim=dict(switch_cost=.5), stride=1) for _ in range(2)]

    def videos():
        for video, found in tubelets_by_video(tubelets, len(truth.videos)):
            yield video, [found, found._replace(scores=found.scores**2)]

    score_videos(evaluators, videos, windows)
    return [evaluator.result().figures() for evaluator in evaluators]


@pytest.mark.slow
def test_same_figures_to_the_last_bit(two_processes):
    truth, tubelets = random_case(0, num_videos=9)
    alone, together = figures(truth, tubelets, 1), figures(truth, tubelets, video_processes.POOL_FROM)
    assert alone == together and alone[0] != alone[1]


class KilledOnce(TubeEvaluator):
    """The third video kills a process that is not the first one."""

    def score(self, video, tubelets):
        if video == 2 and os.getpid() != self.first:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(video, tubelets)


@pytest.mark.slow
def test_a_process_that_is_killed(two_processes, monkeypatch):
    truth, tubelets = random_case(0, num_videos=9)
    expected = figures(truth, tubelets, 1)
    KilledOnce.first = os.getpid()
    monkeypatch.setitem(globals(), 'TubeEvaluator', KilledOnce)
    messages = []
    monkeypatch.setattr(video_processes, 'print_log', lambda text, **_: messages.append(text))
    assert figures(truth, tubelets, video_processes.POOL_FROM) == expected
    assert len(messages) == 1 and 'was killed' in messages[0]


@pytest.mark.slow
def test_what_a_process_raises_arrives(two_processes):
    truth, tubelets = random_case(0, num_videos=3)
    tubelets.scores[0] = np.nan
    with pytest.raises(ValueError, match='not a finite number'):
        figures(truth, tubelets, video_processes.POOL_FROM)
