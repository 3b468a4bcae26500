"""Which frames a window takes, and where its boxes come to lie."""
import numpy as np
import pytest

from mmstep.datasets import SampleTubeWindow
from mmstep.datasets.transforms.feature_frames import repeat_nearest_valid, scatter_to_feature_frames
from mmstep.video.frame_times import frames_shown_at


class Reader:
    """Stands in for a decord reader with given start times."""

    def __init__(self, starts):
        self.starts = np.asarray(starts, dtype=np.float32)  # decord's own precision

    def __len__(self):
        return len(self.starts)

    def get_frame_timestamp(self, indices):
        starts = self.starts[list(indices)]
        return np.stack([starts, starts + 0.01], axis=1)


def constant(fps, seconds):
    return Reader(np.arange(int(fps * seconds)) / fps)


def sample(reader, timestamp, timestamp_start=0, jitter=0, interpolate=True, hold=False, **results):
    sampler = SampleTubeWindow(
        clip_len=12, num_clips=3, fps=12, temporal_stride=4, jitter=jitter, interpolate=interpolate, hold=hold)
    return sampler.transform(
        dict(video_reader=reader, timestamp=timestamp, timestamp_start=timestamp_start, filename='v.mp4', **results))


@pytest.mark.parametrize(
    'fps, key, before, after',
    [
        (10, 100, 99, 100),  # 9.917 s and 10.083 s
        (12, 120, 119, 121),
        (23.976, 239, 237, 241),  # frame 239 starts at 9.968 s, 240 only at 10.010 s
        (24, 240, 238, 242),
        (25, 250, 247, 252),
        (30, 300, 297, 302),
        (60, 600, 595, 605),
    ])
def test_any_frame_rate(fps, key, before, after):
    inds = sample(constant(fps, 30), timestamp=10)['frame_inds']
    assert inds.shape == (36, ) and (inds[17], inds[18], inds[19]) == (before, key, after)
    assert abs(inds[0] - 8.5 * fps) <= 1 and abs(inds[35] - (10 + 17 / 12) * fps) <= 1


def test_keys_that_the_transforms_of_mmaction_need():
    results = sample(constant(30, 30), timestamp=10)
    assert results['clip_len'] == 36 and results['num_clips'] == 1 and 'gt_bboxes' not in results


@pytest.mark.parametrize('fps', [12, 24, 25, 29.97, 30, 50, 59.94])
def test_times_rounded_to_milliseconds_give_the_same_frames(fps):
    exact = np.arange(int(fps * 20)) / fps
    np.testing.assert_array_equal(
        sample(Reader(exact), 10)['frame_inds'],
        sample(Reader(np.round(exact, 3)), 10)['frame_inds'])


def test_variable_frame_rate():
    # 30 fps for two seconds, one frame held for 0.6 s, then 10 fps.
    starts = np.concatenate([np.arange(60) / 30, 2.6 + np.arange(40) / 10])
    inds = sample(Reader(starts), timestamp=3)['frame_inds']
    times = 3 + (np.arange(36) - 18) / 12
    expected = [max(i for i, start in enumerate(starts) if start <= time + 1e-3) for time in times]
    np.testing.assert_array_equal(inds, expected)
    assert inds[18] == 64 and (inds == 59).sum() == 8  # 2.6 + 4 / 10 = 3.0; 2 to 2.583 s show the held frame


def test_first_frame_of_a_file_counts_as_its_start():
    shifted = Reader(5.3 + np.arange(600) / 30)
    np.testing.assert_array_equal(sample(shifted, 10)['frame_inds'], sample(constant(30, 20), 10)['frame_inds'])


def test_start_second():
    np.testing.assert_array_equal(
        sample(constant(30, 20), 910, timestamp_start=900)['frame_inds'],
        sample(constant(30, 20), 10)['frame_inds'])


def test_borders_repeat_frames():
    inds = sample(constant(12, 2), timestamp=1)['frame_inds']  # the window asks for -6..29 of 0..23
    np.testing.assert_array_equal(inds, np.clip(np.arange(-6, 30), 0, 23))
    assert (sample(constant(12, 2), timestamp=0)['frame_inds'][:19] == 0).all()


def test_a_key_second_outside_of_the_video():
    message = r'v.mp4: key second 30 would be 30 s into the video, whose last frame is at 9.92 s.*timestamp_start=0'
    with pytest.raises(ValueError, match=message):
        sample(constant(12, 10), timestamp=30)
    with pytest.raises(ValueError, match='would be -1 s'):
        sample(constant(12, 10), timestamp=899, timestamp_start=900)


