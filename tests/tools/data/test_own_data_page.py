"""The page about one's own data, from its first command to a rendered video: its tables and commands as they are."""
import json

import av
import pytest
from helpers.page_commands import blocks, link_project, run_commands, section
from helpers.video_files import textured_pictures, write_frames

PAGE = 'tools/data/README.md'
# Commands that look at what is there; who is in a hurry leaves them out.
LOOKS = ('tools/data/check_dataset.py', 'tools/analysis_tools/browse_dataset.py', 'tools/test.py')


def run_page(title, folder, table, cwd):
    """Puts a section's table and two videos into place, and runs its commands."""
    link_project(cwd)
    (cwd / folder / 'videos').mkdir(parents=True)
    for name in ('kitchen_01.mp4', 'yard.mkv'):
        write_frames(cwd / folder / 'videos' / name, textured_pictures(40, (96, 96)), fps=10)
    text = section(PAGE, title)
    (cwd / folder / table).write_text(blocks(text, 'csv')[0])
    return run_commands([line for block in blocks(text, 'bash') for line in block.splitlines() if line], cwd)


def check_rendered_video(cwd, classes):
    """The video has as many frames as the source, and what was found in it has the table's names."""
    with av.open(str(cwd / 'out.mp4')) as file:
        frames = [frame.to_ndarray(format='rgb24') for frame in file.decode(video=0)]
    assert len(frames) == 40 and frames[0].shape == (96, 96, 3)
    result = json.loads((cwd / 'out.json').read_text())
    assert result['classes'] == classes and result['complete']
    persons = [person for moment in result['detections'] for person in moment['persons']]
    labels = {action['label'] for person in persons for action in person['actions']}
    assert labels and labels <= set(classes)


@pytest.mark.slow
def test_actions_at_seconds(tmp_path):
    files = run_page('# Train on your own data', 'data/mine', 'actions.csv', tmp_path)
    # From videos and a table to a rendered video: four commands at most, and no other file written by hand.
    steps = [file for file in files if file not in LOOKS]
    assert steps == ['tools/data/new_config.py', 'tools/train.py', 'demo/demo_video.py']
    check_rendered_video(tmp_path, ['stand', 'walk', 'wave'])
    index = [line.split(',') for line in (tmp_path / 'pictures' / 'index.csv').read_text().splitlines()[1:]]
    assert len(index) == 2 and all((tmp_path / 'pictures' / line[0]).is_file() for line in index)
    assert [float(line[-1]) for line in index] == sorted(float(line[-1]) for line in index)  # the worst first
    assert (tmp_path / 'windows' / 'sheet.jpg').is_file()


@pytest.mark.slow
def test_tubes(tmp_path):
    run_page('## Tubes: every frame annotated', 'data/mine_tubes', 'tubes.csv', tmp_path)
    check_rendered_video(tmp_path, ['stand', 'walk'])
    assert (tmp_path / 'out.pkl').is_file()
