"""Detection in frames as they come, compared with detection in a file."""
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers.memory import kept_alive
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video

from mmstep.apis import ArraySource, PersonMatcher, StreamingDetector, VideoSource, detect_video, init_detector
from mmstep.apis.detection import window_runner
from mmstep.errors import LaunchError

CONFIGS = Path(__file__).parents[3] / 'configs' / 'step'


def square_frames(times, size=(128, 64)):
    """Pictures of the square at some times, half the size of those of write_square_video."""
    frames = np.zeros((len(times), size[1], size[0], 3), np.uint8)
    for frame, time in zip(frames, times):
        left = round(square_left(time) / 2)
        frame[15:35, left:left + 20] = 255
    return frames


def push_all(detector, frames, times):
    found = []
    for frame, time in zip(frames, times):
        found += detector.push(frame, float(time))
    return found + detector.finish()


def offline(frames, times, **kwargs):
    """What detect_video finds in frames at these times, as the streaming detector has to number persons."""
    source = ArraySource(frames, fps=1)
    source.times = np.asarray(times) - times[0]
    matcher, found = PersonMatcher(), []
    for key_frame in detect_video(SquareDetector(), square_config(), source, **kwargs):
        matcher.update(key_frame)
        found.append(key_frame)
    return found


def variable_times(count, seed=0):
    steps = np.random.default_rng(seed).uniform(0.002, 0.3, count)
    return np.cumsum(steps) - steps[0]


@pytest.mark.parametrize('times', [
    np.arange(20) / 5,
    np.arange(100) / 24,
    np.arange(240) / 60,
    np.round(np.arange(120) / 29.97, 3),
    variable_times(30),
    np.array([0, 0.1, 5.3, 5.4]),
    np.array([0.0])
])
@pytest.mark.parametrize('stride', [None, 0.5, 4])
def test_results_are_those_of_the_same_frames_in_a_file(times, stride):
    frames = square_frames(times % 3)
    streamed = push_all(StreamingDetector(SquareDetector(), square_config(), stride), frames, times)
    assert [k.to_dict() for k in streamed] == [k.to_dict() for k in offline(frames, times, stride_seconds=stride)]


def test_results_are_those_of_a_video_file(tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=3, fps=30))
    frames = [source.frames_at([time])[0] for time in source.times]
    streamed = push_all(StreamingDetector(SquareDetector(), square_config()), frames, source.times)
    again = list(detect_video(SquareDetector(), square_config(), VideoSource(source.path)))
    assert [k.time for k in streamed] == [0, 1, 2]
    for one, other in zip(streamed, again):
        np.testing.assert_array_equal(one.persons[0].bbox, other.persons[0].bbox)
        np.testing.assert_array_equal(one.persons[0].tube, other.persons[0].tube)


def test_a_result_comes_as_soon_as_its_window_is_over():
    detector = StreamingDetector(SquareDetector(), square_config())
    times = np.arange(48) / 12
    assert detector.latency == pytest.approx(17 / 12)
    for frame, time in zip(square_frames(times), times):
        for key_frame in detector.push(frame, time):
            # The frame after the window's last one tells that it is over.
            assert time - key_frame.time == pytest.approx(detector.latency + 1 / 12)
    assert [k.time for k in detector.finish()] == [3]


def test_times_are_those_of_the_callers_clock_and_numbers_go_on():
    detector = StreamingDetector(SquareDetector(), square_config())
    times = 1.7e9 + np.arange(30) / 24
    first = push_all(detector, square_frames(np.arange(30) / 24), times)
    assert [k.time for k in first] == [1.7e9, 1.7e9 + 1] and [k.persons[0].person_id for k in first] == [0, 0]
    second = push_all(detector, square_frames(np.arange(30) / 24), np.arange(30) / 24)
    assert [k.time for k in second] == [0, 1] and [k.persons[0].person_id for k in second] == [1, 1]
    np.testing.assert_allclose(second[1].persons[0].bbox, first[1].persons[0].bbox)


def test_boxes_are_in_pixels_of_the_key_frame():
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[40:60, 50:100] = 255
    detector = StreamingDetector(SquareDetector(), square_config())
    small, large = detector.push(frame, 0.0) + detector.finish(), None
    large = detector.push(frame.repeat(2, 0).repeat(2, 1), 0.0) + detector.finish()
    np.testing.assert_allclose(small[0].persons[0].bbox, [50, 40, 100, 60], atol=2)
    np.testing.assert_allclose(large[0].persons[0].bbox, [100, 80, 200, 120], atol=4)


def test_wrong_frames_are_refused():
    detector = StreamingDetector(SquareDetector(), square_config())
    frame = square_frames([0.0])[0]
    detector.push(frame, 1.0)
    with pytest.raises(ValueError, match='ascend.*1.0 s came after 1.0 s'):
        detector.push(frame, 1.0)
    for wrong in (frame.astype(float), frame[..., 0], None):
        with pytest.raises(ValueError, match='uint8 array'):
            detector.push(wrong, 2.0)
    detector.reset()
    detector.push(frame, 0.5)


def test_newest_windows_win_when_nobody_detects():
    model = SquareDetector()
    detector = StreamingDetector(model, square_config(), stride=0.5, backlog=2)
    times = np.arange(121) / 24
    for frame, time in zip(square_frames(times % 3), times):
        detector.add(frame, time)
    assert detector.wait(0) and not model.batch_sizes
    # Windows up to key time 5 - 1.5 are complete.
    assert [k.time for k in detector.detect()] == [3, 3.5] and detector.dropped == 6
    assert detector.detect() == [] and not detector.wait(0)
    detector.reset()
    assert detector.finish() == []


