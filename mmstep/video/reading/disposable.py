"""Which packets of a video no other frame depends on, so that a decoder need not get them."""
from typing import Callable, Iterator, Optional

from av.video.stream import VideoStream

SLICES = (1, 2, 3, 4, 5)  # kinds of H.264's units that hold a part of a picture
PARAMETERS = (7, 8, 13, 15)  # and those that later pictures need


def disposable_test(stream: VideoStream) -> Optional[Callable[[bytes], bool]]:
    """What tells whether a packet can be left out of decoding without a change to the other frames.

    Args:
        stream (VideoStream): The stream, open.

    Returns:
        Callable[[bytes], bool] | None: Takes the content of a packet. None if this is not known of the codec: HEVC's
        marks, for instance, hold within one of its layers only.
    """
    codec = stream.codec_context.codec
    if codec.intra_only:
        return lambda content: True
    if codec.canonical_name != 'h264':
        return None
    extra = stream.codec_context.extradata
    # In .mp4 and .mkv a length stands before each unit, and its size in the header; elsewhere a start code.
    length_size = (extra[4] & 3) + 1 if extra is not None and len(extra) > 4 and extra[0] == 1 else 0
    return lambda content: is_disposable(content, length_size)


def is_disposable(content: bytes, length_size: int) -> bool:
    """Whether an H.264 packet is of a picture that no other one refers to (``nal_ref_idc`` is 0 in all its slices).

    Args:
        content (bytes): The packet.
        length_size (int): Bytes of the length before each unit, 1 to 4; 0 for start codes.

    Returns:
        bool: False also for what is damaged or holds parameters.

    Example:
        >>> is_disposable(bytes([0, 0, 0, 2, 0x01, 0x9a]), 4), is_disposable(bytes([0, 0, 0, 2, 0x41, 0x9a]), 4)
        (True, False)
    """
    found = False
    for header in _after_lengths(content, length_size) if length_size else _after_start_codes(content):
        kind = header & 31
        if header < 0 or kind in PARAMETERS or kind in SLICES and header & 0x60:
            return False
        found = found or kind in SLICES
    return found


def _after_lengths(content: bytes, length_size: int) -> Iterator[int]:
    """The first byte of each unit; -1 where the lengths do not add up."""
    place, size = 0, len(content)
    while place < size:
        length = int.from_bytes(content[place:place + length_size], 'big')
        place += length_size
        yield content[place] if 0 < length <= size - place else -1
        place += max(length, 1)


def _after_start_codes(content: bytes) -> Iterator[int]:
    place = content.find(b'\0\0\1')
    while 0 <= place < len(content) - 3:
        yield content[place + 3]
        place = content.find(b'\0\0\1', place + 3)
