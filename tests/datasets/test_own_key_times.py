"""Own data in AVA's form: fractions of seconds, starts of videos, seconds with nobody, folders of pictures."""
import cv2
import numpy as np
import pytest

from mmstep.datasets import AVAWindowDataset, SampleTubeWindow, WindowDecode, WindowInit
from mmstep.datasets.ava_csv import read_annotations
from mmstep.errors import DataError, MissingDataError
from mmstep.evaluation.ava import read_ava_truth


@pytest.fixture
def build(tmp_path, write_csv):
    """Builds a data set of lines, with an empty file for each of two videos."""
    folder = tmp_path / 'videos'
    folder.mkdir()
    for name in 'ab':
        (folder / f'{name}.mp4').touch()

    def build(*lines, pipeline=(), **kwargs):
        kwargs = {'num_classes': 6, 'use_frames': False, 'timestamp_start': 0, **kwargs}
        return AVAWindowDataset(
            write_csv(*lines), pipeline=list(pipeline), data_prefix=dict(img=str(folder)), **kwargs)

    return build


def line(video, second, x1=.1, label=1, person=7):
    return f'{video},{second},{x1},.2,.9,.9,{label},{person}'


def test_fractions_of_seconds(build):
    dataset = build(line('a', '0.5'), line('a', '1.25', .2), line('a', 3, .3), line('b', 2), line('b', 3, .5))
    infos = [dataset.get_data_info(index) for index in range(5)]
    assert [info['img_key'] for info in infos] == ['a,0000.500', 'a,0001.250', 'a,0003', 'b,0002', 'b,0003']
    assert [info['timestamp'] for info in infos] == [.5, 1.25, 3, 2, 3]
    assert infos[1]['gt_times'].tolist() == [-.75, 0, 1.75] and infos[1]['gt_valid'].all()
    np.testing.assert_allclose(infos[1]['gt_bboxes'][0, :, 0], [.1, .2, .3])
    assert infos[3]['gt_times'].tolist() == [-2, -1, 0, 1, 2]


def test_boxes_between_fractions_are_interpolated(build):
    results = build(line('a', 1), line('a', '1.5', .4)).get_data_info(0)
    results.update(video_reader=None, frame_dir='x', start_index=0)
    sample = SampleTubeWindow(clip_len=12, num_clips=1, fps=12, temporal_stride=3)
    np.random.seed(0)
    results['video_reader'] = type('Reader', (), dict(start_times=np.arange(60) / 12, __len__=lambda self: 60))()
    results = sample.transform(results)
    # Feature frames at 1 - 5/12, -2/12, +1/12, +4/12 s.
    assert results['gt_valid'].tolist() == [[False, False, True, True]]
    np.testing.assert_allclose(results['gt_bboxes'][0, 2:, 0], [.1 + .3 / 6, .1 + .3 * 4 / 6], atol=1e-6)


def test_each_video_begins_at_its_own_second(build, tmp_path, write_csv):
    starts = write_csv('a,900', name='starts.csv')
    dataset = build(line('a', 902), line('b', 2), start_file=starts)
    assert [dataset.get_data_info(index)['timestamp_start'] for index in range(2)] == [900, 0]
    with pytest.raises(DataError, match='ann.csv:1: second 2 lies before 900, where a begins by .*starts.csv'):
        build(line('a', 2), start_file=starts)
    with pytest.raises(MissingDataError, match='file of start seconds'):
        build(line('a', 2), start_file='none.csv')


def test_seconds_and_videos_with_nobody_are_background(build):
    dataset = build(line('a', 1), 'a,2,,,,,,', 'b,5')
    assert [(info['img_key'], len(info['gt_labels']))
            for info in map(dataset.get_data_info, range(3))] == [('a,0001', 1), ('a,0002', 0), ('b,0005', 0)]
    assert dataset.get_data_info(1)['gt_labels'].shape == (0, 6) and dataset.get_cat_ids(2) == []
    assert build('b,5', multilabel=False).get_data_info(0)['gt_labels'].shape == (0, )
    with pytest.raises(DataError, match='ann.csv:2: nobody is in second 1 of a by this line, and somebody'):
        build(line('a', 1), 'a,1')


def test_such_lines_are_no_annotations(write_csv):
    path, nobody = write_csv(line('a', 1), 'b,5,,,,,,'), []
    assert [row.line for row in read_annotations(path, on_empty=nobody.append)] == [1]
    assert [(row.line, row.video_id, row.timestamp) for row in nobody] == [(2, 'b', 5)]
    assert read_ava_truth(write_csv(line('a', '1.5'), 'b,5'), {1: 'walk'}).keys == ['a,0001.500']
    with pytest.raises(DataError, match="ann.csv:1: timestamp is 'x'"):
        list(read_annotations(write_csv('b,x,,,,,,')))


def test_a_folder_of_pictures_is_a_video(build, tmp_path):
    folder = tmp_path / 'videos' / 'c'
    folder.mkdir()
    for number in range(1, 41):
        cv2.imwrite(str(folder / f'{number:05d}.png'), np.full((48, 64, 3), 5 * number, np.uint8))
    transforms = [WindowInit(), SampleTubeWindow(clip_len=12, num_clips=1, fps=12, temporal_stride=4), WindowDecode()]
    results = build(line('c', 2), pipeline=transforms, fps=10)[0]
    # 20 pictures before the key second; 12 a second of 10.
    assert results['imgs'][6][0, 0, 0] == 5 * 21 and results['imgs'][0][0, 0, 0] == 5 * 16
    np.testing.assert_allclose(results['gt_bboxes'][0, 1], [6.4, 9.6, 57.6, 43.2], rtol=1e-5)
