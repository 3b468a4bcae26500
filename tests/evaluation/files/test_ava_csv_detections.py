"""Detections in AVA's csv form."""
import pytest
from helpers.file_faults import faults_of, written

from mmstep.errors import DataError
from mmstep.evaluation.files import read_ava_detections


def test_scored_classes_only(tmp_path):
    path = tmp_path / 'found.csv'
    path.write_text('v,902,.1,.2,.3,.4,1,.5\nv,903,.5,.5,1,1,2,.75\nv,0902,.1,.2,.3,.4,3,.9\nv,0902,0,0,1,1,2,.25\n')
    found = read_ava_detections(str(path), {1, 2})
    assert found.keys == ['v,0902', 'v,0903'] and found.frame[found.box].tolist() == [0, 1, 0]
    assert found.boxes[found.box].tolist() == [[.2, .1, .4, .3], [.5, .5, 1, 1], [0, 0, 1, 1]]
    assert found.label.tolist() == [1, 2, 2] and found.score.tolist() == [.5, .75, .25]


@pytest.mark.parametrize('line, message', [
    ('v,902,.1,.2,.3,.4,1', '7 columns, 8 are needed'),
    ('v,902,.1,.2,.3,.4,one,.5', "'one'; the columns are video_id"),
    ('v,902,.1,.2,.3,nan,1,.5', 'a box or score is not a finite number'),
])
def test_bad_lines_are_named(tmp_path, line, message):
    path = tmp_path / 'found.csv'
    path.write_text(f'v,902,.1,.2,.3,.4,1,.5\n{line}\n')
    with pytest.raises(ValueError, match=f'found.csv:2: .*{message}'):
        read_ava_detections(str(path), {1})


@pytest.mark.parametrize('line', [
    'v,1_000_000_000,0,0,1,1,1,.5', 'v,' + '9' * 5000 + ',0,0,1,1,1,.5', '"v\nw",1,0,0,1,1,1,.5',
    'v,1,0,0,1,1e999,1,.5', 'v,1,0,0,1,1,1,' + 'x' * 9999
])
def test_what_cannot_be_meant_is_a_short_line(tmp_path, line):
    path = tmp_path / 'a.csv'
    path.write_text(line + '\n', encoding='utf-8')
    with pytest.raises(DataError, match=r'^\S*a\.csv:\d: .{,250}$'):
        read_ava_detections(str(path), {1})


def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path):
    good = written('v,902,.1,.2,.4,.9,1,.5\nw,903,0,0,1,1,2,.25\n')
    assert faults_of(lambda path: read_ava_detections(path, {1, 2}), good, tmp_path / 'found.csv', 200) == []
