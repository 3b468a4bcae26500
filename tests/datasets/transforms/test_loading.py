"""Reading of real video files."""
import os
import pickle

import cv2
import numpy as np
import pytest
import torch
from helpers.video_files import grey_pictures, number, show_turned, textured_pictures, write_frames
from helpers.window_reading import grey, numbers, opened, read
from mmaction.datasets.transforms import RawFrameDecode

from mmstep.datasets import DecordWindowDecode, DecordWindowInit, SampleTubeWindow, WindowDecode, WindowInit


@pytest.mark.parametrize('name, fourcc', [('a.mp4', 'mp4v'), ('a.avi', 'MJPG'), ('a.mkv', 'mp4v'), ('a.mov', 'mp4v')])
@pytest.mark.parametrize('frame_inds', [[0, 1, 2], [3, 3, 3, 10, 12, 39, 39], [39], list(range(5, 40, 5))])
@pytest.mark.parametrize('backend', ['pyav', 'decord', 'opencv'])
def test_the_frames_asked_for(tmp_path, write_video, name, fourcc, frame_inds, backend):
    path = write_video(tmp_path / name, fourcc=fourcc, grey=grey)
    results = read(path, frame_inds, WindowInit(backend))
    assert numbers(results['imgs']) == frame_inds
    assert results['img_shape'] == results['original_shape'] == (24, 32) and results['total_frames'] == 40
    assert all(img.dtype == np.uint8 and img.flags.writeable for img in results['imgs'])


def test_frames_do_not_share_memory(tmp_path, write_video):
    results = read(write_video(tmp_path / 'a.mp4'), [3, 3])
    results['imgs'][0][:] = 0
    assert results['imgs'][1].mean() > 20


def test_colours_are_rgb(tmp_path):
    path = str(tmp_path / 'a.avi')
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*'MJPG'), 10, (32, 32))
    for _ in range(3):
        writer.write(np.full((32, 32, 3), (0, 0, 255), dtype=np.uint8))  # BGR
    writer.release()
    red, green, blue = read(path, [1])['imgs'][0].reshape(-1, 3).mean(axis=0)
    assert red > 200 and green < 60 and blue < 60


def test_boxes_become_pixels(tmp_path, write_video):
    results = read(
        write_video(tmp_path / 'a.mp4'), [0],
        gt_bboxes=np.full((2, 9, 4), 0.5, np.float32),
        proposals=np.array([[0, 0, 1, 1.]]))
    np.testing.assert_allclose(results['gt_bboxes'][1, 8], [16, 12, 16, 12])
    assert results['gt_bboxes'].dtype == np.float32
    np.testing.assert_allclose(results['proposals'], [[0, 0, 32, 24]])


@pytest.mark.parametrize('fps', [10, 12, 23.976, 25, 30, 60])
def test_the_whole_way_from_file_to_window(tmp_path, write_video, fps):
    # The grey level counts tenths of seconds, so the window's frames must rise with their times.
    path = write_video(tmp_path / 'a.avi', int(fps * 6), fps, fourcc='MJPG', grey=lambda i: 20 + 30 * (i / fps))
    results = WindowInit().transform(dict(filename=path, timestamp=903, timestamp_start=900))
    results = SampleTubeWindow(clip_len=12, num_clips=3, fps=12, temporal_stride=4).transform(results)
    imgs = WindowDecode().transform(results)['imgs']
    seconds = np.array([(float(img.mean()) - 20) / 30 for img in imgs])
    wanted = 3 + (np.arange(36) - 18) / 12
    assert len(imgs) == 36 and (seconds <= wanted + 0.1).all() and (seconds > wanted - 1 / fps - 0.1).all()


def test_folders_of_frames(tmp_path):
    for index in range(1, 61):
        cv2.imwrite(str(tmp_path / f'img_{index:05}.png'), np.full((8, 8, 3), index, np.uint8))
    results = dict(
        frame_dir=str(tmp_path),
        filename_tmpl='img_{:05}.png',
        start_index=1,
        fps=12,
        timestamp=902,
        timestamp_start=900,
        modality='RGB')
    results = SampleTubeWindow(clip_len=12, num_clips=3, fps=12, temporal_stride=4).transform(results)
    imgs = RawFrameDecode().transform(results)['imgs']
    assert [img[0, 0, 0] for img in imgs] == list(range(25 - 18, 25 + 18))
    os.remove(tmp_path / 'img_00030.png')
    with pytest.raises(FileNotFoundError, match='img_00030.png'):
        RawFrameDecode().transform(results)


@pytest.mark.parametrize('init', [WindowInit, DecordWindowInit])
def test_readers_are_kept_and_let_go(tmp_path, write_video, init):
    paths = [write_video(tmp_path / f'{i}.mp4', 5, grey=lambda k, i=i: 20 + 30 * i) for i in range(3)]
    init = init(max_open=2)
    first, second = opened(init, paths[0]), opened(init, paths[1])
    assert opened(init, paths[0]) is first  # used again, so the second is the oldest now
    opened(init, paths[2])
    assert opened(init, paths[0]) is first and opened(init, paths[1]) is not second
    for _ in range(3):
        for i, path in enumerate(paths):
            assert abs(read(path, [4, 4], init)['imgs'][0].mean() - (20 + 30 * i)) < 5


