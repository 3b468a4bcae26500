"""Trainings that are killed at random moments and resumed until they end."""
import os
import random
import shutil
import time
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from .children import Fork, run_fork
from .frame import Trial
from .material import LAST, checkpoint_difference, make_mini, write_training
from .processes import Tool

KILLS = 3  # of a training
# Seconds for two processes to start in, on a machine that does other things as well.
SLOW_START = 240


def train(config: Path, work_dir: Path, *options) -> List:
    """The command of a training."""
    return ['tools/train.py', config, '--work-dir', work_dir, *options]


def trials(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """By iterations and by epochs, with and without a worker of the data loader; two processes."""
    mini = make_mini(folder)
    for loop, workers in (('iterations', 0), ('epochs', 1)):
        config = write_training(folder, mini, loop, workers)
        wanted = folder / f'undisturbed_{config.stem}'
        start = time.monotonic()
        outcome = run_fork(train(config, wanted), folder, limit=SLOW_START)
        seconds = time.monotonic() - start
        yield f'{config.stem} undisturbed', outcome.fault
        for number in range(times or 6):
            chance = random.Random(f'train {config.stem} {number}')
            yield f'{config.stem} {number}', lambda: killed(folder, config, wanted, LAST[loop], seconds, chance)
    config = write_training(folder, mini, 'iterations')
    wanted = folder / 'undisturbed_two'
    words = ['tools/dist_train.sh', config, 2, '--work-dir']
    start = time.monotonic()
    outcome = Tool([*words, wanted], folder, limit=SLOW_START).end()
    seconds = time.monotonic() - start
    yield 'two processes undisturbed', outcome.fault
    for number in range(min(times or 2, 2)):
        chance = random.Random(f'train two {number}')
        yield f'two processes {number}', lambda: two_killed(folder, words, wanted, seconds, chance)


def killed(folder: Path, config: Path, wanted: Path, last: str, seconds: float,
           chance: random.Random) -> Optional[str]:
    """Kills a training up to three times, then lets it end."""
    work_dir = folder / f'killed_{config.stem}'
    shutil.rmtree(work_dir, ignore_errors=True)
    for _ in range(KILLS):
        tool = Fork(train(config, work_dir, '--resume'), folder)
        running = tool.kill(chance.uniform(0, seconds * 0.9))
        outcome = tool.end()
        if not running and outcome.fault() is not None:
            return f'resumed: {outcome.fault()}'
    outcome = run_fork(train(config, work_dir, '--resume'), folder, limit=SLOW_START)
    return outcome.fault() or checkpoint_difference(work_dir / last, wanted / last) or leftovers(
        work_dir, wanted, last)


def leftovers(work_dir: Path, wanted: Path, last: str) -> Optional[str]:
    """What a training that was killed has left besides the files of one that was not."""
    if (work_dir / 'last_checkpoint').read_text() != last:
        return f'last_checkpoint names {(work_dir / "last_checkpoint").read_text()}'
    ours, theirs = ({path.name for path in place.iterdir() if path.is_file()} for place in (work_dir, wanted))
    # A training that is killed in a validation goes on after it, so that its best checkpoint is another one.
    odd = sorted(name for name in ours - theirs if not name.startswith('best_'))
    missing = sorted(name for name in theirs - ours if not name.startswith('best_'))
    return f'left over: {odd}, missing: {missing}' if odd or missing else None


def two_killed(folder: Path, words: List, wanted: Path, seconds: float, chance: random.Random) -> Optional[str]:
    """Kills torchrun, whose processes have to end by themselves, twice, then lets the training end."""
    work_dir = folder / 'killed_two'
    shutil.rmtree(work_dir, ignore_errors=True)
    for _ in range(2):
        tool = Tool([*words, work_dir, '--resume'], folder, SLOW_START)
        tool.kill(chance.uniform(seconds / 4, seconds))
        tool.end()
        deadline = time.monotonic() + 30
        while living(str(work_dir)):
            if time.monotonic() > deadline:
                return f'processes live on after torchrun was killed: {living(str(work_dir))}'
            time.sleep(0.2)
    outcome = Tool([*words, work_dir, '--resume'], folder, SLOW_START).end()
    last = LAST['iterations']
    return outcome.fault() or checkpoint_difference(work_dir / last, wanted / last) or leftovers(
        work_dir, wanted, last)


def living(word: str) -> List[int]:
    """Numbers of the processes with a word in their command line."""
    found = []
    for entry in os.listdir('/proc'):
        try:
            if entry.isdigit() and word in Path('/proc', entry, 'cmdline').read_text(errors='replace'):
                found.append(int(entry))
        except OSError:  # it has just ended
            continue
    return found
