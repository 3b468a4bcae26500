"""The commands of UCF101-24's page that need nothing but a few videos, on made ones."""
import json
import pickle

import numpy as np
import pytest
from helpers.page_commands import blocks, link_project, run_commands, section
from helpers.video_files import textured_pictures, write_frames

PAGE = 'tools/data/ucf101_24/README.md'
NAMES = ('Basketball/v_Basketball_g01_c02', 'SalsaSpin/v_SalsaSpin_g03_c01')


@pytest.mark.slow
def test_a_try_with_a_few_videos(tmp_path):
    link_project(tmp_path)
    folder = tmp_path / 'data' / 'ucf101_24' / 'annotations'
    folder.mkdir(parents=True)
    (tmp_path / 'some').mkdir()
    content = {}
    for label, name in ((0, NAMES[0]), (14, NAMES[1])):
        write_frames(tmp_path / 'some' / f'{name.split("/")[1]}.mp4', textured_pictures(12, (320, 240)), fps=25)
        tube = dict(label=label, sf=2, ef=11, boxes=np.tile(np.uint16([60, 50, 80, 120]), (9, 1)))
        content[name] = dict(annotations=[tube], numf=12, label=label)
    (folder / 'pyannot.pkl').write_bytes(pickle.dumps(content))
    (folder / 'testlist01.txt').write_text(f'{NAMES[1]}\n')
    lines = blocks(section(PAGE, '## A try with a few videos'), 'shell')[0].splitlines()
    files = run_commands(lines, tmp_path, FOLDER='some')
    assert files == ['tools/data/prepare_tubes.py', 'tools/data/extract_flow.py', 'tools/train.py']
    folder = tmp_path / 'work_dirs' / 'step_tiny_ucf101-24_early'
    (log, ) = folder.glob('*/vis_data/scalars.json')
    assert 'step3/video-mAP@0.5' in json.loads(log.read_text().splitlines()[-1])
    assert (folder / 'iter_4.pth').is_file()
