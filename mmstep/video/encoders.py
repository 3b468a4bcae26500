"""Which encoder writes a video: the best one that this PyAV has and that can be opened here."""
import functools
import logging
from fractions import Fraction
from typing import Dict, List, NamedTuple, Tuple, cast

import av
from av.codec.codec import UnknownCodecError
from av.container import OutputContainer
from av.video.stream import VideoStream
from mmengine.logging import print_log

from mmstep.errors import VideoError

# The largest numerator of a frame rate: MPEG-4 part 2 counts time in 16 bits.
MAX_TICKS = 65535
# FFmpeg's numbers of the color properties that files name: the matrix of BT.601, which swscale converts by, the
# primaries and the curve of BT.709, which are nearest to what is shown on a screen, and luma of 16..235.
BT601_MATRIX, BT709, LIMITED_RANGE = 6, 1, 1


class Encoder(NamedTuple):
    """How one of FFmpeg's encoders is used.

    Attributes:
        name (str): FFmpeg's name of it.
        options (dict[str, str]): Its options.
        bits_per_pixel (float): Bit rate for each pixel of a frame; 0 where the options fix the quality. 0.1 is
            2.3 Mbit/s for 1280x720 at 25 frames a second.
        pix_fmt (str): What it takes, of 8 bits and 4:2:0.
        even (bool): Whether width and height have to be even.
        plays_in_browsers (bool): Whether browsers play what it writes.
    """
    name: str
    options: Dict[str, str] = {}
    bits_per_pixel: float = 0.0
    pix_fmt: str = 'yuv420p'
    even: bool = True
    plays_in_browsers: bool = True


# Best first. CRF 21 of "veryfast" loses no more than MPEG-4 part 2 by OpenCV (41.4 and 34.2 dB against 39.4 and 34.2
# on two films) in files of a half to a fifth of the size; "medium" takes 2.5 times the processor time.
MP4_ENCODERS = (
    Encoder('libx264', dict(preset='veryfast', crf='21')),
    Encoder('libopenh264', bits_per_pixel=0.1),
    Encoder('h264_videotoolbox', bits_per_pixel=0.1),
    Encoder('h264_nvenc', bits_per_pixel=0.1),
    Encoder('h264_qsv', bits_per_pixel=0.1, pix_fmt='nv12'),
    Encoder('h264_amf', bits_per_pixel=0.1, pix_fmt='nv12'),
    Encoder('h264_mf', bits_per_pixel=0.1, pix_fmt='nv12'),
    Encoder('mpeg4', dict(flags='+qscale', global_quality=str(4 * 118)), plays_in_browsers=False),
)
# Both need a bit rate of 0, or an upper limit, beside the quality.
VP9_OPTIONS = {'deadline': 'realtime', 'cpu-used': '7', 'crf': '32', 'row-mt': '1'}
VP8_OPTIONS = {'deadline': 'realtime', 'cpu-used': '5', 'crf': '12'}
WEBM_ENCODERS = (
    Encoder('libvpx-vp9', VP9_OPTIONS, even=False),
    Encoder('libvpx', VP8_OPTIONS, bits_per_pixel=0.2, even=False),
)
ENCODERS = {'.mp4': MP4_ENCODERS, '.webm': WEBM_ENCODERS}
# The index of an .mp4 goes to its beginning, so that it plays before all of it has come over a network.
CONTAINER_OPTIONS: Dict[str, Dict[str, str]] = {'.mp4': {'movflags': '+faststart'}, '.webm': {}}


def open_encoder(file: str, extension: str, fps: float,
                 size: Tuple[int, int]) -> Tuple[OutputContainer, VideoStream, Encoder]:
    """Opens a file with the first encoder that works.

    Args:
        file (str): What is written.
        extension (str): '.mp4' or '.webm', which says the format.
        fps (float): Frames a second.
        size (tuple[int, int]): Width and height in pixels; made even by one more pixel where the encoder wants that.

    Returns:
        tuple[OutputContainer, VideoStream, Encoder]: The open file, its stream and what encodes it.

    Raises:
        VideoError: If no encoder can be opened; it names them with their reasons.
        OSError: If the file cannot be written.
    """
    reasons: List[str] = []
    for encoder in ENCODERS[extension]:
        container = av.open(file, 'w', format=extension[1:], options=CONTAINER_OPTIONS[extension])
        try:
            stream = _add_stream(container, encoder, frame_rate(fps), size)
            stream.codec_context.open()
        except (av.FFmpegError, ValueError) as error:
            absent = isinstance(error, UnknownCodecError)
            reasons.append(f'{encoder.name}: ' +
                           ('not built in' if absent else getattr(error, 'strerror', None) or str(error)))
            continue
        container.start_encoding()
        _log_choice(extension, encoder, '; '.join(reasons))
        return container, stream, encoder
    raise VideoError(f'no encoder of this PyAV writes an {extension} of {size[0]}x{size[1]} pixels at {fps:g} frames '
                     f'a second ({"; ".join(reasons)})')


def frame_rate(fps: float) -> Fraction:
    """A frame rate as a fraction that every encoder takes.

    Args:
        fps (float): Frames a second.

    Returns:
        Fraction: The nearest one.

    Example:
        >>> frame_rate(29.97), frame_rate(30000 / 1001)
        (Fraction(2997, 100), Fraction(30000, 1001))
    """
    return Fraction(fps).limit_denominator(max(int(MAX_TICKS / fps), 1))


def _add_stream(container: OutputContainer, encoder: Encoder, rate: Fraction, size: Tuple[int, int]) -> VideoStream:
    width, height = (side + side % 2 for side in size) if encoder.even else size
    stream = cast(VideoStream, container.add_stream(encoder.name, rate=rate, options=dict(encoder.options)))
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = width, height, encoder.pix_fmt
    context.time_base = 1 / rate
    context.bit_rate = round(encoder.bits_per_pixel * width * height * float(rate))
    # Named, since players guess another matrix for large pictures than for small ones.
    context.colorspace, context.color_range = BT601_MATRIX, LIMITED_RANGE
    context.color_primaries = context.color_trc = BT709
    return stream


@functools.lru_cache(maxsize=None)
def _log_choice_once(extension: str, name: str, plays_in_browsers: bool, reasons: str) -> None:
    if plays_in_browsers:
        print_log(f'{extension} videos are written with {name}', logger='current')
    else:
        print_log(
            f'{extension} videos are written with {name}, which browsers do not play: this PyAV has no H.264 encoder '
            f'that works here ({reasons}). The wheel of PyPI has one: pip install --force-reinstall av',
            logger='current',
            level=logging.WARNING)


def _log_choice(extension: str, encoder: Encoder, reasons: str) -> None:
    """Once for each choice, not once for each video."""
    _log_choice_once(extension, encoder.name, encoder.plays_in_browsers, reasons)
