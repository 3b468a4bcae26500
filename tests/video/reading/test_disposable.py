"""Packets that a decoder need not get."""
import av
import pytest
from helpers.video_files import textured_pictures, write_frames

from mmstep.video.reading.container import open_container
from mmstep.video.reading.disposable import disposable_test, is_disposable

# Kinds of units, with nal_ref_idc in bits 5 and 6.
SLICE, REFERRED_SLICE, KEY, INFO, PARAMETERS = 0x01, 0x41, 0x65, 0x06, 0x67


def with_lengths(*units):
    return b''.join(len(unit).to_bytes(4, 'big') + unit for unit in units)


def with_codes(*units):
    return b''.join(b'\0\0\0\1' + unit for unit in units)


@pytest.mark.parametrize('headers, disposable', [
    ([SLICE], True),
    ([INFO, SLICE, SLICE], True),
    ([REFERRED_SLICE], False),
    ([SLICE, REFERRED_SLICE], False),
    ([KEY], False),
    ([PARAMETERS, SLICE], False),
    ([INFO], False),
    ([], False),
])
def test_units(headers, disposable):
    units = [bytes([header, 7, 7, 7]) for header in headers]
    assert is_disposable(with_lengths(*units), 4) == is_disposable(with_codes(*units), 0) == disposable


@pytest.mark.parametrize('content', [bytes(20), b'\0\0\0\3\1', b'\0\0\0\1\1\0', b'\xff' * 9])
def test_damage_is_left_to_the_decoder(content):
    assert not is_disposable(content, 4)


@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.ts'])
def test_frames_between_others(tmp_path, name):
    # The pictures that the encoder puts between two others, B, but for each second one, to which the two beside it
    # refer.
    params = 'b-pyramid=normal:b-adapt=0:scenecut=0'
    path = write_frames(tmp_path / name, textured_pictures(24), g=60, bf=3, **{'x264-params': params})
    container, stream = open_container(path)
    test = disposable_test(stream)
    with container:
        share = [test(bytes(packet)) for packet in container.demux(stream) if packet.size]
    assert len(share) == 24 and sum(share) >= 11 and not share[0]


@pytest.mark.parametrize('name, codec, known', [('a.mkv', 'mjpeg', True), ('b.mkv', 'mpeg4', False)])
def test_other_codecs(tmp_path, name, codec, known):
    pix_fmt = 'yuvj420p' if codec == 'mjpeg' else 'yuv420p'
    path = write_frames(tmp_path / name, textured_pictures(3), codec=codec, pix_fmt=pix_fmt)
    with av.open(path) as container:
        test = disposable_test(container.streams.video[0])
    assert (test is not None) == known and (not known or test(b'any'))