def test_two_threads():
    detector, found = StreamingDetector(SquareDetector(), square_config(), backlog=100), []
    times, over = np.arange(240) / 24, threading.Event()

    def detect():
        while not over.is_set() or detector.wait(0):
            if detector.wait(0.05):
                found.extend(detector.detect())

    thread = threading.Thread(target=detect)
    thread.start()
    for frame, time in zip(square_frames(times % 3), times):
        detector.add(frame, time)
    over.set()
    thread.join(10)
    found += detector.finish()
    assert [k.time for k in found] == list(range(10)) and detector.dropped == 0


def test_memory_holds_one_window():
    detector = StreamingDetector(SquareDetector(), square_config())
    frame = square_frames([0.0])[0]
    for index in range(500):
        detector.push(frame, index / 20)
    pictures = [array for array in kept_alive(detector, np.ndarray) if array.ndim == 3]
    assert 24 < len(pictures) <= 36 + 1  # a window's, and the newest one as it came
    assert not detector.wait(0)


def test_person_keeps_the_number_through_a_gap():
    times = np.arange(10 * 12) / 12
    frames = square_frames(np.zeros(len(times)))
    frames[(times > 2.5) & (times < 4.5)] = 0  # nobody is seen at seconds 3 and 4
    frames[times > 5.5] = 0
    frames[times > 8.9] = square_frames([0.0])
    found = push_all(StreamingDetector(SquareDetector(), square_config()), frames, times)
    # Gone for 3 seconds, and for longer than that.
    assert [[p.person_id for p in k.persons] for k in found] == [[0], [0], [0], [], [], [0], [], [], [], [1]]


@pytest.fixture(scope='module')
def tiny():
    torch.manual_seed(0)
    return init_detector(str(CONFIGS / 'step_tiny_mini-ava.py'), device='cpu')


@pytest.mark.parametrize('stride,shared,clips', [(None, True, 6), (0.5, True, 12), (3, False, None)])
def test_features_of_a_clip_are_made_once(tiny, monkeypatch, stride, shared, clips):
    times = np.arange(16) / 4
    frames = np.random.default_rng(0).integers(0, 256, (16, 72, 96, 3), dtype=np.uint8)
    counts = []
    extract = tiny.extract_clip_feat
    monkeypatch.setattr(tiny, 'extract_clip_feat', lambda clips: counts.append(len(clips)) or extract(clips))
    said = []
    monkeypatch.setattr(window_runner, 'print_log', lambda message, **_: said.append(message))
    detector = StreamingDetector(tiny, stride=stride, score_thr=0.0)
    assert detector.reuses_features == shared
    assert ['share no clip' in message for message in said] == [True] * (not shared)
    reused = push_all(detector, frames, times)
    num_keys = len(reused)
    assert sum(counts) == (clips if shared else 3 * num_keys)
    plain = push_all(StreamingDetector(tiny, stride=stride, score_thr=0.0, reuse_features=False), frames, times)
    source = ArraySource(frames, fps=4)
    batched = list(detect_video(tiny, tiny.cfg, source, stride, 0.0, batch_size=3))
    for other in (plain, batched):
        for one, two in zip(reused, other, strict=True):
            assert one.time == two.time and len(one.persons) == len(two.persons) > 0
            for a, b in zip(one.persons, two.persons):
                np.testing.assert_allclose(a.tube, b.tube, atol=1e-3)  # pixels of 0..96
                assert [label for label, _ in a.actions] == [label for label, _ in b.actions]
                np.testing.assert_allclose([s for _, s in a.actions], [s for _, s in b.actions], atol=1e-5)


def test_window_is_that_of_the_data_set(tiny, tmp_path):
    """The frames that reach the model are those of the config's own test pipeline."""
    from mmengine.dataset import Compose
    path = write_square_video(tmp_path / 'a.mp4', seconds=3, fps=30)
    pipeline = Compose([t for t in tiny.cfg.test_pipeline if t['type'] != 'PackTubeInputs'])
    source, seen = VideoSource(path), []
    spy = SimpleNamespace(test_step=lambda data: seen.append(data['inputs'][0]) or tiny.test_step(data))
    detector = StreamingDetector(spy, tiny.cfg, score_thr=0.0)
    push_all(detector, [source.frames_at([time])[0] for time in source.times], source.times)
    for second, window in enumerate(seen):
        results = pipeline(dict(filename=path, timestamp=second, timestamp_start=0, modality='RGB', start_index=0))
        # Two decoders differ by a grey level.
        assert np.abs(window.numpy().astype(int) - results['imgs'].astype(int)).max() <= 3
    assert len(seen) == 3


def test_models_of_native_frames_need_a_rate():
    torch.manual_seed(0)
    model = init_detector(str(CONFIGS / 'step_tiny_mini-ucf.py'), device='cpu')
    with pytest.raises(LaunchError, match='model_fps.*native frames.*UCF101-24: 25'):
        StreamingDetector(model)
    with pytest.raises(LaunchError, match='model_fps=25: .*sets 12'):
        StreamingDetector(SquareDetector(), square_config(), model_fps=25)
    times = np.arange(8) / 20
    frames = np.random.default_rng(0).integers(0, 256, (8, 72, 96, 3), dtype=np.uint8)
    detector = StreamingDetector(model, score_thr=0.0, model_fps=20)
    assert detector.stride_seconds == pytest.approx(0.3) and detector.latency == pytest.approx(14 / 20)
    streamed = push_all(detector, frames, times)
    found = list(detect_video(model, model.cfg, ArraySource(frames, fps=20), score_thr=0.0))
    np.testing.assert_allclose([k.time for k in streamed], [0, 0.3])
    for one, two in zip(streamed, found, strict=True):
        np.testing.assert_allclose(one.persons[0].tube, two.persons[0].tube, atol=1e-3)
