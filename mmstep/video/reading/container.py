"""Opens video files with PyAV (FFmpeg), and says in one line why a file cannot be opened."""
import os
import os.path as osp
import stat
import struct
from typing import Callable, Iterator, List, Optional, Tuple, cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from mmstep.errors import VideoError

# The only formats that are opened, whatever a file is called: containers of moving pictures, bare streams, pictures,
# and sound, of which it is said that it is sound. None of them reads another file, as playlists and manifests do
# (hls, dash, concat, imf, sdp, vobsub ...), draws text (tty, subtitles) or runs a script.
FORMATS = ','.join((
    'mov,matroska,avi,mpeg,mpegts,flv,asf,ogg,mxf,nut,gxf,wtv,rm,nsv,nuv,pva,dhav,ivf,yuv4mpegpipe,dv,lxf,ty',
    'h261,h263,h264,hevc,vvc,m4v,mpegvideo,av1,obu,vc1,dirac,cavsvideo,avs2,avs3,mjpeg,mpjpeg,mjpeg_2000,dnxhd',
    'gif,apng,jpegxl_anim,flic,roq,smk,bink,ipmovie,smjpeg,swf,vivo,thp',
    'jpeg_pipe,png_pipe,bmp_pipe,webp_pipe',
    'mp3,wav,flac,aac',
))
PICTURE_EXTENSIONS = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
SINGLE_PICTURE = 'it is a single picture. Give a video, or the folder of its pictures and fps='
PICTURE_FORMATS = ('jpeg_pipe', 'png_pipe', 'bmp_pipe', 'webp_pipe')
OPTIONS = dict(protocol_whitelist='file', format_whitelist=FORMATS)
PLAYLISTS = ('#EXTM3U', 'ffconcat', '[playlist]', '<?xml', '<MPD', '<smil')
SMALL_PICTURE = 640 * 480  # pixels; up to there waking threads takes longer than decoding
MOST_THREADS = 16
# Files of other kinds by how they begin: FFmpeg takes some for bare streams and decodes what is no picture.
OTHER_KINDS = {
    b'PK\3\4': 'a zip archive',
    b'\x1f\x8b': 'a gzip archive',
    b'7z\xbc\xaf': 'a 7z archive',
    b'Rar!': 'a rar archive',
    b'%PDF': 'a PDF',
    b'\x7fELF': 'a program'
}
HEAD = 1024  # bytes that tell text from a video


def check_file(path: str) -> None:
    """Raises if a path is not that of a file with something in it that this process may read.

    Args:
        path (str): The file.

    Raises:
        VideoError: With the reason.
    """
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            os.scandir(path).close()
            raise VideoError(f'{path} is a folder, not a video file')
        if not stat.S_ISREG(status.st_mode):
            raise VideoError(f'{path} is not a file')
        if status.st_size == 0:
            raise VideoError(f'{path} is empty (0 bytes): its download or copy was broken off. Get it again')
        with open(path, 'rb') as file:
            head = file.read(HEAD)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VideoError(f'the video {path} does not exist') from error
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error  # a zero byte in a name is a ValueError
        raise VideoError(f'the video {path} cannot be read: {reason}') from error
    other = next((kind for begin, kind in OTHER_KINDS.items() if head.startswith(begin)), None)
    if other:
        raise VideoError(f'{path} is not a video that can be read: it is {other}. Give the video file itself')
    if _is_text(head):
        kind = 'a playlist' if head.decode('utf-8', 'replace').lstrip('\ufeff\n ').startswith(PLAYLISTS) else 'text'
        raise VideoError(f'{path} is not a video that can be read: it is {kind}. Give the video file itself')


