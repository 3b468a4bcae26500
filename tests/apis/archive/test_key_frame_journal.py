"""Key frames on the disk, so that a killed run goes on in the middle of a video."""
import numpy as np
import pytest

from mmstep.apis.archive.key_frame_journal import KeyFrameJournal, read_journal
from mmstep.apis.persons.detections import Detection, KeyFrame
from mmstep.errors import LaunchError


def key_frame(time):
    rng = np.random.default_rng(int(time * 10))
    person = Detection(
        rng.random(4, dtype=np.float32), [('gähnen', 1 / 3), ('run', 0.1)], rng.random((3, 4), dtype=np.float32),
        rng.random(3))
    return KeyFrame(time, [person] if time else [], steps=[[person]], weak=[person])


def write(path, header, times, before=()):
    journal = KeyFrameJournal(str(path), header, list(before), interval=0)
    for time in times:
        journal.add(key_frame(time))


def check(found, times):
    assert [item.time for item in found] == times
    for item in found:
        assert len(item.persons) == len(key_frame(item.time).persons)
        assert len(item.weak) == 1
        for person, expected in zip(item.persons + item.weak,
                                    key_frame(item.time).persons + key_frame(item.time).weak):
            assert person.actions == expected.actions
            for name in ('bbox', 'tube', 'tube_times'):
                value, wanted = getattr(person, name), getattr(expected, name)
                assert value.dtype == wanted.dtype and np.array_equal(value, wanted), name


def test_numbers_come_back_to_the_last_bit_and_the_next_run_adds_to_them(tmp_path):
    write(tmp_path / 'new' / 'a.jsonl', dict(size=3), [0.0, 0.1])
    before = read_journal(str(tmp_path / 'new' / 'a.jsonl'), dict(size=3))
    check(before, [0.0, 0.1])
    write(tmp_path / 'b.jsonl', dict(size=3), [0.2], before)
    check(read_journal(str(tmp_path / 'b.jsonl'), dict(size=3)), [0.0, 0.1, 0.2])


def test_cut_off_anywhere_keeps_the_whole_lines(tmp_path):
    path = tmp_path / 'a.jsonl'
    write(path, {}, [0.0, 0.1, 0.2])
    content = path.read_bytes()
    lines = [content.index(b'\n', at) + 1 for at in [0, *(i + 1 for i, c in enumerate(content) if c == 10)][:-1]]
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        whole = max(sum(end <= length for end in lines) - 1, 0)
        check(read_journal(str(path), {}), [0.0, 0.1, 0.2][:whole])
    path.write_bytes(content[:lines[1]] + b'\0' * 50 + b'\n' + content[lines[1]:])
    check(read_journal(str(path), {}), [0.0])


def test_journal_of_another_video_is_not_used(tmp_path):
    write(tmp_path / 'a.jsonl', dict(size=3), [0.0])
    assert read_journal(str(tmp_path / 'a.jsonl'), dict(size=4)) == []


def test_videos_that_are_done_soon_leave_no_file(tmp_path):
    KeyFrameJournal(str(tmp_path / 'a.jsonl'), {}, []).add(key_frame(0.0))
    assert not list(tmp_path.iterdir())


def test_message_where_nothing_can_be_written(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(LaunchError, match='cannot be written: .* run the same command again'):
        write(tmp_path / 'file' / 'a.jsonl', {}, [0.0])


def test_journal_of_a_run_that_has_ended_meanwhile(tmp_path):
    assert read_journal(str(tmp_path / 'gone.jsonl'), {}) == []
