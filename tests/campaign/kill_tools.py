"""Tools that write files, killed at random moments and run again: inference in a folder, optical flow, the demo."""
import json
import random
import shutil
import time
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

from .children import Fork, run_fork
from .frame import Trial
from .material import content, difference, make_archive, make_mini

KILLS = 3  # before a tool may end
TIMES = 20


def infer_videos(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """tools/infer_videos.py over a folder with a broken video: the results of a run that nobody disturbs."""
    archive = make_archive(folder)
    words = ['tools/infer_videos.py', *archive.values(), '--device', 'cpu', '--out']
    yield from goes_on(folder, words, times, code=1)


def extract_flow(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """tools/data/extract_flow.py with two workers."""
    videos = make_mini(folder) / 'videos'
    words = ['tools/data/extract_flow.py', videos, '--method', 'dis', '--workers', 2]
    yield from goes_on(folder, words, times)


def goes_on(folder: Path, words: List, times: Optional[int], code: int = 0) -> Iterator[Tuple[str, Trial]]:
    """Trials of a tool that goes on where it stopped; its last word is its output.

    Args:
        folder (Path): Where it runs.
        words (list): The command without the output.
        times (int, optional): Trials; each has up to three kills.
        code (int): Its exit code at the end.
    """
    wanted = folder / 'undisturbed'
    start = time.monotonic()
    outcome = run_fork([*words, wanted], folder)
    seconds = time.monotonic() - start
    yield 'undisturbed', lambda: outcome.fault(code=code)
    for number in range(times or TIMES):
        chance = random.Random(f'{words[0]} {number}')

        def trial() -> Optional[str]:
            out = folder / 'killed'
            shutil.rmtree(out, ignore_errors=True)
            for _ in range(KILLS):
                tool = Fork([*words, out], folder)
                running = tool.kill(chance.uniform(0, seconds))
                fault = tool.end().fault(code=code)
                if not running and fault is not None:
                    return fault
            return run_fork([*words, out], folder).fault(code=code) or difference(out, wanted)

        yield f'killed {number}', trial


def demo_video(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """demo/demo_video.py, every second time over a good output of before: whole or as it was; nothing is left over."""
    archive = make_archive(folder, count=1)
    video = next(archive['videos'].glob('v*.mp4'))
    words = [
        'demo/demo_video.py', video, archive['config.py'], archive['model.pth'], '--device', 'cpu', '--stride', 0.25,
        '--contact-sheet', '--out'
    ]
    wanted = folder / 'undisturbed'
    wanted.mkdir()
    start = time.monotonic()
    outcome = run_fork([*words, wanted / 'out.mp4'], folder)
    seconds = time.monotonic() - start
    yield 'undisturbed', outcome.fault
    before = content(archive['videos'])
    whole = content(wanted)
    for number in range(times or TIMES):
        chance = random.Random(f'demo {number}')

        def trial() -> Optional[str]:
            out = folder / 'killed'
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            old: Dict[str, bytes] = dict.fromkeys(whole, b'of before') if number % 2 else {}
            for name, text in old.items():
                (out / name).write_bytes(text)
            tool = Fork([*words, out / 'out.mp4'], folder)
            tool.kill(chance.uniform(0, seconds))
            tool.end()
            if content(archive['videos']) != before:
                return 'the video that is read was changed'
            fault = not_whole(content(out), old, whole)
            if fault is not None:
                return fault
            fault = run_fork([*words, out / 'out.mp4'], folder).fault()
            found = content(out)
            return fault or (f'left over: {sorted(set(found) - set(whole))}'
                             if set(found) != set(whole) else not_whole(found, {}, whole))

        yield f'killed {number}', trial


def not_whole(found: Dict[str, bytes], old: Dict[str, bytes], whole: Dict[str, bytes]) -> Optional[str]:
    """Names a file that is neither that of before nor a whole new one; names with a dot are not final."""
    for name, text in found.items():
        if name.startswith('.') or text == old.get(name):
            continue
        if name.endswith('.json'):
            good = json.loads(text)['complete'] and len(text) == len(whole[name])
        else:
            good = text == whole.get(name)
        if not good:
            return f'{name} is not whole'
    gone = [name for name in old if name not in found]
    return f'{gone[0]} of before has gone' if gone else None