def open_container(path: str, parallel: bool = False) -> Tuple[InputContainer, VideoStream]:
    """Opens a video file of one of the ``FORMATS``. Nothing but this file is read, whatever it refers to.

    Args:
        path (str): The file.
        parallel (bool): Whether as many threads decode as there are cores, for larger pictures than
            ``SMALL_PICTURE``. Defaults to False.

    Returns:
        tuple[InputContainer, VideoStream]: The open file, and the stream in it that FFmpeg takes for the video.

    Raises:
        VideoError: If it cannot be opened or there is no video in it.
    """
    check_file(path)
    try:
        # Without the prefix, FFmpeg takes what stands before a colon in a name for a protocol.
        container = av.open(f'file:{path}', options=dict(OPTIONS), metadata_errors='replace')
    except UnicodeEncodeError:
        raise VideoError(f'the name {path!r} is not valid UTF-8: rename the file') from None
    except av.error.ArgumentError as error:  # how FFmpeg says that a format is not in its list
        if path.lower().endswith(PICTURE_EXTENSIONS):
            raise VideoError(f'{path} is not a video that can be read: {SINGLE_PICTURE}') from error
        raise VideoError(
            f'{path} is not a video that can be read: it is a playlist, text or another kind of file that '
            'is not opened. Give the video file itself, as .mp4, .mkv, .webm, .avi or .mov') from error
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f'{path} is not a video that can be read: {_why(path, error)}') from error
    stream = cast(Optional[VideoStream], container.streams.best('video'))
    reason = _no_video(container, stream)
    if reason or stream is None:
        container.close()
        raise VideoError(f'{path} is not a video that can be read: {reason}')
    parallel = parallel and stream.width * stream.height > SMALL_PICTURE
    stream.thread_type = 'AUTO' if parallel else 'SLICE'
    stream.codec_context.thread_count = min(len(os.sched_getaffinity(0)), MOST_THREADS) if parallel else 1
    return container, stream


class Decoder:
    """Decodes a stream frame by frame, goes on behind damage as players do, and counts the errors.

    Args:
        container (InputContainer): The open file; may be sought between two frames.
        stream (VideoStream): The stream.
        unwanted (Callable, optional): Says of a packet whether it can be left out. Defaults to None: all are decoded.

    Attributes:
        errors (int): Packets so far that could not be decoded.
    """

    def __init__(self,
                 container: InputContainer,
                 stream: VideoStream,
                 unwanted: Optional[Callable[[Packet], bool]] = None) -> None:
        self._container, self._stream = container, stream
        self._unwanted = unwanted
        self.errors = 0

    def frames(self) -> Iterator[VideoFrame]:
        """Yields frames in the order in which they are shown, from where the container stands."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
            except av.FFmpegError:  # the rest of the file cannot be taken apart
                self.errors += 1
                return
            if self._unwanted is not None and self._unwanted(packet):
                continue
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self.errors += 1
                continue
            yield from frames


def _is_text(head: bytes) -> bool:
    """Whether a file that begins so is text; of the videos, only uncompressed YUV4MPEG begins with letters."""
    if head.startswith(b'YUV4MPEG2'):
        return False
    try:
        text = head.decode('utf-16' if head[:2] in (b'\xff\xfe', b'\xfe\xff') else 'utf-8')
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # else a character is cut by the end of the head
            return False
        text = head[:error.start].decode('utf-8', 'ignore')
    return bool(text) and all(character.isprintable() or character in '\t\n\r\f\ufeff' for character in text)


def _no_video(container: InputContainer, stream: Optional[VideoStream]) -> str:
    """Why an open file has no video to read, or an empty string."""
    if container.format.name in PICTURE_FORMATS:
        return SINGLE_PICTURE
    if stream is None or stream.disposition & Disposition.attached_pic:
        return 'it has sound only' if container.streams.audio else 'it has no moving picture'
    if stream.codec_context is None or not stream.codec_context.width or stream.time_base is None:
        return 'its pictures are damaged or cut off at the start, or of a kind that this PyAV cannot decode'
    return ''


def _why(path: str, error: Exception) -> str:
    """Why FFmpeg cannot open a file, in words that help."""
    if not isinstance(error, av.error.InvalidDataError):
        return str(getattr(error, 'strerror', None) or error)
    names = _mp4_boxes(path)
    if names[:1] == ['ftyp'] and 'moov' not in names:
        return ('damaged or cut off: its index (moov), which stands at the end of this .mp4, is not all there. The '
                'download or the recording was broken off. Get it again')
    return ('it is another kind of file, or damaged or cut off at the start. Get it again, or try: '
            f'ffmpeg -i {path} -c:v libx264 -an repaired.mp4')


def _mp4_boxes(path: str) -> List[str]:
    """The names of the top boxes of a file of the mp4 family that are all there."""
    names: List[str] = []
    place, size = 0, osp.getsize(path)
    with open(path, 'rb') as file:
        while place + 16 <= size and len(names) < 1000:
            file.seek(place)
            length, name, large = struct.unpack('>I4sQ', file.read(16))
            length = large if length == 1 else length
            if length < 8 or not name.isalnum() or place + length > size:
                break
            names.append(name.decode('ascii'))
            place += length
    return names
