"""Readers of AVA's text files."""
import re
from unittest import mock

import pytest
from helpers.file_faults import faults_of, written

from mmstep.datasets import ava_csv, read_annotations, read_excluded, read_label_map
from mmstep.errors import DataError

GOOD = 'vid,0902,0.1,0.2,0.5,0.8,3,7'


def test_rows_come_typed_and_in_order(write_csv):
    path = write_csv(GOOD, '', ' vid , 903 ,0,0,1,1, 1 ,-1', GOOD)
    rows = list(read_annotations(path))
    assert [row.line for row in rows] == [1, 3]  # the last is the first again
    assert rows[0][1:] == ('vid', 902, (0.1, 0.2, 0.5, 0.8), 3, 7)
    assert rows[1][1:] == ('vid', 903, (0., 0., 1., 1.), 1, -1)


def test_byte_order_mark_and_windows_line_ends(tmp_path):
    path = tmp_path / 'bom.csv'
    path.write_bytes(b'\xef\xbb\xbf' + GOOD.encode() + b'\r\n')
    assert next(read_annotations(str(path))).video_id == 'vid'


def test_rounding_outside_of_the_frame_is_clipped(write_csv):
    row = next(read_annotations(write_csv('vid,1,-0.001,0,0.5,1.0005,1,0')))
    assert row.box == (0., 0., 0.5, 1.)


@pytest.mark.parametrize('line, message', [
    ('vid,902,0.1,0.2,0.5,0.8,3', '7 columns, 8 are needed'),
    ('vid,902,0.1,0.2,0.5,0.8,3,7,9', '9 columns'),
    (',902,0.1,0.2,0.5,0.8,3,7', 'video_id is empty'),
    ('vid,9:02,0.1,0.2,0.5,0.8,3,7', "timestamp is '9:02', it must be a number"),
    ('vid,902,left,0.2,0.5,0.8,3,7', "x1 is 'left', it must be a number"),
    ('vid,902,,,,,3,7', 'x1 is empty'),
    ('vid,902,0.1,0.2,0.5,0.8,,7', 'action_id is empty, it must be an integer. Drop lines without annotation'),
    ('vid,902,0.1,0.2,0.5,0.8,3,me', 'entity_id'),
    ('vid,902,0.5,0.2,0.1,0.8,3,7', 'x1 >= x2'),
    ('vid,902,0.5,0.2,0.5,0.8,3,7', 'x1 >= x2'),
    ('vid,902,0.1,0.8,0.5,0.2,3,7', 'y1 >= y2'),
    ('vid,902,0.1,0.2,0.5,1.01,3,7', r'leaves 0\.\.1'),
    ('vid,902,12,20,50,80,3,7', 'fractions of the frame'),
    ('vid,902,nan,0.2,0.5,0.8,3,7', r'leaves 0\.\.1'),
    ('vid,902,0.1,0.2,inf,0.8,3,7', r'leaves 0\.\.1'),
    ('vid,902,0.1,0.2,0.5,0.8,0,7', 'ids start at 1'),
    ('vid,902,0.1,0.2,0.5,0.8,9,7', 'action_id 9 is not in the map'),
])
def test_a_bad_line_is_named(write_csv, line, message):
    path = write_csv(GOOD, line, GOOD)
    with pytest.raises(ValueError, match=message) as error:
        list(read_annotations(path, range(1, 6), 'the map'))
    assert str(error.value).startswith(f'{path}:2: ')


def test_a_header_is_explained(write_csv):
    path = write_csv('video_id,timestamp,x1,y1,x2,y2,action_id,entity_id', GOOD)
    with pytest.raises(ValueError, match=':1: this is a header.*sed -i 1d'):
        list(read_annotations(path))


def test_not_text(tmp_path):
    path = tmp_path / 'a.csv'
    path.write_bytes(b'\xff\xfe\x00\x01')
    with pytest.raises(ValueError, match='a.csv:1: not a text file'):
        list(read_annotations(str(path)))


def test_missing_files_are_named(tmp_path):
    readers = {'annotation file': read_annotations, 'excluded': read_excluded, 'label map': read_label_map}
    for what, read in readers.items():
        with pytest.raises(FileNotFoundError, match=f'{what}.*nowhere'):
            list(read(str(tmp_path / 'nowhere')))


def test_excluded(write_csv):
    assert read_excluded(write_csv('a,0902', 'b,3')) == {('a', 902), ('b', 3)}
    assert read_excluded(write_csv('a,1.50')) == {('a', 1.5)}
    assert read_excluded(write_csv()) == set()
    with pytest.raises(ValueError, match=r"ex.csv:1: timestamp is '1:5', it must be a number"):
        read_excluded(write_csv('a,1:5', name='ex.csv'))
    with pytest.raises(ValueError, match=r'ex.csv:2: 3 columns, 2 are needed'):
        read_excluded(write_csv('a,1', 'a,1,2', name='ex.csv'))