def frames_folder(tmp_path, count):
    folder = tmp_path / 'vid'
    folder.mkdir()
    for index in range(1, count + 1):
        (folder / f'img_{index:05}.jpg').touch()
    (folder / 'notes.txt').touch()
    return dict(frame_dir=str(folder), filename_tmpl='img_{:05}.jpg', start_index=1)


@pytest.mark.parametrize('fps, key', [(30, 91), (25, 76), (23.976, 72), (12, 37)])
def test_folders_of_frames_count_the_start_index_once(tmp_path, fps, key):
    folder = frames_folder(tmp_path, 100)
    inds = sample(None, timestamp=903, timestamp_start=900, fps=fps, **folder)['frame_inds']
    assert inds[18] == key and inds.min() >= 1 and inds.max() <= 100
    # The same frames as from a file, counted from 1.
    np.testing.assert_array_equal(inds, sample(Reader(np.arange(100) / fps), 903, 900)['frame_inds'] + 1)


def test_a_folder_without_frames(tmp_path):
    with pytest.raises(FileNotFoundError, match='holds no frame'):
        sample(None, timestamp=1, fps=30, **frames_folder(tmp_path, 0))


def boxes(*values):
    """Boxes (1, K, 4) with a value that tells them apart."""
    return np.array([[[v, v, v + 1, v + 1] for v in values]], dtype=np.float32)


def annotation(**changes):
    return dict(
        gt_bboxes=boxes(.1, .2, .3),
        gt_valid=np.array([[True, True, True]]),
        gt_times=np.array([-1., 0., 1.]),
        gt_labels=np.array([[0., 1.]]),
        entity_ids=np.array([4])) | changes


def test_seconds_fall_on_the_feature_frame_of_each_clip():
    results = sample(constant(30, 30), 10, interpolate=False, **annotation())
    # Window indices 6, 18, 30, over 4.
    np.testing.assert_array_equal(np.flatnonzero(results['gt_valid'][0]), [1, 4, 7])
    np.testing.assert_allclose(results['gt_bboxes'][0, :, 0], np.float32([.1, .1, .1, .2, .2, .2, .3, .3, .3]))
    assert results['gt_bboxes'].shape == (1, 9, 4) and results['gt_bboxes'].dtype == np.float32
    assert 'gt_times' not in results


def test_invalid_frames_repeat_the_nearest_valid_box():
    results = sample(constant(30, 30), 10, interpolate=False, **annotation(gt_valid=np.array([[False, True, True]])))
    np.testing.assert_allclose(results['gt_bboxes'][0, :, 0], np.float32([.2] * 6 + [.3] * 3))


def test_boxes_between_annotated_seconds_are_interpolated():
    # Annotated at the window indices -6, 6, 18, 30, 42; the middles of the feature frames are 2, 6, ..., 34.
    results = sample(
        constant(30, 30), 10,
        **annotation(
            gt_bboxes=boxes(.0, .3, .6, .3, .9),
            gt_valid=np.ones((1, 5), bool),
            gt_times=np.array([-2., -1., 0., 1., 2.])))
    np.testing.assert_allclose(
        results['gt_bboxes'][0, :, 0], np.float32([.2, .3, .4, .5, .6, .5, .4, .3, .5]), atol=1e-6)
    assert results['gt_valid'].all()


def test_nothing_is_interpolated_across_a_missing_second():
    # Seen at -2, -1 and 1 besides the key second; the other actor at the key second alone.
    results = sample(
        constant(30, 30), 10,
        **annotation(
            gt_bboxes=np.repeat(boxes(.1, .2, .3, .4, .5), 2, axis=0),
            gt_valid=np.array([[True, True, True, False, True], [False, False, True, False, False]]),
            gt_times=np.array([-2., -1., 0., 1., 2.]),
            gt_labels=np.eye(2, dtype=np.float32),
            entity_ids=np.array([4, 5])))
    np.testing.assert_array_equal(results['gt_valid'], [[True] * 5 + [False] * 4, [False] * 4 + [True] + [False] * 4])


def test_seconds_left_out_of_the_times_are_missing_too():
    # Two seconds apart: they do not follow each other.
    results = sample(
        constant(30, 30), 10,
        **annotation(gt_bboxes=boxes(.1, .2), gt_valid=np.ones((1, 2), bool), gt_times=np.array([-2., 0.])))
    np.testing.assert_array_equal(np.flatnonzero(results['gt_valid'][0]), [4])


