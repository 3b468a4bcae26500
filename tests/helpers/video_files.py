"""Video files for tests, written with PyAV: any container, codec, frame times and damage."""
import av
import numpy as np


def write_frames(path,
                 pictures,
                 fps=25,
                 codec='libx264',
                 container=None,
                 pix_fmt='yuv420p',
                 stamps=None,
                 sound=False,
                 **options):
    """Writes (H, W, 3) uint8 RGB pictures; ``stamps`` are their times in frames, 0, 1, 2 ...

    if not given.
    """
    with av.open(str(path), 'w', format=container) as file:
        stream = file.add_stream(codec, rate=fps, options={key: str(value) for key, value in options.items()})
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], pix_fmt
        tone = file.add_stream('mp2', rate=44100) if sound else None
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, 'rgb24')
            frame.pts = index if stamps is None else stamps[index]
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        if tone is not None:
            _write_silence(file, tone)
    return str(path)


def write_sound(path):
    """Writes a second of silence."""
    with av.open(str(path), 'w') as file:
        _write_silence(file, file.add_stream('mp2', rate=44100))
    return str(path)


def _write_silence(file, stream):
    for index in range(10):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4410), np.int16), 's16', 'mono')
        frame.sample_rate, frame.pts = 44100, 4410 * index
        file.mux(stream.encode(frame))
    file.mux(stream.encode())


def grey_pictures(number, size=(64, 48)):
    """Pictures that tell their number: grey level 20 + 5 i over all."""
    return [np.full((size[1], size[0], 3), 20 + 5 * index, np.uint8) for index in range(number)]


def number(picture):
    """The number of one of :func:`grey_pictures`."""
    return int(round((float(picture.mean()) - 20) / 5))


def textured_pictures(number, size=(64, 48)):
    """Pictures that cost a codec something, each another one."""
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 255, (number, size[1], size[0], 3), dtype=np.uint8))


def packet_places(path):
    """(place, size) in the file of each packet of the video."""
    with av.open(str(path)) as file:
        return [(packet.pos, packet.size) for packet in file.demux(video=0) if packet.size]


def damage(path, numbers):
    """Overwrites packets of a video with zeros, as a bad sector does."""
    places = packet_places(path)
    with open(path, 'r+b') as file:
        for index in numbers:
            file.seek(places[index][0])
            file.write(bytes(places[index][1]))
    return str(path)


def show_turned(path, quarters):
    """Writes a rotation by clockwise quarter turns into the track header of an .mp4, as phones do."""
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters]
    matrix = np.array([cosine, sine, 0, -sine, cosine, 0], np.int64) * 65536
    content = bytearray(open(path, 'rb').read())
    place = content.index(b'tkhd') + 4 + 40
    content[place:place + 24] = matrix.astype('>i4').tobytes()
    with open(path, 'wb') as file:
        file.write(content)
    return str(path)


def claim_frames(path, count):
    """Makes the header of an .mp4 claim a number of frames."""
    content = bytearray(open(path, 'rb').read())
    place = content.index(b'stts') + 12  # how many frames have the first duration
    content[place:place + 4] = count.to_bytes(4, 'big')
    with open(path, 'wb') as file:
        file.write(content)
    return str(path)
