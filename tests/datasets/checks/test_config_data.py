"""Checks of the data sets of a config: every fault at once with its line or tube, and figures."""
import numpy as np
import pytest
from mmengine.config import Config

from mmstep.datasets.checks import check_config_data, require_sound_data

GOOD = ('a,1,.1,.2,.4,.9,1,0', 'a,1,.1,.2,.4,.9,2,0', 'a,2,.2,.2,.5,.9,1,0', 'b,1,.5,.2,.9,.9,2,-1')


@pytest.fixture
def config(tmp_path, write_csv):
    """A config whose training set, in a wrapper, and validation set are the same file."""

    def make(*lines, videos=('a', 'b'), **settings):
        folder = tmp_path / 'videos'
        folder.mkdir(exist_ok=True)
        for name in videos:
            (folder / f'{name}.mp4').touch()
        dataset = dict(
            type='AVAWindowDataset',
            ann_file=write_csv(*lines),
            data_prefix=dict(img=str(folder)),
            use_frames=False,
            num_classes=3,
            timestamp_start=0,
            pipeline=[dict(type='Nonsense')],
            **settings)
        return Config(
            dict(
                train_dataloader=dict(dataset=dict(type='RepeatDataset', times=2, dataset=dataset)),
                val_dataloader=dict(dataset=dataset),
                test_dataloader=None))

    return make


def test_figures(config):
    report, = check_config_data(config(*GOOD))
    assert report.faults == [] and report.name == 'train_dataloader.dataset.dataset, val_dataloader.dataset'
    text = report.text()
    assert '2 videos, 3 key seconds, 3 persons' in text
    assert [line.split() for line in report.lines if line[:1] in '12' and len(line.split()) == 3] == [['1', '2', '1'],
                                                                                                      ['2', '2', '2']]
    assert 'persons who are annotated in the next second too: 1 of 3' in text
    assert 'displacement from one second to the next: 10 % of the picture in the middle' in text


def test_all_faults_at_once(config):
    cfg = config(
        *GOOD[:3],
        'a,2,1.2,.2,.5,.9,1,0',
        'kitchn,1,.1,.2,.4,.9,1,0',
        'b,-5,.1,.2,.4,.9,1,0',
        'b,1,.1,.2,.4,.9,7,0',
        'b,1,.1',
        videos=('a', 'b', 'kitchen'))
    with pytest.raises(ValueError) as caught:
        require_sound_data(cfg, 'my.py', ['train', 'val'])
    first, *faults = str(caught.value).splitlines()
    assert first == 'the data of my.py has 5 faults:'
    assert [fault.split('ann.csv:')[1].split(':')[0] for fault in faults] == ['4', '6', '7', '8', '5']
    assert 'the video kitchn (1 lines) is not in' in faults[-1] and 'Did you mean kitchen?' in faults[-1]


def test_settings_that_do_not_fit(config):
    report, = check_config_data(config(*GOOD, num_clips=2))
    assert 'num_clips must be odd' in report.faults[0]
    report, = check_config_data(config(*GOOD, multilabel=False))
    assert 'a person of a, second 1 has 2 actions, and multilabel=False allows one' in report.faults[0]


def test_tubes(tmp_path, write_act):
    (tmp_path / 'videos').mkdir()
    (tmp_path / 'videos' / 'a.mp4').touch()
    rows = np.array([[i + 1, 10 + i, 20, 29 + i, 59] for i in range(5)], np.float32)
    ann_file = write_act(dict(a=9, b=5), {}, gttubes=dict(a={1: [rows]}, b={0: [rows[:, [0, 3, 2, 1, 4]]]}))
    dataset = dict(type='JHMDBDataset', ann_file=ann_file, data_prefix=dict(img=str(tmp_path / 'videos')), clip_len=3)
    report, = check_config_data(Config(dict(train_dataloader=dict(dataset=dataset))))
    assert [fault.split('gt.pkl: ')[1][:25]
            for fault in report.faults] == ['b, tube 0 has the row [1.', 'the video b is not in ' + str(tmp_path)[:3]]
    text = report.text()
    assert '1 tubes' in text and '14 frames, 5 boxes' in text
    # 100 wide, a pixel a frame.
    assert 'displacement over a clip of 3 frames: 2 % of the picture in the middle' in text
