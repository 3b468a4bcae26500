"""UCF101-24 from pyannot.pkl, at its full size."""
import pickle
import time
import tracemalloc

import numpy as np
import pytest
from mmaction.registry import DATASETS

from mmstep.datasets.tube_annotations import UCF101_24_CLASSES, read_tube_annotations

NUM_VIDEOS, NUM_TEST = 3194, 910


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """As many videos, tubes and boxes as the real one, all of its types of numbers."""
    folder = tmp_path_factory.mktemp('ucf')
    rng = np.random.default_rng(0)
    content, tests = {}, []
    for number in range(NUM_VIDEOS):
        label = number % 24
        name = f'{UCF101_24_CLASSES[label]}/v_{UCF101_24_CLASSES[label]}_{number:04d}'
        tubes = []
        for _ in range(1 + number % 2):
            start, length = int(rng.integers(20)), int(rng.integers(60, 180))
            boxes = rng.integers(1, 120, (length, 4)).astype((np.uint8, np.uint16)[number % 3 == 0])
            tubes.append(dict(label=label, sf=start, ef=start + length, boxes=boxes))
        content[name] = dict(annotations=tubes, numf=np.uint8(200), label=label)
        (folder / 'videos' / UCF101_24_CLASSES[label]).mkdir(parents=True, exist_ok=True)
        (folder / 'videos' / f'{name}.avi').touch()
        tests += [name] * (number >= NUM_VIDEOS - NUM_TEST)
    (folder / 'pyannot.pkl').write_bytes(pickle.dumps(content, protocol=2))
    (folder / 'testlist01.txt').write_text('\n'.join(tests))
    return folder


def build(folder, **settings):
    return DATASETS.build(
        dict(
            type='UCF101_24Dataset',
            ann_file=str(folder / 'pyannot.pkl'),
            test_list=str(folder / 'testlist01.txt'),
            data_prefix=dict(img=str(folder / 'videos')),
            clip_len=6,
            pipeline=[],
            **settings))


def test_loads_fast(files):
    start = time.process_time()
    train, test = build(files, window_stride=6), build(files, window_stride=3, test_mode=True)
    assert time.process_time() - start < 5
    assert len(train.truth.videos) == NUM_VIDEOS - NUM_TEST and len(test.truth.videos) == NUM_TEST
    assert not set(train.truth.videos) & set(test.truth.videos)
    assert train.metainfo['classes'] == UCF101_24_CLASSES
    assert len(test) == NUM_TEST * (194 // 3 + 2)
    info = train.get_data_info(0)
    assert info['filename'].endswith(f'{info["video_id"]}.avi') and len(info['tube_rows']) == len(info['gt_labels'])


def test_annotations_in_little_memory(files):
    tracemalloc.start()
    try:
        read_tube_annotations(str(files / 'pyannot.pkl'), 1, 'train', str(files / 'testlist01.txt'))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**27  # the whole process is to stay under a gigabyte
