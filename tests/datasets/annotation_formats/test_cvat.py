"""Tests of mmstep.datasets.annotation_formats.cvat: what CVAT exports, and what it is given."""
import numpy as np
import pytest

from mmstep.datasets.annotation_formats import AnnotatedTrack, AnnotatedVideo, read_cvat, write_cvat
from mmstep.errors import DataError, MissingDataError

EXPORT = '''<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><name>kitchen</name><size>6</size><original_size><width>320</width><height>240</height></original_size>
  <source>kitchen_01.mp4</source></task></meta>
  <track id="0" label="person" source="manual">
    <box frame="1" keyframe="1" outside="0" occluded="0" xtl="10.00" ytl="20.00" xbr="50.00" ybr="100.00" z_order="0">
      <attribute name="walk">true</attribute><attribute name="wave">false</attribute>
    </box>
    <box frame="2" keyframe="0" outside="0" occluded="0" xtl="12.00" ytl="20.00" xbr="52.00" ybr="100.00" z_order="0">
      <attribute name="walk">true</attribute><attribute name="wave">true</attribute>
    </box>
    <box frame="3" keyframe="1" outside="1" occluded="0" xtl="12.00" ytl="20.00" xbr="52.00" ybr="100.00" z_order="0">
    </box>
  </track>
  <track id="7" label="sit" source="manual">
    <box frame="4" keyframe="1" outside="0" occluded="0" xtl="0" ytl="0" xbr="5" ybr="6" z_order="0"></box>
  </track>
</annotations>'''


@pytest.fixture
def export(tmp_path):

    def write(text=EXPORT):
        path = tmp_path / 'annotations.xml'
        path.write_text(text)
        return str(path)

    return write


def test_export(export):
    video, = read_cvat(export())
    assert (video.name, video.width, video.height, video.num_frames) == ('kitchen_01', 320, 240, 6)
    walker, sitter = video.tracks
    assert (walker.id, walker.frames.tolist()) == (0, [1, 2])
    assert walker.boxes.tolist() == [[10, 20, 50, 100], [12, 20, 52, 100]]
    assert walker.actions == [{'walk'}, {'walk', 'wave'}]
    # The last box holds to the end; a label that is no person is the action.
    assert (sitter.id, sitter.frames.tolist(), sitter.actions[0]) == (7, [4, 5], {'sit'})


def test_round_trip(tmp_path):
    frames = np.array([0, 1, 2, 3, 6, 7])
    boxes = np.array([[i, 2 * i, 40 + i, 50 + 3 * (i // 3)] for i in range(6)], dtype=float)
    actions = [frozenset(names) for names in (['walk'], ['walk'], ['walk', 'wave'], ['wave'], [], ['walk'])]
    video = AnnotatedVideo('a', 100, 80, [AnnotatedTrack(0, frames, boxes, actions)], 10)
    write_cvat(tmp_path / 'a.xml', video)
    again, = read_cvat(str(tmp_path / 'a.xml'))
    assert again._replace(tracks=[]) == video._replace(tracks=[])
    track, = again.tracks
    assert track.frames.tolist() == frames.tolist()
    np.testing.assert_allclose(track.boxes, boxes, atol=0.01)
    assert track.actions == actions


def test_frames_on_a_straight_line_are_left_to_cvat(tmp_path):
    frames = np.arange(50)
    boxes = np.column_stack([frames, frames, frames + 20., frames + 30.])
    track = AnnotatedTrack(0, frames, boxes, [frozenset(['walk'])] * 50)
    write_cvat(tmp_path / 'a.xml', AnnotatedVideo('a', 100, 80, [track], 50))
    assert (tmp_path / 'a.xml').read_text().count('<box') == 2
    np.testing.assert_allclose(read_cvat(str(tmp_path / 'a.xml'))[0].tracks[0].boxes, boxes)


@pytest.mark.parametrize('old, new, said', [
    ('<task>', '<project>', 'export each task'),
    ('xtl="0"', 'xtl="left"', 'track 7 has a box that is not as CVAT writes it'),
    ('frame="4"', 'frame="99999999999"', 'track 7 has the frame'),
    ('<version>', '<!DOCTYPE x [<!ENTITY a "b">]><version>', 'entities'),
    ('<width>320', '<width>', 'original_size'),
    ('</annotations>', '', 'is not XML'),
    ('<track id="7"', '<image/><track id="7"', 'CVAT for images'),
])
def test_what_is_no_such_export(export, old, new, said):
    text = EXPORT.replace(old, new, 1)
    if new == '<project>':
        text = text.replace('</task>', '</project>')
    with pytest.raises(DataError, match=f'annotations.xml.*{said}'):
        read_cvat(export(text))


def test_missing_file(tmp_path):
    with pytest.raises(MissingDataError, match='none.xml does not exist'):
        read_cvat(str(tmp_path / 'none.xml'))


def test_a_video_with_nobody_is_a_task_too(tmp_path):
    write_cvat(tmp_path / 'a.xml', AnnotatedVideo('a', 100, 80, [], 10))
    assert read_cvat(str(tmp_path / 'a.xml'))[0].tracks == []
