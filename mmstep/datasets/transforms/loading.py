"""Opening and decoding of video files."""
import os
import os.path as osp
from collections import Counter, OrderedDict
from typing import Any, List, Optional

import numpy as np
from mmaction.datasets.transforms import DecordDecode, DecordInit
from mmaction.registry import TRANSFORMS

from mmstep.errors import DataError, MissingDataError, UndecodableError, VideoError
from mmstep.video.reading.decord_reader import REPAIR, open_video, short_reason
from mmstep.video.reading.frame_reader import DecodeError
from mmstep.video.reading.opencv_video import OpenCVVideo
from mmstep.video.reading.picture_video import PictureVideo
from mmstep.video.reading.pyav_video import PyAVVideo

# At the end of a file decord asks its decoding thread so many times for a frame before it gives up. Its own 10240 are
# about two seconds, which on a busy machine a healthy video can take; this makes it about ten.
os.environ.setdefault('DECORD_EOF_RETRY_MAX', '65536')

BACKENDS = ('pyav', 'decord', 'opencv')


@TRANSFORMS.register_module()
class WindowInit(DecordInit):
    """Opens a video by its path.

    MMAction2's DecordInit reads the whole file into memory first, which for AVA's films is a gigabyte a window. This
    one leaves the file on the disk and keeps the last few readers of each worker process open. What the frames of a
    file are is found out once a process, by reading it through without decoding.

    A folder of numbered pictures is a video as well, of ``fps`` frames a second.

    Required keys: filename; optional fps, of folders. Added keys: video_reader, total_frames, avg_fps.

    Args:
        backend (str): What decodes: 'pyav', 'decord' or 'opencv'. A file that another one cannot open is read by
            PyAV, which ``tools/analysis_tools/benchmark_decoding.py`` measures to be the fastest one. Defaults to
            'pyav'.
        num_threads (int): Threads that decode, of decord; of the others it is one. Defaults to 1.
        max_open (int): Readers kept open in each process. Opening a file again is cheap, an open one takes tens of
            megabytes. Defaults to 4.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a setting is wrong, the file is empty or there is no video in it; the message says why.
    """

    def __init__(self, backend: str = 'pyav', num_threads: int = 1, max_open: int = 4) -> None:
        super().__init__(num_threads=num_threads)
        if backend not in BACKENDS:
            raise DataError(f'backend={backend!r} is unknown; choose one of {", ".join(BACKENDS)}')
        if max_open < 1:
            raise DataError(f'max_open must be at least 1, got {max_open}')
        self.backend = backend
        self.max_open = max_open
        self._readers: OrderedDict = OrderedDict()
        self._last: Any = None
        self._owner = os.getpid()
        self._picture_rate: Optional[float] = None

    def transform(self, results: dict) -> dict:
        """Opens the video, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        self._picture_rate = results.get('fps')
        return super().transform(results)

    def _get_video_reader(self, filename: str) -> object:
        """Returns an open reader of the backend."""
        if self._owner != os.getpid():
            # A forked worker shares the file positions of its parent's readers and lacks their threads: it must
            # neither use them nor close them, so they are put aside.
            self._inherited, self._readers, self._owner = self._readers, OrderedDict(), os.getpid()
        # A file that has been written anew since must not be read through its old index.
        status = os.stat(filename) if osp.isfile(filename) else None
        key = (filename, status and status.st_mtime_ns, status and status.st_size)
        reader = self._readers.pop(key, None)
        if reader is None:
            reader = self._open(filename)
            while len(self._readers) >= self.max_open:
                self._readers.popitem(last=False)
        if self._last is not reader and hasattr(self._last, 'forget_pictures'):
            self._last.forget_pictures()  # windows that overlap come one after the other
        self._readers[key] = self._last = reader
        return reader

    def _open(self, filename: str) -> object:
        if osp.isdir(filename):
            try:
                return PictureVideo(filename, self._picture_rate)
            except VideoError as error:
                raise DataError(str(error)) from None
        if not osp.isfile(filename):
            raise MissingDataError(f'video {filename} does not exist')
        try:
            if self.backend == 'decord':
                return open_video(filename, self.num_threads)
            if self.backend == 'opencv':
                return OpenCVVideo(filename)
        except (ValueError, VideoError):
            pass  # FFmpeg reads files well that these refuse, some of UCF101-24 among them
        try:
            return PyAVVideo(filename)
        except VideoError as error:
            raise DataError(str(error)) from None

    def __getstate__(self) -> dict:
        """Leaves the readers out when a worker process gets a copy; they cannot be pickled."""
        return {**self.__dict__, '_readers': OrderedDict(), '_inherited': None, '_last': None}

    def __repr__(self) -> str:
        return (f'{self.__class__.__name__}(backend={self.backend!r}, num_threads={self.num_threads}, '
                f'max_open={self.max_open})')


@TRANSFORMS.register_module()
class DecordWindowInit(WindowInit):
    """Opens a video with decord, see :class:`WindowInit`.

    Args:
        num_threads (int): Threads that decode. Defaults to 1.
        max_open (int): Readers kept open in each process; opening one means scanning the whole file. Defaults to 4.
    """

    def __init__(self, num_threads: int = 1, max_open: int = 4) -> None:
        super().__init__('decord', num_threads, max_open)


@TRANSFORMS.register_module()
class WindowDecode(DecordDecode):
    """Decodes the frames of a window; a damaged video ends in a message that names file and frames.

    Required keys: filename, video_reader, frame_inds (ascending, repetitions allowed); optional gt_bboxes, proposals
    (fractions of the frame).
    Added or modified keys: imgs (list of (H, W, 3) uint8, RGB), original_shape, img_shape, gt_bboxes, proposals
    (pixels).

    Raises:
        RuntimeError: If the frames cannot be decoded.
    """

    def __init__(self) -> None:
        super().__init__(mode='accurate')

    def transform(self, results: dict) -> dict:
        """Decodes the frames, see the class.

        Args:
            results (dict): See the class.

        Returns:
            dict: ``results`` with the keys of the class.
        """
        self._filename = results['filename']
        return super().transform(results)

    def _decord_load_frames(self, container: Any, frame_inds: np.ndarray) -> List[np.ndarray]:
        """Reads the wanted frames with whichever reader there is."""
        if (np.diff(frame_inds) < 0).any():
            raise DataError(f'frame_inds must not descend, got {frame_inds}')
        if not hasattr(container, 'frames'):
            return self._load_with_decord(container, frame_inds)
        try:
            return container.frames(frame_inds.tolist())
        except DecodeError as error:
            raise self._undecodable(error.index, len(container), error) from error

    def _load_with_decord(self, container: Any, frame_inds: np.ndarray) -> List[np.ndarray]:
        """Reads on from the first to the last frame and keeps the wanted ones.

        ``get_batch`` seeks anew for every gap, which takes up to five times as long in videos with many key frames.
        """
        import decord
        wanted = Counter(frame_inds.tolist())
        index, last = int(frame_inds[0]), int(frame_inds[-1])
        imgs: List[np.ndarray] = []
        try:
            container.seek_accurate(index)
            for index in range(index, last + 1):
                frame = container.next()
                # A frame that stands for several times is copied for each: transforms write to them.
                imgs.extend(frame.asnumpy() for _ in range(wanted[index]))
        except (decord.DECORDError, RuntimeError, IndexError, StopIteration) as error:
            raise self._undecodable(index, len(container), error) from error
        # decord goes on decoding to the end of the file, however long, and keeps the frames; a seek makes it stop.
        container.seek(0)
        return imgs

    def _undecodable(self, index: int, count: int, error: Exception) -> UndecodableError:
        return UndecodableError(
            f'{self._filename}: cannot decode frame {index} of the {count} that the file promises; '
            f'it is damaged or cut short. {REPAIR.format(path=self._filename)} '
            f'({short_reason(error)})')


@TRANSFORMS.register_module()
class DecordWindowDecode(WindowDecode):
    """Another name of :class:`WindowDecode`."""
