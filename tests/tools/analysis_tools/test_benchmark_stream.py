"""Tests of tools/analysis_tools/benchmark_stream.py.

Measures the streaming detector on a video that is played over and over.
"""
from pathlib import Path

import benchmark_stream
import numpy as np
import pytest
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video

from mmstep.apis import Detection, KeyFrame, StreamingDetector

ROOT = Path(__file__).parents[3]


def test_looped_video_goes_on_from_its_start(tmp_path):
    frames = benchmark_stream.LoopedVideo(write_square_video(tmp_path / 'a.mp4', seconds=2, fps=10), minutes=0.1)
    np.testing.assert_allclose(frames.times, np.arange(60) / 10, atol=1e-6)
    for frame, time in frames:
        assert abs(np.where(frame[50, :, 0] > 127)[0].min() - square_left(time % 2 if time % 2 < 1.99 else 0)) <= 1.5


def test_figures_of_a_stream(tmp_path):
    frames = benchmark_stream.LoopedVideo(write_square_video(tmp_path / 'a.mp4', seconds=2, fps=5), minutes=1.05)
    figures, memory = benchmark_stream.run(StreamingDetector(SquareDetector(), square_config()), frames)
    assert figures['key_times'] == 63 and figures['video_seconds'] == pytest.approx(62.8)
    assert len(memory) == 3 and min(memory) > 1  # at the start, after a minute, at the end


def test_difference_of_two_results():

    def result(left, score, label='walk'):
        box = np.array([left, 0., 10., 10.])
        return KeyFrame(1.0, [Detection(box, [(label, score)], box[None], np.zeros(1))])

    assert benchmark_stream.largest_difference(result(0, .5), result(2, .25)) == (2, .25)
    assert benchmark_stream.largest_difference(result(0, .5), result(0, .5, 'run'))[0] == np.inf
    assert benchmark_stream.largest_difference(result(0, .5), KeyFrame(1.0, []))[0] == np.inf
