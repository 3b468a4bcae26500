"""Results turned from key frames to persons."""
import json

from mmstep.apis import empty_result, person_tracks


def person(number, left, **actions):
    return dict(
        id=number,
        bbox=[left, 0.0, left + 10.0, 20.0],
        actions=[dict(label=label, score=score) for label, score in actions.items()],
        tube=[])


def test_persons_and_their_actions_over_time():
    result = empty_result(
        'a.mp4',
        stride_seconds=1.0,
        duration=4.2,
        detections=[
            dict(time=0.0, persons=[person(3, 0.0, walk=0.8, wave=0.5)]),
            dict(time=1.0, persons=[person(1, 50.0, sit=0.9), person(3, 2.0, walk=0.6)]),
            dict(time=2.0, persons=[person(1, 50.0, sit=0.7)]),
            dict(time=3.0, persons=[person(3, 4.0, walk=0.4)]),
            dict(time=4.0, persons=[person(3, 5.0, walk=0.6, wave=0.5)]),
        ])
    first, second = person_tracks(result)
    assert (first['id'], first['start'], first['end']) == (1, 0.5, 2.5)
    assert first['actions'] == [dict(label='sit', score=0.8, start=0.5, end=2.5)]
    assert first['boxes'] == [dict(time=time, bbox=[50.0, 0.0, 60.0, 20.0]) for time in (1.0, 2.0)]
    # Not before the video's start, not after its end; not seen at 2 s.
    assert (second['id'], second['start'], second['end'], len(second['boxes'])) == (3, 0.0, 4.2, 4)
    assert second['actions'] == [
        dict(label='walk', score=0.7, start=0.0, end=1.5),
        dict(label='wave', score=0.5, start=0.0, end=0.5),
        dict(label='walk', score=0.5, start=2.5, end=4.2),
        dict(label='wave', score=0.5, start=3.5, end=4.2)
    ]
    json.dumps([first, second])


def test_nobody_and_streams():
    assert person_tracks(empty_result('a.mp4', error='cut off')) == []
    seen = [dict(time=4.0, persons=[person(0, 0.0, sit=1.0)])]
    stream = empty_result('camera 0', stride_seconds=2.0, detections=seen)
    assert person_tracks(stream)[0]['actions'] == [dict(label='sit', score=1.0, start=3.0, end=5.0)]
