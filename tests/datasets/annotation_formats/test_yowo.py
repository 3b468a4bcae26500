"""YOWO's labels: a file for each frame, persons followed by overlap."""
import pytest
from helpers.video_files import grey_pictures, write_frames

from mmstep.datasets import annotation_formats as formats
from mmstep.datasets.annotation_formats.yowo import link
from mmstep.errors import DataError, MissingDataError


@pytest.fixture
def folder(tmp_path):
    """The video ``v_run`` of ten frames; labels are in ``labels/Run/v_run``, and there is a class Jump."""
    (tmp_path / 'videos').mkdir()
    write_frames(tmp_path / 'videos' / 'v_run.mp4', grey_pictures(10), fps=10)
    (tmp_path / 'labels' / 'Jump' / 'v_jump').mkdir(parents=True)
    (tmp_path / 'labels' / 'Run' / 'v_run').mkdir(parents=True)
    return tmp_path


def write(folder, frame, *lines):
    (folder / 'labels' / 'Run' / 'v_run' / f'{frame:05d}.txt').write_text('\n'.join(lines))


def read(folder):
    return formats.read_yowo(str(folder / 'labels'), formats.VideoFolder(folder / 'videos'))


def test_boxes_that_overlap_are_one_person(folder):
    write(folder, 3, '2 0 0 20 20', '2 30 0 50 20')
    write(folder, 4, '2 32 0 52 20', '2 1 0 21 20')
    write(folder, 5, '2 1 0 21 20', '1 1 0 21 20')
    (video, ) = read(folder)
    assert video.name == 'v_run' and video.num_frames == 10 and (video.width, video.height) == (64, 48)
    first, second = video.tracks
    assert first.frames.tolist() == [2, 3, 4] and first.boxes[1].tolist() == [1, 0, 21, 20]
    assert second.frames.tolist() == [2, 3]
    assert first.actions == [{'Run'}, {'Run'}, {'Run', 'Jump'}]


def test_a_long_gap_ends_a_person():
    box = (0., 0., 9., 9.)
    assert len(link({0: {box: {'a'}}, 30: {box: {'a'}}})) == 1
    assert len(link({0: {box: {'a'}}, 31: {box: {'a'}}})) == 2
    assert link({}) == []


def test_a_list_of_classes_counts_more_than_folders(folder):
    write(folder, 1, '1 0 0 20 20')
    (folder / 'labels' / 'classes.txt').write_text('walk\n')
    assert read(folder)[0].tracks[0].actions == [{'walk'}]


@pytest.mark.parametrize('line', ['3 0 0 9 9', '0 0 0 9 9', '1 9 0 0 9', '1 0 0 9', 'x 0 0 9 9', '1.5 0 0 9 9'])
def test_wrong_lines_are_named(folder, line):
    write(folder, 2, '1 0 0 9 9', line)
    with pytest.raises(DataError, match='00002.txt:2: .* is not the number of a class, 1 to 2'):
        read(folder)


def test_labels_past_the_end(folder):
    write(folder, 11, '1 0 0 9 9')
    with pytest.raises(DataError, match='labels up to frame 11, and the video has 10'):
        read(folder)


def test_nothing_there(folder):
    with pytest.raises(MissingDataError, match='holds no labels'):
        read(folder)
    write(folder, 1, '1 0 0 9 9')
    with pytest.raises(MissingDataError, match='neither classes.txt'):
        formats.read_yowo(str(folder / 'labels' / 'Run'), formats.VideoFolder(folder / 'videos'))
