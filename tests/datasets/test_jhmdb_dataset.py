"""J-HMDB: three splits in one file of ACT's layout."""
import pytest
from mmaction.registry import DATASETS

from mmstep.datasets import JHMDBDataset


def build(ann_file, folder, **settings):
    return DATASETS.build(
        dict(
            type='JHMDBDataset',
            ann_file=ann_file,
            data_prefix=dict(img=str(folder)),
            clip_len=6,
            pipeline=[],
            **settings))


@pytest.fixture
def ann_file(write_act, tmp_path):
    videos = [f'{label}/{name}' for label in ('brush_hair', 'wave') for name in ('a', 'b', 'c')]
    for video in videos:
        (tmp_path / 'videos' / video).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / 'videos' / f'{video}.avi').touch()
    tests = [videos[split::3] for split in range(3)]
    trains = [sorted(set(videos) - set(part)) for part in tests]
    return write_act(
        dict.fromkeys(videos, 15), {video: [(int(video[0] == 'w') * 20, 1, 15)]
                                    for video in videos},
        labels=list(JHMDBDataset.METAINFO['classes']),
        train_videos=trains,
        test_videos=tests)


@pytest.mark.parametrize('split', [1, 2, 3])
def test_splits(ann_file, tmp_path, split):
    train = build(ann_file, tmp_path / 'videos', split=split)
    test = build(ann_file, tmp_path / 'videos', split=split, test_mode=True)
    letter = 'abc'[split - 1]
    assert test.truth.videos == [f'brush_hair/{letter}', f'wave/{letter}'] and len(train.truth.videos) == 4
    assert test.truth.tube_label.tolist() == [0, 20] and len(test.metainfo['classes']) == 21
    # The actor is there from the first frame to the last, so training has the same clips as testing at stride 1.
    assert len(test) == 2 * 10 and len(train) == 4 * 10


def test_split_that_is_not_there(ann_file, tmp_path):
    with pytest.raises(ValueError, match=r'has the splits 1\.\.3, and split=4 was asked for'):
        build(ann_file, tmp_path / 'videos', split=4)


def test_other_classes_than_the_usual(write_act, tmp_path):
    (tmp_path / 'a.mp4').touch()
    dataset = build(write_act(dict(a=9), dict(a=[(1, 1, 9)])), tmp_path)
    assert dataset.metainfo['classes'] == ('jump', 'run')
