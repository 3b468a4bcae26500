"""Sixty videos that are damaged, are none, or are odd in another way, made from a good one."""
import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Dict, Iterator, Tuple

import av
import numpy as np
from helpers.square_detector import write_square_video
from helpers.video_files import claim_frames, damage, show_turned, textured_pictures, write_frames, write_sound

GOOD = ('good 1.mp4', 'good 2.avi', 'good 3.mkv')
NOT_UTF8 = os.fsdecode(b'caf\xe9.mp4')


def make_videos(folder: Path) -> Dict[str, str]:
    """Makes the videos.

    Args:
        folder (Path): Where.

    Returns:
        dict[str, str]: Name -> 'read': good, or odd in a way that players take; 'refused': no video; 'either'.
    """
    folder.mkdir(parents=True)
    for name in GOOD:
        write_square_video(folder / name, seconds=1, fps=12, size=(64, 48))
    found = {name: 'read' for name in GOOD}
    source = folder.parent / 'sources'
    source.mkdir()
    for makers in (_cut, _flipped, _no_videos, _odd, _odd_times, _odd_files):
        for name, readable in makers(folder, source):
            found[name] = readable
    return found


def _clip(path: Path, number: int = 24, size: Tuple[int, int] = (64, 48), **options) -> bytes:
    write_frames(path, textured_pictures(number, size), 12, **{'g': 6, **options})
    return path.read_bytes()


