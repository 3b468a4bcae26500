"""The page about one's own data, from its first command to a rendered video: its tables and commands as they are."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import av
import pytest
from helpers.video_files import textured_pictures, write_frames

ROOT = Path(__file__).parents[3]
PAGE = ROOT / 'tools' / 'data' / 'README.md'
ITERATIONS = 4
# What a test adds to a command so that it takes seconds.
SHORTER = {
    'tools/train.py': ['--cfg-options', f'train_cfg.max_iters={ITERATIONS}', 'default_hooks.logger.interval=1'],
    'demo/demo_video.py': ['--score-thr', '0.01'],
}


def section(title):
    """The page's text under a heading, the page's own for none, up to the next one."""
    text = PAGE.read_text(encoding='utf-8')
    text = text[text.index(title):]
    end = re.search(r'^## ', text[len(title):], re.MULTILINE)
    return text if end is None else text[:len(title) + end.start()]


def blocks(title, language):
    """The code blocks of a section."""
    return re.findall(rf'```{language}\n(.*?)```', section(title), re.DOTALL)


def run_page(title, folder, table, cwd):
    """Puts a section's table and two videos into place, and runs its commands one after the other.

    Returns:
        list[list[str]]: The words of the commands.
    """
    for name in ('tools', 'configs', 'demo', 'mmstep'):
        (cwd / name).symlink_to(ROOT / name)
    (cwd / folder / 'videos').mkdir(parents=True)
    for name in ('kitchen_01.mp4', 'yard.mkv'):
        write_frames(cwd / folder / 'videos' / name, textured_pictures(40, (96, 96)), fps=10)
    (cwd / folder / table).write_text(blocks(title, 'csv')[0])
    commands = [line.split() for block in blocks(title, 'bash') for line in block.splitlines() if line]
    env = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    for words in commands:
        assert words[0] == 'python'
        words = [re.sub(r'iter_\d+\.pth', f'iter_{ITERATIONS}.pth', word) for word in words[1:]]
        done = subprocess.run([sys.executable, *words, *SHORTER.get(words[0], [])],
                              cwd=cwd,
                              env=env,
                              capture_output=True,
                              text=True)
        assert done.returncode == 0, f'{" ".join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}'
    return commands


def check_rendered_video(cwd, classes):
    """The video has as many frames as the source, and the model's classes have the table's names."""
    with av.open(str(cwd / 'out.mp4')) as file:
        frames = [frame.to_ndarray(format='rgb24') for frame in file.decode(video=0)]
    assert len(frames) == 40 and frames[0].shape == (96, 96, 3)
    result = json.loads((cwd / 'out.json').read_text())
    assert result['classes'] == classes and result['complete']
    labels = {
        action['label']
        for moment in result['detections']
        for person in moment['persons']
        for action in person['actions']
    }
    assert labels and labels <= set(classes)


@pytest.mark.slow
def test_actions_at_seconds(tmp_path):
    commands = run_page('# Train on your own data', 'data/mine', 'actions.csv', tmp_path)
    # From videos and a table to a rendered video: four commands at most, and no other file written by hand.
    steps = [words[1] for words in commands if words[1] not in ('tools/data/check_dataset.py', 'tools/test.py')]
    assert steps == ['tools/data/new_config.py', 'tools/train.py', 'demo/demo_video.py']
    check_rendered_video(tmp_path, ['stand', 'walk', 'wave'])
    index = (tmp_path / 'pictures' / 'index.csv').read_text().splitlines()
    assert len(index) == 3 and all((tmp_path / 'pictures' / line.split(',')[0]).is_file() for line in index[1:])


@pytest.mark.slow
def test_tubes(tmp_path):
    run_page('## Tubes: every frame annotated', 'data/mine_tubes', 'tubes.csv', tmp_path)
    check_rendered_video(tmp_path, ['stand', 'walk'])
    assert (tmp_path / 'out.pkl').is_file()