@pytest.mark.parametrize('backend', ['pyav', 'decord', 'opencv'])
def test_a_kept_reader_gives_the_same_frames_in_any_order(tmp_path, write_video, backend):
    path, rng = write_video(tmp_path / 'a.mp4', grey=grey), np.random.default_rng(0)
    init = WindowInit(backend)
    for _ in range(20):
        inds = np.sort(rng.integers(0, 40, 6)).tolist()
        assert numbers(read(path, inds, init)['imgs']) == inds


def test_a_file_written_anew_is_opened_anew(tmp_path, write_video):
    init = WindowInit()
    read(write_video(tmp_path / 'a.mp4', 40), [39], init)
    assert read(write_video(tmp_path / 'a.mp4', 10), [9], init)['total_frames'] == 10


def test_forked_and_pickled_copies_open_their_own(tmp_path, write_video, monkeypatch):
    path, init = write_video(tmp_path / 'a.mp4'), WindowInit()
    reader = opened(init, path)
    assert numbers(read(path, [7], pickle.loads(pickle.dumps(init)))['imgs']) == [7]
    monkeypatch.setattr(os, 'getpid', lambda: -1)  # as in a forked process
    assert opened(init, path) is not reader


class Windows:
    """Map-style data set that reads the same file again and again."""

    def __init__(self, path, init):
        self.path, self.init = path, init

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return numbers(read(self.path, [index, index + 30], self.init)['imgs'])


def test_forked_workers_read_what_their_parent_has_open(tmp_path, write_video):
    path, init = write_video(tmp_path / 'a.mp4', grey=grey), WindowInit()
    read(path, [20], init)
    loader = torch.utils.data.DataLoader(
        Windows(path, init), batch_size=None, num_workers=2, multiprocessing_context='fork')
    assert list(loader) == [[i, i + 30] for i in range(6)]
    assert numbers(read(path, [21], init)['imgs']) == [21]


def test_an_error_in_a_worker_reaches_the_user(tmp_path):
    (tmp_path / 'empty.mp4').touch()
    windows = Windows(tmp_path / 'empty.mp4', WindowInit())
    loader = torch.utils.data.DataLoader(windows, batch_size=None, num_workers=1)
    with pytest.raises(ValueError, match=r'empty.mp4 is empty \(0 bytes\)'):
        next(iter(loader))


FILMS = {
    'long_gop.mp4': dict(g=60, bf=3, sc_threshold=0),
    'short_gop.mkv': dict(g=5, bf=2),
    'no_b.avi': dict(g=10, bf=0),
    'variable.mp4': dict(g=20, bf=2, stamps=[index + 2 * (index // 3) for index in range(60)]),
    'late.mp4': dict(g=20, bf=2, stamps=list(range(50, 110))),
    'late.mkv': dict(g=20, bf=2, stamps=list(range(50, 110))),
    'turned.mp4': dict(g=20, bf=2),
}


@pytest.mark.parametrize('name', FILMS)
def test_backends_give_the_same_pictures(tmp_path, name):
    path = write_frames(tmp_path / name, textured_pictures(60), **FILMS[name])
    if name == 'turned.mp4':
        show_turned(path, 1)
    pictures = {}
    for backend in ('pyav', 'decord', 'opencv'):
        init, rng = WindowInit(backend), np.random.default_rng(0)
        pictures[backend] = []
        for _ in range(8):
            sample = dict(filename=path, timestamp=int(rng.integers(0, 3)), timestamp_start=0)
            window = SampleTubeWindow(clip_len=4, num_clips=3, fps=10, temporal_stride=4)
            pictures[backend] += WindowDecode().transform(window.transform(init.transform(sample)))['imgs']
    shape = (64, 48, 3) if name == 'turned.mp4' else (48, 64, 3)
    for backend in ('decord', 'opencv'):
        for one, two in zip(pictures['pyav'], pictures[backend]):
            assert one.shape == shape
            np.testing.assert_array_equal(one, two)


def test_the_older_names_read_with_decord(tmp_path):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(40))
    results = DecordWindowInit(max_open=2).transform(dict(filename=path))
    assert type(results['video_reader']).__module__.startswith('decord') and results['total_frames'] == 40
    results['frame_inds'] = np.array([3, 3, 7])
    assert [number(picture) for picture in DecordWindowDecode().transform(results)['imgs']] == [3, 3, 7]


def test_unknown_backend():
    with pytest.raises(ValueError, match="backend='ffmpeg' is unknown; choose one of pyav, decord, opencv"):
        WindowInit('ffmpeg')
    assert "backend='opencv'" in repr(WindowInit('opencv'))


def test_pictures_are_kept_of_the_last_video_alone(tmp_path):
    init = WindowInit()
    one, two = (write_frames(tmp_path / name, grey_pictures(9)) for name in ('a.mp4', 'b.mp4'))
    reader = opened(init, one)
    forgotten = []
    reader.forget_pictures = lambda: forgotten.append(one)
    opened(init, one)
    assert forgotten == []
    opened(init, two)
    assert forgotten == [one]
