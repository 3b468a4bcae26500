"""Measures what reading a window of training costs, on films that it makes itself.

    python tools/analysis_tools/benchmark_decoding.py
    python tools/analysis_tools/benchmark_decoding.py --films ava long --windows 50

Prints a Markdown table: for each film and each backend of WindowInit the CPU seconds of all threads for opening the
film the first time, for opening it again in the same process, and for a window (36 frames at 12 frames a second, at
a random second), the memory, and whether the frames are those of PyAV; and how many cores 5, 20 and 50 windows a
second keep busy. Each line is measured in a process of its own.
"""
import argparse
import multiprocessing
import os
import os.path as osp
import resource
import tempfile
import time
import zlib
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import av
import cv2
import numpy as np
from benchmark_flow import make_texture
from mmaction.datasets.transforms import RawFrameDecode

import mmstep  # noqa: F401
from mmstep.datasets import SampleTubeWindow, WindowDecode, WindowInit
from mmstep.datasets.transforms.loading import BACKENDS
from mmstep.engine.launch import run_tool

RATES = (5, 20, 50)  # windows a second
TEMPLATE = 'img_{:05d}.jpg'
GRAIN = 2.  # standard deviation of a film's noise, grey levels
SHOT = 7  # seconds


class Film(NamedTuple):
    """A film to be made.

    Attributes:
        title (str): What stands in the table.
        size (tuple[int, int]): Width and height, pixels.
        fps (int): Frames a second; 0 makes a folder of JPEGs.
        codec (str): Encoder.
        options (dict): Its options.
    """
    title: str
    size: Tuple[int, int]
    fps: int
    codec: str
    options: Dict[str, str]


FILMS = {
    'hd': Film('720p, 25 fps, GOP 250', (1280, 720), 25, 'libx264', dict(g='250', crf='23', preset='veryfast')),
    'ava': Film('AVA cut, 400 px, 30 fps, GOP 30', (712, 400), 30, 'libx264', dict(g='30', crf='18')),
    'ava_12fps': Film('400 px, 12 fps, GOP 12', (712, 400), 12, 'libx264', dict(g='12', crf='18')),
    'ava_packed': Film('400 px, 12 fps, Motion JPEG in .mkv', (712, 400), 12, 'mjpeg', dict(qmin='2', qmax='2')),
    'ava_frames': Film('400 px, folder of JPEGs', (712, 400), 0, '', {}),
    'long': Film('720p as above, two hours', (1280, 720), 25, 'libx264', dict(g='250', crf='23', preset='veryfast')),
}


class Figures(NamedTuple):
    """What a line of the table holds.

    Attributes:
        opening (float): CPU seconds of opening the film the first time.
        again (float): Of opening it once more in the same process, as a worker does that has let go of it.
        window (float): CPU seconds of a window.
        memory (float): Megabytes more than before, at most.
        checksum (int): Of all frames.
    """
    opening: float
    again: float
    window: float
    memory: float
    checksum: int


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Measure the decoding of windows')
    parser.add_argument('--films', nargs='+', choices=list(FILMS), default=list(FILMS), help='what to measure')
    parser.add_argument('--windows', type=int, default=30, help='windows of each film (default: 30)')
    parser.add_argument('--seconds', type=int, default=40, help='length of the films but the long one (default: 40)')
    parser.add_argument('--long-minutes', type=int, default=120, help='length of the long film (default: 120)')
    args = parser.parse_args()
    for name, least in (('windows', 1), ('seconds', 5), ('long_minutes', 1)):
        if getattr(args, name) < least:
            parser.error(f'--{name.replace("_", "-")} must be at least {least}, got {getattr(args, name)}')
    return args


def pictures(size: Tuple[int, int], fps: int, seconds: int):
    """Yields RGB pictures of a scene that moves as films do: a camera that pans, an object, grain, shots."""
    width, height = size
    margin, side = 200, height // 3
    large = [make_texture(max(size) + margin, seed) for seed in range(3)]
    ground = np.stack(large, axis=2)[:height + margin, :width + margin].astype(np.int16)
    small = np.stack([make_texture(side, seed) for seed in range(3, 6)], axis=2).astype(np.int16)
    grain = np.random.default_rng(0).normal(0, GRAIN, (8, height, width, 1)).round().astype(np.int16)
    for index in range(seconds * fps):
        now = index / fps
        shot = int(now // SHOT)
        x, y = (int(margin / 2 * (1 + wave(.6 * now + shot))) for wave in (np.sin, np.cos))
        picture = np.roll(ground, 37 * shot, axis=0)[y:y + height, x:x + width] + grain[index % len(grain)]
        left, top = int((width - side) * (.5 + .5 * np.sin(1.3 * now))), int((height - side) * (.5 + .5 * np.cos(now)))
        picture[top:top + side, left:left + side] = small
        yield picture.clip(0, 255).astype(np.uint8)


def make_film(film: Film, path: str, seconds: int) -> None:
    """Writes a film, or a folder of frames at 30 a second."""
    if not film.fps:
        os.makedirs(path)
        for index, picture in enumerate(pictures(film.size, 30, seconds), 1):
            cv2.imwrite(osp.join(path, TEMPLATE.format(index)), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        return
    with av.open(path, 'w') as file:
        stream = file.add_stream(film.codec, rate=film.fps, options=film.options)
        stream.width, stream.height = film.size
        stream.pix_fmt = 'yuvj420p' if film.codec == 'mjpeg' else 'yuv420p'
        for picture in pictures(film.size, film.fps, seconds):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, 'rgb24')))
        file.mux(stream.encode())


