"""Persons' tubes over a whole video, gathered key frame by key frame."""
import numpy as np

from mmstep.apis import Detection, KeyFrame, PersonTubes


def person(person_id, time, actions=(('walk', 0.5), ), spread=0.5):
    times = time + np.array([-spread, 0, spread])
    tube = np.stack([times, times, times + 10, times + 10], axis=1)
    return Detection(tube[1], list(actions), tube, times, person_id)


def test_pieces_of_one_person_are_put_together():
    tubes = PersonTubes(1.0, 10.0)
    for time in (0, 1, 2):
        tubes.add(KeyFrame(float(time), [person(0, time, spread=0.4)]))
    tube, = tubes.tubes()
    # The box before the start is left out.
    np.testing.assert_allclose(tube.times, [0, 0.4, 0.6, 1, 1.4, 1.6, 2, 2.4])
    np.testing.assert_allclose(tube.boxes[:, 0], tube.times)


def test_who_is_missed_gets_two_pieces():
    tubes = PersonTubes(1.0, 10.0)
    for time in (0, 1, 2, 3):
        tubes.add(KeyFrame(float(time), [person(0, time)] if time != 2 else [person(7, time)]))
    assert [(tube.person_id, round(tube.times[0])) for tube in tubes.tubes()] == [(0, 0), (0, 2), (7, 2)]


def test_boxes_further_off_than_half_a_stride_belong_to_other_key_times():
    tubes = PersonTubes(0.25, 10.0)
    for time in (1.0, 1.25):
        tubes.add(KeyFrame(time, [person(0, time)]))
    tube, = tubes.tubes()
    np.testing.assert_allclose(tube.times, [1, 1.25])


def test_short_video_keeps_the_box_of_its_key_time():
    tubes = PersonTubes(1.0, 0.04)
    found = person(0, 0.0)
    found.tube_times = np.array([-0.5, -0.2, 0.2])
    tubes.add(KeyFrame(0.0, [found]))
    tube, = tubes.tubes()
    assert tube.times.tolist() == [0] and tube.boxes.tolist() == [found.bbox.tolist()]


def test_label_names_the_actions_with_most_score():
    tubes = PersonTubes(1.0, 10.0)
    tubes.add(KeyFrame(0.0, [person(0, 0, [('run', 0.9), ('wave', 0.4), ('sit', 0.1)])]))
    tubes.add(KeyFrame(1.0, [person(0, 1, [('wave', 0.8)])]))
    tube, = tubes.tubes()
    assert tube.label == 'wave, run' and tubes.tubes(1)[0].label == 'wave'


def test_nobody():
    assert PersonTubes(1.0, 10.0).tubes() == []
