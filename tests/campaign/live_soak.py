"""Hours of a live session: whether memory grows and whether results fall behind.

    .venv/bin/python tests/campaign/run.py live_soak --times 30     # minutes; 30 is the default
"""
import json
import os
import signal
import sys
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Tuple

import numpy as np
from helpers.square_detector import write_square_video

from .frame import Trial
from .processes import Tool
from .videos import make_model

MINUTES = 30
WARM_UP = 1 / 5  # of the time, in which caches fill
INTERVAL = 2.0  # seconds between two looks
# Over what is looked at: growth of memory, and how much later results come at the end than at the beginning.
MOST_GROWTH, MOST_DRIFT = 40.0, 1.0  # MiB, seconds


class Sample(NamedTuple):
    """One look at the session."""
    passed: float  # seconds since its start
    memory: float  # MiB that it has in use
    lag: float  # seconds from the newest result's time to the moment it was written
    results: int


def trials(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """One session, of so many minutes as ``times`` says."""
    minutes = MINUTES if times is None else times
    trial = partial(soak, folder, 60 * minutes)
    trial.limit = 60 * minutes + 600
    yield f'{minutes} minutes live', trial


def soak(folder: Path, seconds: float) -> Optional[str]:
    """Plays a file again and again, and judges what was seen.

    Args:
        folder (Path): Where files lie.
        seconds (float): How long.

    Returns:
        str or None: What is wrong.
    """
    messages = folder / 'messages.jsonl'
    model, video = make_model(folder), write_square_video(folder / 'film.mp4', seconds=8)
    command = [
        'demo/webcam_demo.py', *model, '--input', video, '--loop', '--no-display', '--device', 'cpu', '--jsonl',
        messages, '--stride', '0.5'
    ]
    tool = Tool(command, folder, limit=900)
    if not tool.wait_until(messages.is_file):
        return tool.end().fault() or 'no session'
    samples = list(watch(tool.process.pid, messages, seconds))
    os.kill(tool.process.pid, signal.SIGINT)
    outcome = tool.end()
    report = judge(samples, seconds)
    print('\n'.join([*outcome.output.strip().splitlines()[-3:], report.text]), file=sys.stderr)
    return outcome.fault(says='messages to .* 0 dropped') or report.fault


def watch(pid: int, messages: Path, seconds: float) -> Iterator[Sample]:
    """Looks at a process and its messages until the time is over or it has ended."""
    begin = time.monotonic()
    place, count, lag = 0, 0, 0.
    with open(messages, 'rb') as file:
        while (passed := time.monotonic() - begin) < seconds:
            time.sleep(INTERVAL)
            try:
                pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
            except OSError:
                return
            file.seek(place)
            for line in file:
                if line.endswith(b'\n'):
                    place += len(line)
                    count += 1
                    clock = json.loads(line)['clock'].replace('Z', '+00:00')
                    lag = time.time() - datetime.fromisoformat(clock).timestamp()
            yield Sample(passed, pages * os.sysconf('SC_PAGESIZE') / 2**20, lag, count)


class Report(NamedTuple):
    """What came of a soak."""
    text: str
    fault: Optional[str]


def judge(samples: List[Sample], seconds: float) -> Report:
    """Compares the beginning with the end, by lines through what was seen after the warm-up.

    Args:
        samples (list[Sample]): In order of time.
        seconds (float): How long it was to last.

    Returns:
        Report: Growth of memory and drift of the lag over the time, and what is wrong with them.
    """
    kept = [sample for sample in samples if sample.passed >= WARM_UP * seconds and sample.results]
    if len(kept) < 3 or kept[-1].passed < 0.9 * seconds:
        return Report(f'{len(samples)} looks', 'the session ended early or told of no results')
    passed = np.array([sample.passed for sample in kept])
    span = passed[-1] - passed[0]
    growth, drift = (
        float(np.polyfit(passed, [getattr(sample, name) for sample in kept], 1)[0]) * span
        for name in ('memory', 'lag'))
    text = (f'{passed[-1] / 60:.1f} min, {kept[-1].results} results; memory {kept[0].memory:.0f} to '
            f'{kept[-1].memory:.0f} MiB (trend {growth:+.1f} MiB); results come '
            f'{np.median([sample.lag for sample in kept]):.1f} s after their time (trend {drift:+.2f} s)')
    if growth > MOST_GROWTH or drift > MOST_DRIFT:
        return Report(text, f'too much: {text}')
    return Report(text, None)
