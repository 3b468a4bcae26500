"""Finding the files of a data set."""
import pytest

from mmstep.datasets.data_files import find_flow, find_videos, locate_videos, require_files


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b'')
    return str(path)


def test_everything_that_is_missing_is_named_at_once(tmp_path):
    there = touch(tmp_path / 'there.csv')
    files = {'annotation file': there, 'label map': str(tmp_path / 'no.pbtxt'), 'list': None}
    folders = {'videos': str(tmp_path / 'no'), 'frames': str(tmp_path), 'flow': ''}
    with pytest.raises(FileNotFoundError) as caught:
        require_files(files, folders, 'tools/data/x/README.md')
    message = str(caught.value)
    assert f'label map: {tmp_path}/no.pbtxt' in message and f'videos: {tmp_path}/no\n' in message
    assert 'there.csv' not in message and 'frames:' not in message and 'flow:' not in message
    assert 'tools/data/x/README.md says what to download' in message
    require_files({'annotation file': there}, {'frames': str(tmp_path)}, '')


def test_videos_in_folders_of_their_class_and_without(tmp_path):
    nested, flat = touch(tmp_path / 'Biking' / 'v_a.avi'), touch(tmp_path / 'v_b.MP4')
    touch(tmp_path / 'v_b.txt')
    found = find_videos(str(tmp_path), ['Biking/v_a', 'Diving/v_b'], False, 'gt.pkl')
    assert found == {'Biking/v_a': nested, 'Diving/v_b': flat}


def test_first_of_two_extensions(tmp_path):
    touch(tmp_path / 'a.mp4')
    assert find_videos(str(tmp_path), ['a'], False, 'gt.pkl')['a'] == str(tmp_path / 'a.mp4')
    touch(tmp_path / 'a.avi')
    assert find_videos(str(tmp_path), ['a'], False, 'gt.pkl')['a'] == str(tmp_path / 'a.avi')


def test_folders_of_frames(tmp_path):
    touch(tmp_path / 'jump' / 'a.b' / '00001.jpg')
    touch(tmp_path / 'c')  # a file
    assert find_videos(str(tmp_path), ['jump/a.b'], True, 'gt.pkl') == {'jump/a.b': str(tmp_path / 'jump' / 'a.b')}
    with pytest.raises(FileNotFoundError, match='1 of the 1 videos .*: c. Put folders of frames .* use_frames=False'):
        find_videos(str(tmp_path), ['c'], True, 'gt.pkl')


def test_flow(tmp_path):
    touch(tmp_path / 'Biking' / 'a' / 'flow.json')
    assert find_flow(str(tmp_path), ['Biking/a']) == {'Biking/a': str(tmp_path / 'Biking' / 'a')}


@pytest.mark.parametrize('there', ['nothing', 'unfinished'])
def test_missing_flow(tmp_path, monkeypatch, there):
    monkeypatch.chdir(tmp_path)
    touch(tmp_path / 'flow.json')  # of nobody
    if there == 'unfinished':
        touch(tmp_path / 'a' / 'flow_x_00001.jpg')
    with pytest.raises(FileNotFoundError, match='optical flow of 1 of 1 videos .*: a. Run .*extract_flow.py VIDEOS'):
        find_flow(str(tmp_path), ['a'])


def test_links_in_a_circle_count_as_missing(tmp_path):
    (tmp_path / 'a.mp4').touch()
    (tmp_path / 'b.mp4').symlink_to('b.mp4')
    (tmp_path / 'c').symlink_to('c')
    assert list(locate_videos(str(tmp_path), ['a', 'b'])) == ['a']
    assert locate_videos(str(tmp_path), ['c'], use_frames=True) == {}
