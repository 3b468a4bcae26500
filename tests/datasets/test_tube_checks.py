"""Pickled tubes in other units, of other sizes, outside of the picture or past the end are refused or counted."""
import numpy as np
import pytest

from mmstep.datasets import read_tube_annotations
from mmstep.datasets.tube_checks import in_picture, oddities, visible_rows


def tube(*boxes, first=1):
    return np.array([[first + index, *box] for index, box in enumerate(boxes)], np.float32)


def act(*tubes, size=(80, 100), frames=30):
    """Changes of an annotation file with one video and these tubes of class 0."""
    return dict(gttubes={'a': {0: list(tubes)}}, nframes={'a': frames}, resolution={'a': size})


@pytest.mark.parametrize('changes, message', [
    (act(tube((.1, .2, .3, .9))), r'a: the boxes are fractions of the frame, for instance \[0.1'),
    (act(tube((10, 20, 150, 60), (12, 20, 155, 60)),
         size=(160, 100)), 'leave the picture of height 160 and width 100, and would not if the two were swapped'),
    (act(tube((500, 200, 900, 700), (510, 210, 910, 710))), 'nearly all boxes leave the picture of height 80 and wid'),
    (act(tube((10, 20, 30, 60)), tube((100, 20, 140, 60), (103, 20, 143, 60), first=9),
         tube(*[(10, 20, 30, 60)] * 9)), r'a, tube 1: no box of it is in the picture, the first is \[9.0, 100.0'),
    (act(tube(*[(10, 20, 30, 60)] * 36)), r'a, tube 0 goes on to frame 36, and the video has 30 \(nframes\)'),
    (act(tube((10, 20, 30, 60)) + .5), r'frames must ascend from 1'),
    (act(frames='ten'), "a has nframes='ten'; it must be a whole number"),
    (act(frames=10**12), 'a has 1000000000000 frames'),
    (act(size=(80, 100.5)), 'a has resolution=100.5; it must be a whole number'),
    (act(size=7), 'neither of ACT.s layout nor like pyannot.pkl, or damaged'),
])
def test_refused_with_video_and_tube(write_act, changes, message):
    path = write_act(dict(a=30), {}, **changes)
    with pytest.raises(ValueError, match=message) as caught:
        read_tube_annotations(path)
    assert path in str(caught.value) and '\n' not in str(caught.value)


def test_all_faults_at_once(write_act):
    path = write_act(
        dict(a=30), {}, **act(tube((30, 20, 10, 60)), tube((10, 20, 30, 60)), tube((1, 2, 3, 4), first=99)))
    faults = []
    truth = read_tube_annotations(path, on_fault=faults.append)
    assert [text.split(' has ')[0].split(' goes ')[0] for text in faults] == ['a, tube 0', 'a, tube 2']
    assert truth.rows.tolist() == [[1, 10, 20, 30, 60]]  # the others are left out


def test_who_walks_out_is_counted(write_act):
    # 100 wide; x1 = 60 + 6 i reaches 100 with i = 7, frame 8. The file counts 10 frames of 12.
    boxes = [(60 + 6 * i, 20, 99 + 6 * i, 60) for i in range(12)]
    truth = read_tube_annotations(
        write_act(dict(a=10), {}, **act(tube(*[(10, 20, 30, 60)] * 9), tube(*boxes), frames=10)))
    assert visible_rows(truth).tolist() == [True] * 16 + [False] * 5
    assert oddities(truth) == [
        '5 of 21 boxes are wholly outside of the picture and are not trained, the first: a, tube 1, frame 8',
        '2 boxes are of frames after the end of their video (nframes), the first: a, tube 1, frame 11'
    ]


@pytest.mark.parametrize('box, inside', [
    ((0, 0, 99, 79), True),
    ((99, 79, 99, 79), True),
    ((-9, -9, 0, 0), True),
    ((99.5, 0, 120, 9), False),
    ((-9, 0, -1, 9), False),
    ((0, 80, 9, 99), False),
])
def test_a_pixel_of_it_is_in_the_picture(box, inside):
    assert in_picture(np.array([box], float), np.array([80, 100])).tolist() == [inside]
