"""Windows of consecutive frames and where their tubes are."""
import numpy as np
import pytest

from mmstep.datasets import SampleClipWindow
from mmstep.datasets.transforms.clip_sampling import dense_boxes


def rows(first, last, x1=10):
    """A tube that moves a pixel a frame, in 100x80."""
    frames = np.arange(first, last + 1)
    return np.stack([frames, x1 + frames, 0 * frames + 20, x1 + 19 + frames, 0 * frames + 59], axis=1).astype(float)


def window(clip_start, *tubes, total=40, **settings):
    results = dict(
        clip_start=clip_start,
        num_frames_total=total,
        video_reader=range(total),
        filename='a.mp4',
        video_id='a',
        resolution=(80, 100),
        tube_rows=list(tubes),
        gt_labels=np.arange(len(tubes)),
        entity_ids=10 + np.arange(len(tubes)))
    return SampleClipWindow(**{**dict(clip_len=4, num_clips=3), **settings}).transform(results)


class TestFrames:

    @pytest.mark.parametrize('start, first, last', [(5, 0, 11), (29, 24, 35)])
    def test_consecutive(self, start, first, last):
        results = window(start)
        assert results['frame_inds'].tolist() == list(range(first, last + 1))
        assert results['clip_len'] == 12 and results['num_clips'] == 1 and 'tube_rows' not in results

    def test_ends_of_the_video_are_repeated(self):
        assert window(1)['frame_inds'].tolist() == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]
        assert window(37)['frame_inds'].tolist() == [32, 33, 34, 35, 36, 37, 38, 39, 39, 39, 39, 39]
        assert window(1, total=1)['frame_inds'].tolist() == [0] * 12

    def test_folder_of_frames(self, tmp_path):
        for number in range(3, 9):
            (tmp_path / f'{number:05d}.jpg').touch()
        results = dict(
            clip_start=2,
            num_frames_total=6,
            frame_dir=str(tmp_path),
            filename_tmpl='{:05d}.jpg',
            start_index=3,
            video_id='a',
            resolution=(80, 100),
            tube_rows=[],
            gt_labels=np.zeros(0),
            entity_ids=np.zeros(0))
        assert SampleClipWindow(4, 3).transform(results)['frame_inds'].tolist() == [3, 3, 3, 3, 4, 5, 6, 7, 8, 8, 8, 8]

    def test_flow_reaches_further(self):
        results = window(2, num_flows=5)
        assert results['flow_inds'].tolist() == [1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
        assert 'flow_inds' not in window(2)

    def test_a_few_frames_may_be_missing(self):
        assert window(37, total=40)['frame_inds'][-1] == 39
        results = dict(
            clip_start=40,
            num_frames_total=44,
            video_reader=range(40),
            filename='a.mp4',
            video_id='a',
            resolution=(80, 100),
            tube_rows=[],
            gt_labels=np.zeros(0),
            entity_ids=np.zeros(0))
        sampler = SampleClipWindow(clip_len=4, num_clips=1)
        assert sampler.transform(dict(results))['frame_inds'].tolist() == [39] * 4
        with pytest.raises(ValueError, match='a.mp4 has 40 frames, and the annotation of a counts 46'):
            sampler.transform(dict(results, num_frames_total=46))


class TestTubes:

    def test_boxes_and_where_they_are_annotated(self):
        results = window(9, rows(8, 30))  # frames 5..16
        assert results['gt_valid'].tolist() == [[False] * 3 + [True] * 9]
        boxes = results['gt_bboxes'][0] * [100, 80, 100, 80]
        # Inclusive corners become continuous ones; invalid frames repeat the nearest valid box.
        np.testing.assert_allclose(boxes[3], [18, 20, 38, 60], rtol=1e-5)
        np.testing.assert_allclose(boxes[:3], [boxes[3]] * 3)
        np.testing.assert_allclose(boxes[-1], [26, 20, 46, 60], rtol=1e-5)
        assert results['gt_bboxes'].dtype == np.float32

    def test_tube_that_ends(self):
        valid = window(9, rows(1, 10))['gt_valid'][0]
        assert valid.tolist() == [True] * 6 + [False] * 6

    @pytest.mark.parametrize('least, kept', [(1, [10, 11, 13]), (2, [10, 13]), (4, [13])])
    def test_actors_of_the_centre_clip(self, least, kept):
        # The centre clip is 9..12.
        tubes = rows(1, 10), rows(12, 30), rows(1, 8), rows(9, 12), rows(13, 40)
        results = window(9, *tubes, min_actor_frames=least)
        assert results['entity_ids'].tolist() == kept
        assert results['gt_labels'].tolist() == [entity - 10 for entity in kept]
        assert results['gt_bboxes'].shape == (len(kept), 12, 4) and results['gt_valid'].shape == (len(kept), 12)

    def test_feature_frames(self):
        results = window(9, rows(1, 40), clip_len=6, temporal_stride=3)
        boxes = results['gt_bboxes'][0, :, 0] * 100
        assert results['gt_valid'].shape == (1, 6) and results['gt_valid'].all()
        # A feature frame has the box of its middle frame; the window is frames 3..20.
        np.testing.assert_allclose(boxes, 10 + np.array([4, 7, 10, 13, 16, 19]), rtol=1e-5)

    def test_no_actor(self):
        results = window(9)
        assert results['gt_bboxes'].shape == (0, 12, 4) and results['gt_valid'].shape == (0, 12)

    def test_boxes_stay_in_the_frame(self):
        boxes, valid = dense_boxes([np.array([[1., -5, -5, 120, 90]])], 1, 2, (80, 100))
        assert boxes[0, 0].tolist() == [0, 0, 1, 1] and valid.tolist() == [[True, False]]

    def test_boxes_outside_of_the_picture_are_not_annotated(self):
        # 100 wide: x1 is 98 in frame 3 and past the border from frame 5 on.
        _, valid = dense_boxes([rows(1, 8, x1=95)], 1, 8, (80, 100))
        assert valid.tolist() == [[True] * 4 + [False] * 4]
        results = window(9, rows(1, 40, x1=87))  # outside from frame 13 on; the window is 5..16
        assert results['gt_valid'].tolist() == [[True] * 8 + [False] * 4]
        assert (results['gt_bboxes'][..., 2:] > results['gt_bboxes'][..., :2]).all()
        assert window(21, rows(1, 40, x1=87))['gt_bboxes'].shape == (0, 12, 4)


@pytest.mark.parametrize('settings, message', [
    (dict(num_clips=2), 'num_clips must be odd'),
    (dict(temporal_stride=3), 'clip_len=4 is not a multiple of temporal_stride=3'),
    (dict(min_actor_frames=5), 'min_actor_frames=5 must be in 1..clip_len=4'),
    (dict(min_actor_frames=0), 'min_actor_frames=0 must be'),
])
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        SampleClipWindow(**{**dict(clip_len=4, num_clips=3), **settings})