def _cut(folder: Path, source: Path) -> Iterator[Tuple[str, str]]:
    """Files that end too early; the index of an .mp4 stands at its end, or with faststart at its beginning."""
    forms = dict(
        index_last=('mp4', {}),
        index_first=('mp4', dict()),
        avi=('avi', dict(codec='mpeg4')),
        mkv=('mkv', {}),
        ts=('ts', {}),
        mpg=('mpg', dict(codec='mpeg1video', fps=25)))
    for form, (ending, options) in forms.items():
        options = dict(options)
        fps = options.pop('fps', 12)
        path = source / f'{form}.{ending}'
        write_frames(path, textured_pictures(24), fps, **({'g': 6} | options))
        if form == 'index_first':
            _index_first(path)
        content = path.read_bytes()
        for share in (2, 40, 98):
            name = f'cut {form} {share}.{ending}'
            (folder / name).write_bytes(content[:len(content) * share // 100])
            yield name, 'either'


def _index_first(path: Path) -> None:
    """Moves the index of an .mp4 to its beginning, by muxing it anew."""
    copy = path.with_name('copy.mp4')
    with av.open(str(path)) as old, av.open(str(copy), 'w', options=dict(movflags='faststart')) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    copy.replace(path)


def _flipped(folder: Path, source: Path) -> Iterator[Tuple[str, str]]:
    """Flipped bits in the header, in the index and in the pictures."""
    for ending, options in (('mp4', {}), ('avi', dict(codec='mpeg4')), ('mkv', {})):
        content = _clip(source / f'flip.{ending}', **options)
        index = content.find(b'moov') if ending == 'mp4' else len(content) - 600
        places = dict(header=(0, 100), index=(index, len(content)), data=(200, index))
        for place, (first, last) in places.items():
            rng = np.random.default_rng(len(place))
            broken = bytearray(content)
            for position in rng.integers(first, max(last, first + 1), 12):
                broken[position] ^= 1 << int(rng.integers(8))
            name = f'flipped {place}.{ending}'
            (folder / name).write_bytes(broken)
            yield name, 'either'


def _no_videos(folder: Path, source: Path) -> Iterator[Tuple[str, str]]:
    """Files of other kinds, and such that would make a player read other files."""
    good = folder / GOOD[0]
    texts = {
        'empty.mp4': b'',
        'text.mp4': b'This is no video.\n' * 50,
        'page.mp4': b'<!doctype html><title>404</title>',
        'playlist.mp4': f'#EXTM3U\n#EXTINF:1,\n{good}\n'.encode(),
        'concat.mp4': f"ffconcat version 1.0\nfile '{good}'\n".encode(),
        'concat with zeros.mkv': f"ffconcat version 1.0\nfile '{good}'\n#\0\n".encode(),
        'playlist.m3u8': f'#EXTM3U\n#EXTINF:1,\n{good}\n'.encode(),
        'noise.avi': np.random.default_rng(0).bytes(5000),
        'zeros.mov': bytes(5000),
    }
    for name, content in texts.items():
        (folder / name).write_bytes(content)
        yield name, 'refused'
    with zipfile.ZipFile(folder / 'zip.mp4', 'w') as archive:
        archive.write(good, 'good.mp4')
    yield 'zip.mp4', 'refused'
    write_sound(folder / 'sound only.mkv')
    yield 'sound only.mkv', 'refused'
    write_frames(folder / 'picture.mp4', textured_pictures(1), codec='png', container='image2', pix_fmt='rgb24')
    yield 'picture.mp4', 'refused'


def _odd(folder: Path, source: Path) -> Iterator[Tuple[str, str]]:
    """Videos that players show."""
    _clip(folder / 'odd size.mkv', size=(33, 17), codec='ffv1', pix_fmt='yuv444p')
    yield 'odd size.mkv', 'read'
    _clip(folder / 'one frame.mp4', number=1)
    yield 'one frame.mp4', 'read'
    (folder / 'mp4 called.avi').write_bytes(_clip(source / 'other.mp4'))
    yield 'mp4 called.avi', 'read'
    show_turned(shutil.copy(source / 'other.mp4', folder / 'turned.mp4'), 1)
    yield 'turned.mp4', 'read'
    _fragment(source / 'other.mp4', folder / 'fragmented.mp4')
    yield 'fragmented.mp4', 'read'
    content = (folder / 'fragmented.mp4').read_bytes()
    (folder / 'cut fragment.mp4').write_bytes(content[:len(content) * 2 // 3])
    yield 'cut fragment.mp4', 'either'
    parts = [_clip(source / f'part{size[0]}.ts', size=size) for size in ((64, 48), (96, 64))]
    (folder / 'changes size.ts').write_bytes(b''.join(parts))
    yield 'changes size.ts', 'read'
    damage(shutil.copy(source / 'other.mp4', folder / 'bad sector.mp4'), range(7, 10))
    yield 'bad sector.mp4', 'read'
    damage(shutil.copy(source / 'other.mp4', folder / 'no frame.mp4'), range(24))
    yield 'no frame.mp4', 'refused'


def _fragment(path: Path, target: Path) -> None:
    with av.open(str(path)) as old, av.open(
            str(target), 'w', options=dict(movflags='frag_keyframe+empty_moov+default_base_moof')) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)


def _odd_times(folder: Path, source: Path) -> Iterator[Tuple[str, str]]:
    """Headers and frames that lie about time."""
    claim_frames(shutil.copy(source / 'other.mp4', folder / 'billion frames.mp4'), 10**9)
    yield 'billion frames.mp4', 'either'
    content = bytearray((source / 'other.mp4').read_bytes())
    for box in (b'mvhd', b'tkhd', b'mdhd'):
        place = content.index(box) + 4 + (20 if box == b'tkhd' else 16)
        content[place:place + 4] = bytes(4)
    (folder / 'zero duration.mp4').write_bytes(content)
    yield 'zero duration.mp4', 'read'
    _clip(folder / 'far apart.mkv', number=6, stamps=[0, 1, 2, 12 * 10**9, 12 * 10**9 + 1, 12 * 10**9 + 2])
    yield 'far apart.mkv', 'read'
    path = folder / 'far times.mpg'
    write_frames(path, textured_pictures(24), 25, codec='mpeg1video', g=6)
    content = bytearray(path.read_bytes())
    for head in list(re.finditer(rb'\x00\x00\x01\xe0', content))[2::2]:  # of a packet, in which its times stand
        content[head.end() + 5:head.end() + 15] = b'\xff' * 10
    path.write_bytes(content)
    yield 'far times.mpg', 'either'


def _odd_files(folder: Path, source: Path) -> Iterator[Tuple[str, str]]:
    """What is no plain file, or has a name or rights that make trouble."""
    (folder / 'loop.mp4').symlink_to('loop.mp4')
    (folder / 'nowhere.mp4').symlink_to('not there.mp4')
    os.mkfifo(folder / 'pipe.mp4')
    (folder / 'folder.mp4').mkdir()
    shutil.copy(source / 'other.mp4', folder / 'forbidden.mp4')
    (folder / 'forbidden.mp4').chmod(0)
    for name in ('loop.mp4', 'nowhere.mp4', 'pipe.mp4', 'folder.mp4', 'forbidden.mp4'):
        yield name, 'refused'
    for name in ('2024-01-01T12:30:00.mp4', '-i.mp4', 'a%03d.mp4', 'x' * 251 + '.mp4', 'line\nbreak.mp4',
                 "quote'\".mp4"):
        shutil.copy(source / 'other.mp4', folder / name)
        yield name, 'read'
    shutil.copy(source / 'other.mp4', folder / NOT_UTF8)
    yield NOT_UTF8, 'either'
