"""Windows of densely annotated videos."""
import pickle

import cv2
import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.dataset import ClassBalancedDataset

from mmstep.datasets.flow_files import FlowInfo, write_info, write_pair
from mmstep.datasets.tube_window_dataset import TubeWindowDataset


def make(ann_file, folder, pipeline=(), **kwargs):
    settings = dict(clip_len=4, data_prefix=dict(img=str(folder)))
    return TubeWindowDataset(ann_file, list(pipeline), **{**settings, **kwargs})


def windows(dataset):
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    return [(info['video_id'], info['clip_start']) for info in infos]


@pytest.fixture
def touch_videos(tmp_path):

    def touch(*names):
        folder = tmp_path / 'videos'
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / f'{name}.mp4').write_bytes(b'')
        return folder

    return touch


class TestTrainingWindows:

    @pytest.mark.parametrize('settings, starts', [
        (dict(), [2, 3, 4, 5, 6, 7, 8]),
        (dict(window_stride=3), [2, 5, 8]),
        (dict(min_actor_frames=2), [3, 4, 5, 6, 7]),
        (dict(min_actor_frames=4), [5]),
        (dict(background=True, window_stride=3), [1, 4, 7]),
        (dict(clip_len=1), [5, 6, 7, 8]),
        (dict(clip_len=12), [1]),
    ])
    def test_clips_with_an_actor(self, write_act, touch_videos, settings, starts):
        ann_file = write_act(dict(a=12), dict(a=[(0, 5, 8)]))
        assert windows(make(ann_file, touch_videos('a'), **settings)) == [('a', start) for start in starts]

    def test_frames_of_two_actors_do_not_add_up(self, write_act, touch_videos):
        ann_file = write_act(dict(a=20), dict(a=[(0, 5, 6), (1, 7, 8)]))
        assert len(make(ann_file, touch_videos('a'), min_actor_frames=2)) == 5
        with pytest.raises(ValueError, match='gt.pkl leaves no window with an actor: empty data set'):
            make(ann_file, touch_videos('a'), min_actor_frames=3)

    def test_an_actor_outside_of_the_picture_is_not_there(self, write_act, touch_videos):
        # 100 wide: x1 is 90 in frame 1 and 100 in frame 3.
        tube = np.array([[i + 1, 90 + 5 * i, 20, 120 + 5 * i, 60] for i in range(6)], np.float32)
        inside = np.array([[i + 10, 10, 20, 29, 59] for i in range(20)], np.float32)
        ann_file = write_act(dict(a=40), {}, gttubes=dict(a={0: [tube, inside]}))
        dataset = make(ann_file, touch_videos('a'), clip_len=2)
        assert [start for _, start in windows(dataset)] == [1, 2, *range(9, 30)]
        assert [len(rows) for rows in dataset.get_data_info(0)['tube_rows']] == [2, 20]

    def test_tubes_at_both_ends(self, write_act, touch_videos):
        ann_file = write_act(dict(a=8, b=5, c=9), dict(a=[(0, 1, 1), (1, 8, 8)]))
        assert windows(make(ann_file, touch_videos('a', 'b', 'c'))) == [('a', 1), ('a', 5)]

    def test_video_shorter_than_a_clip(self, write_act, touch_videos):
        ann_file = write_act(dict(a=3), dict(a=[(0, 3, 3)]))
        assert windows(make(ann_file, touch_videos('a'))) == [('a', 1)]


class TestTestingWindows:

    @pytest.mark.parametrize('nframes, stride, starts', [(12, 4, [1, 5, 9]), (12, 5, [1, 6, 9]),
                                                         (12, 1, list(range(1, 10))), (4, 3, [1]), (5, 9, [1, 2]),
                                                         (3, 2, [1]), (1, 1, [1])])
    def test_whole_video(self, write_act, touch_videos, nframes, stride, starts):
        ann_file = write_act(dict(a=nframes), {})
        dataset = make(ann_file, touch_videos('a'), window_stride=stride, test_mode=True)
        assert windows(dataset) == [('a', start) for start in starts]

    @pytest.mark.parametrize('clip_len, stride', [(1, 1), (4, 1), (4, 3), (4, 4), (7, 2), (7, 5), (9, 9)])
    def test_every_frame_is_covered(self, write_act, touch_videos, clip_len, stride):
        nframes = {f'v{count:02}': count for count in range(1, 41)}
        found = {name: [] for name in nframes}
        for name, start in windows(
                make(
                    write_act(nframes, {}),
                    touch_videos(*nframes),
                    clip_len=clip_len,
                    window_stride=stride,
                    test_mode=True)):
            found[name].append(start)
        for name, starts in found.items():
            covered = {frame for start in starts for frame in range(start, start + clip_len)}
            assert set(range(1, nframes[name] + 1)) <= covered and starts == sorted(set(starts))
            assert max(starts) + clip_len - 1 == max(nframes[name], clip_len)


