"""One video, one result: what is opened and closed, what the result holds, what stays in memory."""
import numpy as np
import pytest
from helpers.square_detector import SquareDetector, square_config, write_square_video

from mmstep.apis import ArraySource, VideoError, VideoRun, VideoSource
from mmstep.errors import LaunchError


@pytest.fixture
def model():
    model = SquareDetector()
    model.cfg = square_config()
    return model


@pytest.fixture
def video(tmp_path):
    return write_square_video(tmp_path / 'a.mp4', seconds=3)


@pytest.fixture
def openings(monkeypatch):
    """The files that were opened, one entry an opening."""
    opened, original = [], VideoSource.__init__

    def count(self, path, *args, **kwargs):
        opened.append(str(path))
        original(self, path, *args, **kwargs)

    monkeypatch.setattr(VideoSource, '__init__', count)
    return opened


def test_result_grows_as_the_run_goes_on(model, video):
    with VideoRun(model, video, checkpoint='a.pth', stride=1.0) as run:
        assert run.result['duration'] == 3 and run.result['stride_seconds'] == 1 and run.num_key_frames == 3
        for number, key_frame in enumerate(run, 1):
            assert len(run.result['detections']) == len(run.key_frames) == number
            assert run.key_frames[-1] is key_frame and key_frame.persons[0].person_id == 0
            assert not run.result['complete']
    assert run.result['complete'] and run.result['broken_from'] is None
    assert run.result['video'] == video and run.result['checkpoint'] == 'a.pth'
    assert run.result['detections'] == [key_frame.to_dict() for key_frame in run.key_frames]


@pytest.mark.parametrize('keep, detections, tubes', [('all', 3, 3), ('boxes', 3, 0), ('nothing', 0, None)])
def test_what_stays_in_memory(model, video, keep, detections, tubes):
    run = VideoRun(model, video, keep=keep)
    result = run.finish()
    assert len(result['detections']) == detections and result['complete']
    assert len(run.key_frames) == (3 if keep == 'all' else 0)
    assert all(len(entry['persons'][0]['tube']) == tubes for entry in result['detections'])
    with pytest.raises(ValueError, match="'all', 'boxes' or 'nothing'"):
        VideoRun(model, video, keep='much')


def test_key_frames_of_an_earlier_run_are_not_detected_again(model, video):
    whole = VideoRun(model, video).finish()
    earlier = list(VideoRun(model, video).__enter__())[:2]
    for key_frame in earlier:
        key_frame.persons[0].person_id = None
    model.batch_sizes.clear()
    run = VideoRun(model, video)
    run.earlier = earlier
    assert run.finish() == whole
    assert sum(model.batch_sizes) == 2  # the batch before the third key time, and the third


def test_any_failure_of_an_input_is_its_own_but_a_full_disk_is_not(model, video, monkeypatch):
    run = VideoRun(model, video)
    monkeypatch.setattr(model, 'test_step', lambda data: 1 / 0)
    assert run.finish()['error'] == f'{video} failed with ZeroDivisionError: division by zero'
    assert isinstance(run.error, ZeroDivisionError) and not run.result['complete']

    def full(data):
        raise LaunchError('the disk is full')

    monkeypatch.setattr(model, 'test_step', full)
    with pytest.raises(LaunchError, match='the disk is full'):
        VideoRun(model, video).finish()


def test_unreadable_input_has_its_reason_in_the_result(model, tmp_path):
    result = VideoRun(model, str(tmp_path / 'gone.mp4')).finish()
    assert 'does not exist' in result['error'] and not result['complete'] and result['detections'] == []
    with pytest.raises(VideoError, match='does not exist'), VideoRun(model, str(tmp_path / 'gone.mp4')):
        pass


def test_who_opens_closes(model, video, monkeypatch):
    closed = []
    monkeypatch.setattr(VideoSource, 'close', lambda self: closed.append(self), raising=False)
    with VideoRun(model, video) as run:
        assert not closed
    assert closed == [run.source]
    source = VideoSource(video)
    with VideoRun(model, source, name='mine') as run:
        assert run.source is source and run.result['video'] == 'mine'
        with run.reopened() as again:
            assert again is not source
    assert closed[1:] == [again]


def test_frames_in_memory_are_drawn_on_as_they_are(model):
    source = ArraySource(np.zeros((5, 64, 128, 3), np.uint8), 5.0)
    with VideoRun(model, source) as run, run.reopened() as again:
        assert again is source


def test_openings_of_a_run(model, video, openings):
    run = VideoRun(model, video)
    assert openings == []
    run.finish()
    assert openings == [video]
    with run.reopened():
        assert openings == [video, video]