@pytest.mark.parametrize('text', [
    'item {\n  name: "stand"\n  id: 1\n}\nitem {\n  name: "talk to (e.g., self)"\n  id: 79\n}\n',
    'label {\n  name: "stand"\n  label_id: 1\n  label_type: PERSON_MOVEMENT\n}\n'
    "label {\n  name: 'talk to (e.g., self)'\n  label_id: 79\n}",
])
def test_label_map_in_both_spellings(tmp_path, text):
    path = tmp_path / 'map.pbtxt'
    path.write_text(text)
    assert read_label_map(str(path)) == {1: 'stand', 79: 'talk to (e.g., self)'}


@pytest.mark.parametrize('text, message', [
    ('', 'names no class'),
    ('id: 3\n', ':1: id 3 has no name'),
    ('name: "a"\nid: 3\nname: "b"\nid: 3\n', ':4: id 3 is used twice'),
])
def test_bad_label_map(tmp_path, text, message):
    path = tmp_path / 'map.pbtxt'
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_label_map(str(path))


def test_repeated_lines_come_once(write_csv):
    line = 'a,1,0,0,.5,1,1,7'
    with mock.patch.object(ava_csv, 'print_log') as log:
        rows = list(read_annotations(write_csv(line, 'a,1,0,0,.5,1,2,7', line, 'a,2,0,0,.5,1,1,7', line)))
    assert [(row.line, row.timestamp, row.label) for row in rows] == [(1, 1, 1), (2, 1, 2), (4, 2, 1)]
    assert '2 lines are repetitions of others and are left out, the first in line 3' in log.call_args.args[0]


@pytest.mark.parametrize('line, fault', [
    ('v,99999999,0,0,1,1,1,0', 'timestamp is 99999999, and 10000000 is the most'),
    ('v,1,0,0,1,1,100000,0', 'action_id is 100000'),
    ('v,1,0,0,1,1,1,99999999999999999999', 'entity_id is 99999999999999999999'),
    ('v,1,0,0,1,1,1,' + '9' * 5000, "entity_id is '9"),
    ('"v\nw",1,0,0,1,1,1,0', 'a line break or a control character'),
    ('v\x1b[2J,1,0,0,1,1,1,0', 'a line break or a control character'),
    ('v\x00,1,0,0,1,1,1,0', 'a line break or a control character'),
])
def test_what_cannot_be_meant_is_named_in_a_line(tmp_path, line, fault):
    path = tmp_path / 'a.csv'
    path.write_text(line + '\n', encoding='utf-8')
    with pytest.raises(DataError, match=rf'^\S*a\.csv:\d: .*{re.escape(fault)}.*$'):
        list(read_annotations(str(path)))


@pytest.mark.parametrize('content, fault', [
    (b'item {\n name: "\xff"\n id: 1\n}', 'is not a text file in UTF-8'),
    (b'item {\n name: "a"\n id: 100000\n}', 'a.pbtxt:3: id 100000 is too large'),
    (b'item {\n name: "a"\n id: ' + b'9' * 5000 + b'\n}', 'a.pbtxt:3: id 9{20} is too large'),
    (b'item {\n name: "a\x1b"\n id: 1\n}', r'a.pbtxt:2: the name a\\x1b has a control character'),
])
def test_label_maps_that_cannot_be_read_are_named(tmp_path, content, fault):
    (tmp_path / 'a.pbtxt').write_bytes(content)
    with pytest.raises(DataError, match=r'^(label map )?\S*a\.pbtxt.*$') as error:
        read_label_map(str(tmp_path / 'a.pbtxt'))
    assert re.search(fault, str(error.value))


@pytest.mark.parametrize(
    'read, good, separator', [
        (lambda path: list(read_annotations(path, {1, 2}, 'labels')), 'v,902,.1,.2,.4,.9,1,0\nw,903,0,0,1,1,2,-1\n',
         ','),
        (read_excluded, 'v,0902\nw,1000\n', ','),
        (read_label_map, 'item {\n  name: "stand"\n  id: 1\n}\nlabel {\n  name: "walk"\n  label_id: 2\n}\n', ' '),
    ],
    ids=['annotations', 'excluded', 'labels'])
def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path, read, good, separator):
    assert faults_of(read, written(good, separator), tmp_path / 'file.txt', 150) == []