def test_item(write_act, touch_videos):
    ann_file = write_act(dict(a=9, b=12), dict(a=[(0, 1, 2)], b=[(1, 5, 8), (0, 5, 5)]))
    dataset = make(ann_file, touch_videos('a', 'b'), test_mode=True)
    info = dataset.get_data_info(len(dataset) - 1)
    assert info['video_id'] == 'b' and info['clip_start'] == 9 and info['img_key'] == 'b,000009'
    assert info['num_frames_total'] == 12 and info['resolution'] == (80, 100) and info['start_index'] == 1
    assert info['gt_labels'].tolist() == [0, 1] and info['entity_ids'].tolist() == [1, 2]
    assert [rows[:, 0].tolist() for rows in info['tube_rows']] == [[5], [5, 6, 7, 8]]
    assert info['filename'].endswith('videos/b.mp4') and 'flow_dir' not in info
    assert dataset.metainfo['classes'] == ('jump', 'run')


def test_items_can_be_written_to(write_act, touch_videos):
    dataset = make(write_act(dict(a=9), dict(a=[(1, 1, 9)])), touch_videos('a'))
    dataset.get_data_info(0)['gt_labels'][:] = 7
    assert dataset.get_data_info(0)['gt_labels'].tolist() == [1]


class TestWindowOfAVideo:
    """The way from the file to the packed window; frame i, from 0, has the grey level 20 + 5 i."""

    def load(self, write_act, write_video, tmp_path, start, nframes=20, tube=(0, 5, 8), **settings):
        write_video(tmp_path / 'videos' / 'a.mp4', num_frames=nframes, size=(100, 80))
        pipeline = [
            dict(type='DecordWindowInit'),
            dict(type='SampleClipWindow', clip_len=4, num_clips=3),
            dict(type='DecordWindowDecode'),
            dict(type='FormatShape', input_format='NCTHW', collapse=True),
            dict(type='PackTubeInputs')
        ]
        dataset = make(
            write_act(dict(a=nframes), dict(a=[tube])), tmp_path / 'videos', pipeline, test_mode=True, **settings)
        index = windows(dataset).index(('a', start))
        packed = dataset[index]
        grey = packed['inputs'].float().mean(dim=(0, 2, 3)).numpy()
        return np.rint((grey - 17.5) / 5).astype(int).tolist(), packed['data_samples']

    def test_in_the_middle(self, write_act, write_video, tmp_path):
        frames, sample = self.load(write_act, write_video, tmp_path, 7)
        assert frames == list(range(2, 14))
        assert sample.gt_tubes.valid.tolist() == [[False] * 2 + [True] * 4 + [False] * 6]
        np.testing.assert_allclose(sample.gt_tubes.bboxes[0], [[10, 20, 30, 60]] * 12, rtol=1e-6)
        assert sample.gt_tubes.labels.tolist() == [0] and sample.metainfo['clip_start'] == 7

    def test_at_the_start(self, write_act, write_video, tmp_path):
        frames, sample = self.load(write_act, write_video, tmp_path, 1, tube=(1, 1, 2))
        assert frames == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]
        assert sample.gt_tubes.valid[0].nonzero().flatten().tolist() == [4, 5]

    def test_at_the_end(self, write_act, write_video, tmp_path):
        frames, sample = self.load(write_act, write_video, tmp_path, 17, tube=(1, 13, 20))
        assert frames == [12, 13, 14, 15, 16, 17, 18, 19, 19, 19, 19, 19]
        assert sample.gt_tubes.valid[0].tolist() == [True] * 8 + [False] * 4

    def test_video_shorter_than_a_clip(self, write_act, write_video, tmp_path):
        frames, sample = self.load(write_act, write_video, tmp_path, 1, nframes=2, tube=(1, 2, 2))
        assert frames == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
        assert sample.gt_tubes.valid[0].nonzero().flatten().tolist() == [5]

    def test_background(self, write_act, write_video, tmp_path):
        _, sample = self.load(write_act, write_video, tmp_path, 10)
        assert len(sample.gt_tubes) == 0 and sample.gt_tubes.bboxes.shape == (0, 12, 4)

    def test_file_shorter_than_its_annotation(self, write_act, write_video, tmp_path):
        with pytest.raises(ValueError, match=r'a\.mp4 has 20 frames, and the annotation of a counts 26'):
            write_video(tmp_path / 'videos' / 'a.mp4', num_frames=20)
            pipeline = [dict(type='DecordWindowInit'), dict(type='SampleClipWindow', clip_len=4, num_clips=3)]
            make(write_act(dict(a=26), {}), tmp_path / 'videos', pipeline, test_mode=True)[0]


def test_folders_of_frames(write_act, tmp_path):
    folder = tmp_path / 'frames' / 'a'
    folder.mkdir(parents=True)
    for number in range(1, 13):
        cv2.imwrite(str(folder / f'{number:05d}.jpg'), np.full((80, 100, 3), 20 * number, np.uint8))
    pipeline = [dict(type='SampleClipWindow', clip_len=4, num_clips=1), dict(type='RawFrameDecode')]
    dataset = make(write_act(dict(a=12), dict(a=[(0, 1, 12)])), tmp_path / 'frames', pipeline, use_frames=True)
    results = dataset[8]
    assert [round(img.mean() / 20) for img in results['imgs']] == [9, 10, 11, 12]
    np.testing.assert_allclose(results['gt_bboxes'][0, 0], [10, 20, 30, 60], rtol=1e-6)