def test_a_single_annotation_is_held_over_the_centre_clip():
    results = sample(constant(30, 30), 10, hold=True, **annotation(gt_valid=np.array([[False, True, False]])))
    np.testing.assert_array_equal(np.flatnonzero(results['gt_valid'][0]), [3, 4, 5])
    np.testing.assert_allclose(results['gt_bboxes'][0, :, 0], np.float32([.2] * 9))


def test_actors_that_the_centre_clip_lacks_are_dropped():
    results = sample(
        constant(30, 30), 10,
        **annotation(
            gt_bboxes=np.repeat(boxes(.1, .2, .3), 2, axis=0),
            gt_valid=np.array([[True, False, True], [False, True, False]]),
            gt_labels=np.eye(2, dtype=np.float32),
            entity_ids=np.array([4, 5])))
    np.testing.assert_array_equal(results['entity_ids'], [5])
    np.testing.assert_array_equal(results['gt_labels'], [[0, 1]])
    assert results['gt_bboxes'].shape == (1, 9, 4) and results['gt_valid'].sum() == 1


def test_no_actor():
    results = sample(
        constant(30, 30), 10,
        **annotation(
            gt_bboxes=np.zeros((0, 3, 4)),
            gt_valid=np.zeros((0, 3), bool),
            gt_labels=np.zeros((0, 2)),
            entity_ids=np.zeros(0)))
    assert results['gt_bboxes'].shape == (0, 9, 4) and results['gt_valid'].shape == (0, 9)


def test_jitter_moves_frames_and_boxes_alike():
    np.random.seed(0)
    shifts = set()
    for _ in range(100):
        results = sample(constant(12, 30), 10, jitter=5, interpolate=False, **annotation())
        shift = results['frame_inds'][18] - 120
        shifts.add(shift)
        np.testing.assert_array_equal(np.diff(results['frame_inds']), 1)
        key = np.flatnonzero(results['frame_inds'] == 120)[0]
        assert key == 18 - shift and results['gt_valid'][0, key // 4]
        assert 3 <= key // 4 < 6  # feature frames of the centre clip
        np.testing.assert_allclose(results['gt_bboxes'][0, key // 4, 0], np.float32(.2))
    assert shifts == set(range(-5, 6))


def test_the_seed_decides():

    def run(seed):
        np.random.seed(seed)
        return [sample(constant(12, 30), 10, jitter=5)['frame_inds'][0] for _ in range(20)]

    assert run(3) == run(3) != run(4)


@pytest.mark.parametrize('kwargs, message', [
    (dict(jitter=6), r'jitter=6 must be in 0\.\.5'),
    (dict(jitter=-1), 'jitter'),
    (dict(num_clips=2), 'num_clips must be odd'),
    (dict(temporal_stride=5), 'not a multiple of temporal_stride=5'),
    (dict(fps=0), 'fps must be positive'),
])
def test_numbers_must_fit(kwargs, message):
    with pytest.raises(ValueError, match=message):
        SampleTubeWindow(**{'clip_len': 12, 'num_clips': 3, 'fps': 12, 'temporal_stride': 4, **kwargs})


def test_frames_shown_at():
    starts = np.array([0., 0.5, 1.])
    times = np.array([-1., 0., .499, .4985, .5, .99, 1., 7.])
    np.testing.assert_array_equal(frames_shown_at(times, starts), [0, 0, 1, 0, 1, 1, 2, 2])


def test_of_two_annotations_in_a_feature_frame_the_nearer_to_its_middle_counts():
    valid = np.ones((1, 3), dtype=bool)
    out, where = scatter_to_feature_frames(boxes(.1, .2, .3), valid, np.array([4, 6, 7]), 12, 4)
    np.testing.assert_array_equal(where, [[False, True, False]])
    np.testing.assert_allclose(out[0, 1, 0], np.float32(.2))
    # An annotation of every frame at stride 1 stays what it was; what lies outside is left out.
    out, where = scatter_to_feature_frames(boxes(.1, .2, .3), valid, np.array([-1, 0, 1]), 2, 1)
    assert where.all()
    np.testing.assert_allclose(out[0, :, 0], np.float32([.2, .3]))


def test_repeat_nearest_valid_prefers_the_earlier_of_two():
    filled = repeat_nearest_valid(boxes(0, 1, 0, 3, 0), np.array([[False, True, False, True, False]]))
    np.testing.assert_array_equal(filled[0, :, 0], [1, 1, 1, 3, 3])
