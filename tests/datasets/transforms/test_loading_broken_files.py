"""Reading of files that are missing, damaged or cut."""
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.video_files import claim_frames, grey_pictures, write_frames
from helpers.window_reading import read

from mmstep.datasets import WindowInit


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.mp4 does not exist'):
        read(tmp_path / 'nowhere.mp4', [0])
    (tmp_path / 'empty.mp4').touch()
    with pytest.raises(ValueError, match=r'empty.mp4 is empty \(0 bytes\)'):
        read(tmp_path / 'empty.mp4', [0])
    with pytest.raises(ValueError, match='max_open'):
        WindowInit(max_open=0)


def test_not_a_video(tmp_path):
    (tmp_path / 'text.mp4').write_bytes(b'<html>video not found</html>' * 50)
    with pytest.raises(ValueError, match='text.mp4 is not a video that can be read: it is text'):
        read(tmp_path / 'text.mp4', [0])


@pytest.mark.parametrize('backend', ['pyav', 'decord', 'opencv'])
@pytest.mark.parametrize('name, options', [
    ('fragments.mp4', dict(movflags='frag_keyframe+empty_moov')),
    ('bare.h264', {}),
    ('reordered.avi', {}),
    ('claims.mp4', {}),
])
def test_files_that_decord_fails_on(tmp_path, name, options, backend):
    path = write_frames(tmp_path / name, grey_pictures(40), g=10, **options)
    if name == 'claims.mp4':
        claim_frames(path, 10**9)
    init = WindowInit(backend)
    for frame_inds in ([0, 0, 1, 2], [30, 32, 39, 39], [3, 4]):
        results = read(path, frame_inds, init)
        assert results['total_frames'] == 40
        assert [int(round((float(img.mean()) - 20) / 5)) for img in results['imgs']] == frame_inds


def test_a_truncated_file(tmp_path, write_video):
    path = Path(write_video(tmp_path / 'a.mp4'))
    path.write_bytes(path.read_bytes()[:-400])  # the index stands at the end
    with pytest.raises(ValueError, match='a.mp4 is not a video that can be read: damaged or cut off'):
        read(path, [0])


def noise_video(path, fourcc):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*fourcc), 25, (64, 48))
    rng = np.random.default_rng(0)
    for _ in range(60):
        writer.write(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    writer.release()
    return path.read_bytes()


def index_first(data):
    """Moves the index of an mp4 file before its frames, as in files made for the web."""
    atoms, position = {}, 0
    while position < len(data):
        size = struct.unpack('>I', data[position:position + 4])[0]
        atoms[data[position + 4:position + 8]] = data[position:position + size]
        position += size
    moov = bytearray(atoms.pop(b'moov'))
    table = moov.find(b'stco') + 8
    for entry in range(struct.unpack('>I', moov[table:table + 4])[0]):
        place = table + 4 + 4 * entry
        moov[place:place + 4] = struct.pack('>I', struct.unpack('>I', moov[place:place + 4])[0] + len(moov))
    return atoms.pop(b'ftyp') + bytes(moov) + b''.join(atoms.values())


def test_an_index_that_promises_more_than_there_is(tmp_path):
    path = tmp_path / 'a.mp4'
    whole = index_first(noise_video(path, 'mp4v'))
    path.write_bytes(whole)
    assert len(read(path, [0, 59])['imgs']) == 2
    path.write_bytes(whole[:len(whole) * 6 // 10])
    with pytest.raises((ValueError, RuntimeError), match=r'a.mp4.*damaged or cut short.*ffmpeg -i .*a.mp4'):
        read(path, [0, 59])


def test_frames_that_cannot_be_decoded(tmp_path):
    path = tmp_path / 'a.mp4'
    data = bytearray(noise_video(path, 'mp4v'))
    start = data.find(b'mdat') + 8
    data[start + 10_000:start + 50_000] = bytes(40_000)
    path.write_bytes(bytes(data))
    try:
        imgs = read(path, list(range(60)))['imgs']
    except RuntimeError as error:
        assert 'a.mp4: cannot decode frame' in str(error) and 'ffmpeg -i' in str(error)
    else:  # some releases of FFmpeg conceal the damage; then every frame is there
        assert len(imgs) == 60