def test_flow_alone(write_act, tmp_path):
    folder = tmp_path / 'flow' / 'a'
    folder.mkdir(parents=True)
    for number in range(1, 7):
        write_pair(str(folder), number, np.full((80, 100, 2), number, np.float32), 10, 95)
    write_info(str(folder), FlowInfo(10, 'dis', 6, 100, 80, 95))
    pipeline = [
        dict(type='SampleClipWindow', clip_len=4, num_clips=1, num_flows=3),
        dict(type='FlowFramesDecode'),
        dict(type='PackTubeInputs')
    ]
    dataset = make(
        write_act(dict(a=6), dict(a=[(0, 1, 6)])), '', pipeline, data_prefix=dict(flow=str(tmp_path / 'flow')))
    packed = dataset[2]
    flows = packed['inputs']['flows']
    assert flows.shape == (2, 6, 80, 100) and flows[0, :, 0, 0].round().tolist() == [3, 4, 5, 6, 6, 6]
    np.testing.assert_allclose(packed['data_samples'].gt_tubes.bboxes[0, 0], [10, 20, 30, 60], rtol=1e-6)


class TestWhatIsMissing:

    @pytest.mark.parametrize('name, page', [('UCF101_24Dataset', 'tools/data/ucf101_24/README.md'),
                                            ('JHMDBDataset', 'tools/data/jhmdb/README.md')])
    def test_page_of_the_data_set(self, tmp_path, name, page):
        settings = dict(type=name, ann_file='no/gt.pkl', test_list='no/list.txt', clip_len=6, pipeline=[])
        with pytest.raises(FileNotFoundError) as caught:
            DATASETS.build(dict(settings, data_prefix=dict(img='no/videos', flow='no/flow')))
        for words in (page, 'ann_file): no/gt.pkl', 'test_list): no/list.txt', 'img): no/videos', 'flow): no/flow'):
            assert words in str(caught.value)

    def test_video(self, write_act, touch_videos):
        with pytest.raises(FileNotFoundError, match='1 of the 2 videos of .*gt.pkl are not in .*videos: b'):
            make(write_act(dict(a=9, b=9), {}), touch_videos('a'), test_mode=True)

    def test_flow(self, write_act, touch_videos, tmp_path):
        (tmp_path / 'flow').mkdir()
        prefix = dict(img=str(touch_videos('a')), flow=str(tmp_path / 'flow'))
        with pytest.raises(FileNotFoundError, match='the optical flow of 1 of 1 videos is missing'):
            make(write_act(dict(a=9), {}), '', data_prefix=prefix, test_mode=True)

    def test_neither_videos_nor_flow(self, write_act):
        with pytest.raises(ValueError, match=r'TubeWindowDataset needs data_prefix=dict\(img=\.\.\.\)'):
            make(write_act(dict(a=9), {}), '')

    def test_no_actor(self, write_act, touch_videos):
        with pytest.raises(ValueError, match='leaves no window with an actor: empty data set'):
            make(write_act(dict(a=9), {}), touch_videos('a'))

    @pytest.mark.parametrize(
        'settings',
        [dict(clip_len=0), dict(window_stride=0),
         dict(min_actor_frames=0),
         dict(min_actor_frames=5)])
    def test_bad_settings(self, settings):
        with pytest.raises(ValueError, match='must be at least 1'):
            make('gt.pkl', 'videos', **settings)


def test_can_be_sent_to_worker_processes(write_act, touch_videos):
    dataset = make(write_act(dict(a=12), dict(a=[(0, 5, 8)])), touch_videos('a'))
    assert windows(pickle.loads(pickle.dumps(dataset))) == windows(dataset)


@pytest.mark.parametrize('min_actor_frames, classes', [(1, [[0], [0, 1], [1]]), (3, [[0], [0], []])])
def test_classes_of_a_window(write_act, touch_videos, min_actor_frames, classes):
    # Windows of the frames 1 to 4, 5 to 8 and 9 to 12.
    ann_file = write_act(dict(a=12), dict(a=[(0, 1, 7), (1, 8, 9)]))
    dataset = make(ann_file, touch_videos('a'), window_stride=4, min_actor_frames=min_actor_frames, background=True)
    assert [start for _, start in windows(dataset)] == [1, 5, 9]
    assert [dataset.get_cat_ids(index) for index in range(3)] == classes


def test_rare_classes_come_more_often(write_act, touch_videos):
    ann_file = write_act(dict(a=16), dict(a=[(0, 1, 16), (1, 13, 16)]))
    dataset = make(ann_file, touch_videos('a'), window_stride=4)
    repeated = ClassBalancedDataset(dataset, oversample_thr=1.)
    assert repeated.repeat_indices == [0, 1, 2, 3, 3]