def repeat_film(source: str, path: str, times: int) -> None:
    """Writes a film several times over without encoding it again."""
    with av.open(path, 'w') as out:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(source) as file:
                given = file.streams.video[0]
                stream = stream or out.add_stream_from_template(given)
                length = 0
                for packet in file.demux(given):
                    if packet.size:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                        length += packet.duration
                        out.mux(packet)
            shift += length


def make_films(names: List[str], folder: str, seconds: int, long_seconds: int) -> Dict[str, Tuple[str, int]]:
    """Writes films.

    Args:
        names (list[str]): Of ``FILMS``.
        folder (str): Where.
        seconds (int): Length of all but the long one, at most its parts'.
        long_seconds (int): Length of the long one.

    Returns:
        dict[str, tuple[str, int]]: Path and length of each.
    """
    films = {}
    for name in names:
        film = FILMS[name]
        path = osp.join(folder, name + ('' if not film.fps else '.mkv' if film.codec == 'mjpeg' else '.mp4'))
        part = films.get('hd', (path + '.part.mp4', 0))[0]
        if name != 'long' or not osp.exists(part):
            make_film(film, path if name != 'long' else part, seconds)
        if name == 'long':
            repeat_film(part, path, -(-long_seconds // seconds))
        films[name] = (path, long_seconds if name == 'long' else seconds)
    return films


def measure(path: str, seconds: int, backend: Optional[str], windows: int) -> Figures:
    """Reads windows at random seconds.

    Args:
        path (str): A film, or without a backend a folder of frames.
        seconds (int): Its length.
        backend (str, optional): Of :class:`WindowInit`.
        windows (int): How many.

    Returns:
        Figures: Of this process.
    """
    cv2.setNumThreads(1)
    window = SampleTubeWindow(clip_len=12, num_clips=3, fps=12, temporal_stride=4)
    if backend is None:
        sample: Dict[str, Any] = dict(frame_dir=path, filename_tmpl=TEMPLATE, start_index=1, fps=30, modality='RGB')
        steps: list = [window, RawFrameDecode()]
    else:
        sample = dict(filename=path)
        steps = [WindowInit(backend), window, WindowDecode()]
    before, start = _memory(), time.process_time()
    if backend is not None:
        steps[0].transform(dict(sample))
    opening = time.process_time() - start
    start = time.process_time()
    if backend is not None:
        WindowInit(backend).transform(dict(sample))
    again = time.process_time() - start
    rng, checksum, spent = np.random.default_rng(0), 0, 0.
    for _ in range(windows):
        results = dict(sample, timestamp=int(rng.integers(2, seconds - 1)), timestamp_start=0)
        start = time.process_time()
        for step in steps:
            results = step.transform(results)
        spent += time.process_time() - start
        for picture in results['imgs']:
            checksum = zlib.crc32(picture.tobytes(), checksum)
    return Figures(opening, again, spent / windows, _memory() - before, checksum)


def _memory() -> float:
    """The most memory that this process has had, megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Runs the measurement."""
    args = parse_args()
    print('| film | backend | opening, CPU s | again, CPU s | window, CPU s | memory, MB | frames | ' +
          ' | '.join(f'cores for {rate}/s' for rate in RATES) + ' |')
    print('|---' * (7 + len(RATES)) + '|')
    with tempfile.TemporaryDirectory(prefix='mmstep_films_') as folder:
        for name, (path, seconds) in make_films(args.films, folder, args.seconds, 60 * args.long_minutes).items():
            first = None
            for backend in BACKENDS if FILMS[name].fps else (None, ):
                # Forked before any decoder has threads.
                with multiprocessing.get_context('fork').Pool(1) as pool:
                    figures = pool.apply(measure, (path, seconds, backend, args.windows))
                first = first or figures
                same = '' if backend in (None, 'pyav') else 'equal' if figures.checksum == first.checksum else 'other'
                cores = ' | '.join(f'{rate * figures.window:.1f}' for rate in RATES)
                print(
                    f'| {FILMS[name].title} | {backend or "OpenCV"} | {figures.opening:.3f} | '
                    f'{figures.again:.3f} | {figures.window:.3f} | '
                    f'{figures.memory:.0f} | {same} | {cores} |',
                    flush=True)


if __name__ == '__main__':
    run_tool(main)
