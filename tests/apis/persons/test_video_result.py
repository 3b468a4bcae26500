"""The fields of a result as plain data."""
import numpy as np
import pytest

from mmstep.apis import ArraySource, VideoResult, empty_result, source_fields


def test_every_field_is_there_and_given_ones_are_kept():
    result = empty_result('a.mp4', error='cut off', classes=['walk'])
    assert list(result) == list(VideoResult.__annotations__)
    assert (result['video'], result['error'], result['classes']) == ('a.mp4', 'cut off', ['walk'])
    assert result['detections'] == [] and result['complete'] is False and result['fps'] is None


def test_results_share_no_list():
    empty_result('a.mp4')['detections'].append(dict(time=0.0, persons=[]))
    assert empty_result('b.mp4')['detections'] == []


def test_unknown_fields_are_named():
    with pytest.raises(TypeError, match='no field colour, sound'):
        empty_result('a.mp4', sound=1, fps=2.0, colour=3)


def test_fields_of_a_source_are_plain_numbers():
    source = ArraySource(np.zeros((10, 6, 8, 3), np.uint8), 30000 / 1001)
    assert source_fields(source) == dict(fps=29.97, width=8, height=6, duration=0.334)


def test_stream_has_no_duration():
    stream = type('Stream', (), dict(fps=np.float64(25), width=np.int64(8), height=6))()
    fields = source_fields(stream)
    assert fields['duration'] is None and type(fields['width']) is int and type(fields['fps']) is float
