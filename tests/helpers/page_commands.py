"""Runs the commands of a page as they stand there, in a folder that looks like the project."""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ITERATIONS = 4
# What is added to a command so that it takes seconds.
SHORTER = {
    'tools/train.py': ['--cfg-options', f'train_cfg.max_iters={ITERATIONS}', 'default_hooks.logger.interval=1'],
    'demo/demo_video.py': ['--score-thr', '0.01'],
}


def section(page, title):
    """The text of a page under a heading, up to the next one."""
    text = (ROOT / page).read_text(encoding='utf-8')
    text = text[text.index(title):]
    end = re.search(r'^## ', text[len(title):], re.MULTILINE)
    return text if end is None else text[:len(title) + end.start()]


def blocks(text, language):
    """The code blocks of a language."""
    return re.findall(rf'```{language}\n(.*?)```', text, re.DOTALL)


def link_project(folder):
    """Makes a folder look like the project, without its data."""
    for name in ('tools', 'configs', 'demo', 'mmstep'):
        (folder / name).symlink_to(ROOT / name)


def run_commands(lines, cwd, **words_of_page):
    """Runs commands one after the other; comments are left off, checkpoints are those of the short training.

    Args:
        lines (list[str]): ``python FILE ARGUMENTS``.
        cwd (Path): Where.
        words_of_page (str): What stands for words of the page in capitals, such as ``FOLDER``.

    Returns:
        list[str]: The files that were run.
    """
    env = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    files = []
    for line in lines:
        words = [words_of_page.get(word, word) for word in line.split('#')[0].split()]
        assert words[0] == 'python', line
        words = [re.sub(r'iter_\d+\.pth', f'iter_{ITERATIONS}.pth', word) for word in words[1:]]
        files.append(words[0])
        words += SHORTER.get(words[0], [])
        done = subprocess.run([sys.executable, *words], cwd=cwd, env=env, capture_output=True, text=True)
        assert done.returncode == 0, f'{" ".join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}'
    return files
