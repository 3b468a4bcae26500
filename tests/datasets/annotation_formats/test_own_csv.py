"""Tables that people write: named actions at seconds, and boxes of tubes."""
import pytest
from helpers.video_files import grey_pictures, write_frames

from mmstep.datasets import annotation_formats as formats
from mmstep.errors import DataError


@pytest.fixture
def folder(tmp_path):
    """A video ``yard`` of three seconds at 10 frames a second, 64x48."""
    (tmp_path / 'videos').mkdir()
    write_frames(tmp_path / 'videos' / 'yard.mp4', grey_pictures(30), fps=10)
    return formats.VideoFolder(tmp_path / 'videos')


@pytest.fixture
def write(tmp_path):

    def write(*lines):
        (tmp_path / 'own.csv').write_text('\n'.join(lines) + '\n')
        return str(tmp_path / 'own.csv')

    return write


def lines_of(path, folder):
    rows = formats.read_action_rows(path)
    return [
        ','.join(map(str, line)) for line in formats.lines_of_rows(path, rows, formats.classes_of_rows(rows), folder)
    ]


def test_fractions_with_and_without_a_header(folder, write):
    want = ['yard,1,0.100000,0.200000,0.500000,1.000000,2,0']
    assert lines_of(write('yard,1,.1,.2,.5,1.0005,walk,0', 'yard,2,.1,.2,.5,.9,sit,0'), folder)[:1] == want
    header = 'action,video,person,second,x1,y1,x2,y2'
    assert lines_of(write(header, 'walk,yard.mp4,0,1,.1,.2,.5,1', 'sit,yard,0,2,.1,.2,.5,.9'), folder)[:1] == want


def test_pixels_names_of_persons_and_seconds_without_anybody(folder, write):
    path = write('yard,0,16,12,32,48,walk,Ann', 'yard,1.5,0,0,1,1,walk,Bob', 'yard,2,,,,,,', 'yard,2,0,0,64,48,walk')
    assert lines_of(path, folder) == [
        'yard,0,0.250000,0.250000,0.500000,1.000000,1,1000000000',
        'yard,1.5,0.000000,0.000000,0.015625,0.020833,1,1000000001', 'yard,2,,,,,,',
        'yard,2,0.000000,0.000000,1.000000,1.000000,1,-1'
    ]


def test_tracks_lie_at_the_frames_of_their_seconds(folder, write):
    path = write('yard,1,.25,.25,.5,1,walk,3', 'yard,1,.25,.25,.5,1,wave,3', 'yard,2,.25,.25,.5,1,walk,3')
    (video, ) = formats.read_action_csv(path, folder)
    (track, ) = video.tracks
    assert (track.id, track.frames.tolist(), track.boxes[0].tolist()) == (3, [10, 20], [16, 12, 32, 48])
    assert track.actions == [{'walk', 'wave'}, {'walk'}]


@pytest.mark.parametrize('line, message', [
    ('yard,x,.1,.2,.5,.9,walk', "own.csv:2: second is 'x', it must be a number"),
    ('yard,1,.5,.2,.1,.9,walk', 'own.csv:2: .*x1 >= x2'),
    ('yard,1,.5,.2,,.9,walk', 'own.csv:2: some of x1'),
    ('yard,1,.1,.2,65,.9,walk', r'own.csv:2: box .* leaves the frame of 64x48 pixels'),
    (',1,.1,.2,.5,.9,walk', 'own.csv:2: the video is empty'),
    ('yard,1,.1,.2,.5,.9,walk,0,9', 'own.csv:2: 9 columns, 8 are needed'),
    ('yard,1,nan,.2,.5,.9,walk', 'own.csv:2: x1 is nan'),
])
def test_wrong_lines_are_named(folder, write, line, message):
    with pytest.raises(DataError, match=message):
        lines_of(write('yard,1,.1,.2,.5,.9,walk,0', line), folder)


def test_a_header_that_lacks_columns(write):
    with pytest.raises(DataError, match='the header lacks second, action'):
        formats.read_action_rows(write('video,x1,y1,x2,y2', 'yard,0,0,1,1'))


def test_tubes(folder, write):
    path = write('yard,0,walk,3,0,0,10,10', 'yard,0,walk,2,0,0,8,8', 'yard,1,sit,30,0,0,64,48')
    assert formats.is_tube_csv(path)
    (video, ) = formats.read_tube_csv(path, folder)
    assert [track.frames.tolist() for track in video.tracks] == [[1, 2], [29]]
    truth = formats.tubes_of([video], ['sit', 'walk'])
    assert truth.tube_label.tolist() == [1, 0] and truth.rows[0].tolist() == [2, 0, 0, 7, 7]


@pytest.mark.parametrize('line, message', [
    ('yard,0,walk,3,0,0,9', "own.csv:2: y2 is ''"),
    ('yard,0,walk,31,0,0,9,9', 'frame 31, and the video has 30'),
    ('yard,0,walk,1.5,0,0,9,9', 'own.csv:2: frame 1.5 is not a whole'),
    ('yard,0,walk,2,0,0,9,9', 'own.csv:2: tube 0 of yard has two boxes in frame 2'),
])
def test_wrong_tubes_are_named(folder, write, line, message):
    with pytest.raises(DataError, match=message):
        formats.read_tube_csv(write('yard,0,walk,2,0,0,8,8', line), folder)


def test_actions_are_no_tubes(write):
    assert not formats.is_tube_csv(write('yard,1,.1,.2,.5,.9,walk,0'))
    assert formats.is_tube_csv(write('video,tube,action,frame,x1,y1,x2,y2', 'a,0,7,1,0,0,9,9'))


def test_a_video_with_nobody_has_no_tubes(folder, write):
    path = write('yard,,,,,,,')
    (video, ) = formats.read_tube_csv(path, folder)
    assert video.tracks == [] and video.num_frames == 30
    assert formats.is_tube_csv(write('yard,,,,,,,', 'yard,0,walk,1,0,0,9,9'))
