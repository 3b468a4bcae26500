"""Seconds of files: whole or with a fraction, keys of frames, where each video begins."""
import pytest

from mmstep.datasets.ava_files import image_key, key_time, parse_second, read_start_seconds, second_text, seconds_every
from mmstep.errors import DataError, MissingDataError


@pytest.mark.parametrize('text, second', [('0902', 902), ('12.50', 12.5), ('12.0', 12), ('-1', -1), ('.0004', 0)])
def test_whole_seconds_are_ints(text, second):
    assert parse_second(text) == second and isinstance(parse_second(text), type(second))


@pytest.mark.parametrize('text', ['', 'x', 'nan', 'inf', '1,5'])
def test_what_is_no_second(text):
    with pytest.raises(ValueError):
        parse_second(text)


def test_keys_sort_by_time_and_come_back():
    seconds = [2, 2.5, 12, 12.125, 900]
    keys = [image_key('a', second) for second in seconds]
    assert keys == ['a,0002', 'a,0002.500', 'a,0012', 'a,0012.125', 'a,0900'] == sorted(keys)
    assert [parse_second(key.split(',')[1]) for key in keys] == seconds
    assert [second_text(second) for second in seconds] == ['2', '2.5', '12', '12.125', '900'] and key_time(7) == '0007'


def test_starts_of_videos(tmp_path):
    path = tmp_path / 'starts.csv'
    path.write_text('film,900\nclip_000015_000025, 15\nyard,3.25\n')
    assert read_start_seconds(str(path)) == {'film': 900, 'clip_000015_000025': 15, 'yard': 3.25}
    for text, message in (('a,x', "starts.csv:1: second is 'x'"), ('a,1\na,2', 'starts.csv:2: the video .* twice'),
                          ('a', 'starts.csv:1: 1 columns'), (',1', 'is empty')):
        path.write_text(text)
        with pytest.raises(DataError, match=message):
            read_start_seconds(str(path))
    with pytest.raises(MissingDataError):
        read_start_seconds(str(tmp_path / 'none.csv'))


def test_key_times_at_even_distances():
    assert seconds_every(1, 2.9) == [0, 1, 2] and seconds_every(0.4, 1.1995) == [0, 0.4, 0.8, 1.2]
    assert all(isinstance(second, int) for second in seconds_every(1, 2.9)) and seconds_every(5, 1) == [0]
