"""Opening of video files, and what is said of those that are none."""
import av
import pytest
from helpers.video_files import grey_pictures, write_frames, write_sound

from mmstep.errors import VideoError
from mmstep.video import container as module
from mmstep.video.container import open_container


def refused(path):
    with pytest.raises(VideoError) as caught:
        open_container(str(path))
    message = str(caught.value)
    assert str(path) in message and '\n' not in message
    return message


@pytest.mark.parametrize('content, said', [
    (b'', 'is empty (0 bytes)'),
    (b'<html>video not found</html>\n' * 50, 'it is text'),
    ('Datei nicht gefunden: ü\n'.encode('utf-16'), 'it is text'),
    (('ä' * 600).encode(), 'it is text'),
    (b'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n', 'it is a playlist'),
    (b"ffconcat version 1.0\nfile '/etc/passwd'\n", 'it is a playlist'),
    (b'\0\1\2\3' * 999, 'it is another kind of file, or damaged'),
])
def test_files_that_are_no_video(tmp_path, content, said):
    (tmp_path / 'a.mp4').write_bytes(content)
    assert said in refused(tmp_path / 'a.mp4')


def test_paths_without_a_file(tmp_path):
    assert 'does not exist' in refused(tmp_path / 'nowhere.mp4')
    assert 'is a folder' in refused(tmp_path)
    assert 'is not a file' in refused('/dev/null')


def test_files_that_may_not_be_read(tmp_path, monkeypatch):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(2))

    def deny(*args, **kwargs):
        raise PermissionError(13, 'Permission denied')

    monkeypatch.setattr(module, 'open', deny, raising=False)
    assert refused(path).endswith('cannot be read: Permission denied')


def test_sound_alone(tmp_path):
    assert 'it has sound only' in refused(write_sound(tmp_path / 'a.mp4'))


def test_recording_that_was_broken_off(tmp_path):
    content = open(write_frames(tmp_path / 'a.mp4', grey_pictures(9)), 'rb').read()
    (tmp_path / 'b.mp4').write_bytes(content[:len(content) // 2])
    assert 'damaged or cut off: its index (moov), which stands at the end' in refused(tmp_path / 'b.mp4')


@pytest.mark.parametrize('name', ['a:b.mp4', 'ä %03d.mp4', 'http:a.mp4', "it's.mp4"])
def test_names_are_names_of_files(tmp_path, name):
    container, stream = open_container(write_frames(tmp_path / 'x.mp4', grey_pictures(2)))
    container.close()
    (tmp_path / 'x.mp4').rename(tmp_path / name)
    container, stream = open_container(str(tmp_path / name))
    assert (stream.width, stream.height) == (64, 48)
    container.close()


def test_video_of_a_file_with_sound_and_cover_is_the_video(tmp_path):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(3), sound=True)
    container, stream = open_container(path)
    with container:
        assert stream.type == 'video' and len(container.streams) == 2


def test_nothing_but_files_is_read(tmp_path, monkeypatch):
    options = []
    monkeypatch.setattr(av, 'open', lambda path, **kwargs: options.append((path, kwargs['options'])) or 1 / 0)
    (tmp_path / 'a.mp4').write_bytes(b'\0')
    with pytest.raises(ZeroDivisionError):
        open_container(str(tmp_path / 'a.mp4'))
    assert options == [(f'file:{tmp_path}/a.mp4', dict(protocol_whitelist='file'))]
