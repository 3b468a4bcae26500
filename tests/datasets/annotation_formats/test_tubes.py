"""Tests of mmstep.datasets.annotation_formats.tubes: tracks to the tubes that data sets read."""
import numpy as np

from mmstep.datasets import read_tube_annotations
from mmstep.datasets.annotation_formats import AnnotatedTrack, AnnotatedVideo, tubes_of
from mmstep.datasets.subsets import write_tube_annotations


def test_a_tube_for_each_stretch_of_an_action(tmp_path):
    frames = np.array([0, 1, 2, 5, 6])
    boxes = np.array([[1., 2, 21, 32]] * 4 + [[70., 2, 90, 32]])  # the last one is outside
    names = [frozenset(item) for item in (['walk'], ['walk', 'wave'], ['wave'], ['walk'], ['walk'])]
    video = AnnotatedVideo('yard', 64, 48, [AnnotatedTrack(0, frames, boxes, names)], 9)
    truth = tubes_of([video], ['walk', 'wave'])
    assert truth.tube_label.tolist() == [0, 0, 1]
    assert truth.rows[:, 0].tolist() == [1, 2, 6, 2, 3]
    assert truth.rows[0, 1:].tolist() == [1, 2, 20, 31]  # the last pixels inside
    assert (truth.nframes.tolist(), truth.resolution.tolist()) == ([9], [[48, 64]])
    write_tube_annotations(tmp_path / 'tubes.pkl', truth, truth)
    again = read_tube_annotations(str(tmp_path / 'tubes.pkl'))
    assert again.rows.tolist() == truth.rows.tolist() and again.labels == ['walk', 'wave']


def test_nobody():
    truth = tubes_of([AnnotatedVideo('yard', 64, 48, [], 9)], ['walk'])
    assert truth.rows.shape == (0, 5) and truth.videos == ['yard'] and len(truth.tube_label) == 0
