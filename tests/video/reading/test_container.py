"""Opening of video files, and what is said of those that are none."""
import os

import av
import pytest
from helpers.video_files import grey_pictures, write_frames, write_sound
from PIL import Image

from mmstep.errors import VideoError
from mmstep.video.reading import container as module
from mmstep.video.reading.container import open_container


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
    (b'PK\3\4' + bytes(range(200)) * 30, 'it is a zip archive'),
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


def hidden_playlist(video):
    """A playlist that is no text, so that only FFmpeg itself recognizes it."""
    return f'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{video}\n#EXT-X-ENDLIST\n#'.encode() + bytes(
        range(8))


OTHER_FILES = {
    'a.mp4': hidden_playlist,
    'a.m3u8': hidden_playlist,
    'b.mp4': lambda video: f"ffconcat version 1.0\nfile '{video}'\n#".encode() + bytes(range(8)),
    'c.mp4': lambda video: b';FFMETADATA1\ntitle=\0\1\2',
    'd.mp4': lambda video: b'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=\0\r\nm=video 5004 RTP/AVP 96\r\n',
    'e.mpd': lambda video: f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{video}</BaseURL>\0'.encode(),
    'f.mp4': lambda video: b'\x1b[31mtext' + bytes(range(8)) * 20,
}


@pytest.mark.parametrize('name', OTHER_FILES)
def test_what_names_other_files_is_refused(tmp_path, name):
    video = write_frames(tmp_path / 'secret.mp4', grey_pictures(3))
    (tmp_path / name).write_bytes(OTHER_FILES[name](video))
    assert 'is not a video that can be read' in refused(tmp_path / name)


def test_list_that_ffmpeg_would_follow_is_refused_by_its_format(tmp_path):
    write_frames(tmp_path / 'secret.mp4', grey_pictures(3))
    path = tmp_path / 'a.mp4'
    path.write_bytes(b'ffconcat version 1.0\nfile secret.mp4\n#\1\2\n')
    av.open(f'file:{path}', options=dict(protocol_whitelist='file')).close()
    assert 'it is a playlist, text or another kind of file that is not opened' in refused(path)


def test_videos_of_ordinary_kinds_are_opened(tmp_path):
    for extension in ('mp4', 'mov', 'mkv', 'avi', 'ts', 'mpg', 'flv', 'gif'):
        if extension == 'gif':
            path = tmp_path / 'a.gif'
            Image.fromarray(grey_pictures(1)[0]).save(path)
        else:
            path = write_frames(tmp_path / f'a.{extension}', grey_pictures(40))
        open_container(str(path))[0].close()


def test_every_format_of_the_list_is_one_that_reads():
    for name in module.FORMATS.split(','):
        assert av.format.ContainerFormat(name, 'r').is_input


def test_permission_is_called_by_its_name(tmp_path, monkeypatch):
    path = tmp_path / 'a.mp4'
    path.write_bytes(b'1')

    def refuse(*args, **kwargs):
        raise PermissionError(13, 'Permission denied', str(path))

    monkeypatch.setattr('os.stat', refuse)
    assert refused(path) == f'the video {path} cannot be read: Permission denied'


def test_a_name_that_is_not_utf8_is_told(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b'/caf\xe9.mp4')
    with pytest.raises(VideoError) as caught:
        open_container(path)
    assert str(caught.value) == f'the video {tmp_path}/caf\\udce9.mp4 does not exist'


def test_a_circle_of_links(tmp_path):
    (tmp_path / 'a.mp4').symlink_to(tmp_path / 'a.mp4')
    assert 'cannot be read: Too many levels of symbolic links' in refused(tmp_path / 'a.mp4')


@pytest.mark.parametrize('name', ['a.jpg', 'a.PNG', 'a.bmp'])
def test_a_single_picture_is_called_so(tmp_path, name):
    Image.fromarray(grey_pictures(1)[0]).save(tmp_path / name)
    assert 'it is a single picture. Give a video, or the folder of its pictures and fps=' in refused(tmp_path / name)
