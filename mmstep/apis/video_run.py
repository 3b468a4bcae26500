"""One video, one result: opens an input, detects along it and puts its result together."""
import logging
import os.path as osp
import traceback
import uuid
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Any, Generator, Iterator, List, Optional, Sequence, TypeVar, Union, cast

from mmengine.logging import print_log
from torch import nn

from mmstep.errors import LaunchError, VideoError
from mmstep.utils import ahead, printable
from mmstep.video import (ArraySource, FrameSource, Input, PictureFolder, Recording, SeekableSource, Source,
                          StreamSource, VideoSource, input_name, open_source)
from .config_reading import class_ids, class_names
from .detection.detect_video import detect_video, key_times, model_rate, video_layout
from .detection.streaming_detector import StreamingDetector
from .detection.window_layout import WindowLayout
from .persons.detections import KeyFrame
from .persons.person_matcher import PersonMatcher
from .persons.score_thresholds import ScoreThreshold
from .persons.video_result import VideoResult, empty_result, source_fields

AnySource = TypeVar('AnySource', bound=Source)
STEM_LENGTH = 40
READ_AHEAD = 4  # frames of a stream
SOURCES = (VideoSource, ArraySource, PictureFolder, StreamSource)


class VideoRun:
    """Detects along one input and puts its :class:`VideoResult` together.

    As a context manager it opens the input and closes it at the end; a source that is handed in opened stays open, for
    whoever opened it closes it. Iterating detects, key time by key time. What the result holds when an iteration is
    broken off is what was found up to then, with ``complete`` false.

    Example:
        >>> with VideoRun(model, 'video.mp4', stride=0.5) as run:                          # doctest: +SKIP
        ...     for key_frame in run:
        ...         print(key_frame.time, len(key_frame.persons))
        >>> run.result['complete']                                                         # doctest: +SKIP
        True

    Args:
        model (nn.Module): The detector with its config as ``cfg``, see :func:`init_detector`.
        video (str | int | np.ndarray | VideoSource | ArraySource | StreamSource): The input, see :func:`open_source`,
            or a source that is open already.
        name (str, optional): How the result calls the input. Defaults to its path or address.
        checkpoint (str, optional): File or address of the model's weights, for the result.
        stride (float, optional): Seconds between key times. Defaults to the length of a clip.
        score_thr (float | dict[str, float]): See :func:`class_thresholds`. Defaults to 0.3.
        batch_size (int): Windows that go through the model at once; streams take one. Defaults to 1.
        fps (float, optional): Frames a second of frames in memory and of a folder of pictures, which need it.
        model_fps (float, optional): For a model of native frames, see :func:`window_layout`. Defaults to the video's.
        max_seconds (float, optional): How long a stream is read at most.
        stem (str, optional): Path without ending of the files that are to be made of this input.
        draw (bool): Whether ``stem``.mp4 is among them: a stream is then recorded while it is read. Defaults to False.
        keep (str): What stays in memory: 'all'; 'boxes', that is the result without tubes; 'nothing' of the
            detections. Defaults to 'all'.

    Attributes:
        model (nn.Module): The detector.
        result (VideoResult): What is known so far.
        error (Exception, optional): What went wrong with the input.
        key_frames (list[KeyFrame]): All key times so far, with person numbers; empty unless ``keep`` is 'all'.
        source (VideoSource | ArraySource | StreamSource): The opened input.
        layout (WindowLayout): How the model's windows lie in it.
        stride (float): Seconds between key times, rounded to whole frames of the model.
        earlier (Sequence[KeyFrame]): Its first key times, where an earlier run has found them; they are not detected
            again. Set it before iterating.
    """

    def __init__(self,
                 model: nn.Module,
                 video: Union[Input, Source],
                 name: Optional[str] = None,
                 checkpoint: Optional[str] = None,
                 stride: Optional[float] = None,
                 score_thr: ScoreThreshold = 0.3,
                 batch_size: int = 1,
                 fps: Optional[float] = None,
                 model_fps: Optional[float] = None,
                 max_seconds: Optional[float] = None,
                 stem: Optional[str] = None,
                 draw: bool = False,
                 keep: str = 'all') -> None:
        for option, value in dict(stride=stride, fps=fps, model_fps=model_fps, max_seconds=max_seconds).items():
            if value is not None and not 0 < value < float('inf'):
                raise LaunchError(f'{option} must be a number over 0, got {value}')
        if not isinstance(batch_size, int) or batch_size < 1:
            raise LaunchError(f'batch_size must be a whole number from 1 on, got {batch_size}')
        if keep not in ('all', 'boxes', 'nothing'):
            raise ValueError(f"keep has to be 'all', 'boxes' or 'nothing', got {keep!r}")
        self.model: Any = model  # Any: a module's attributes have no types
        self._video = video
        self._opening = dict(fps=fps, max_seconds=max_seconds)
        self._wanted_stride = stride
        self._score_thr = score_thr
        self._batch_size = batch_size
        self._model_fps = model_fps
        self._keep = keep
        self._owned = ExitStack()
        self._recording: Optional[Recording] = None
        self.error: Optional[Exception] = None
        self.stem, self.draw = stem, draw and stem is not None
        self.source: Source
        self.layout: WindowLayout
        self.stride: float
        self.earlier: Sequence[KeyFrame] = ()
        self.key_frames: List[KeyFrame] = []
        cfg: Any = self.model.cfg
        classes = class_names(cfg) or []
        self.result: VideoResult = empty_result(
            name or (video.path if isinstance(video, SOURCES) else input_name(video)),
            config=cfg.filename or '',
            checkpoint=checkpoint,
            classes=classes,
            class_ids=class_ids(cfg, len(classes)),
            score_thr=dict(score_thr) if isinstance(score_thr, dict) else score_thr)

    def __enter__(self) -> 'VideoRun':
        if isinstance(self._video, SOURCES):
            self.source = self._video
        else:
            self.source = self._owned.enter_context(_closing(open_source(self._video, **self._opening)))
        try:
            self.layout = video_layout(self.model.cfg, self.source, self._model_fps)
        except BaseException:
            self._owned.close()
            raise
        self.stride = self.layout.round_stride(self._wanted_stride)
        cast(dict, self.result).update(source_fields(self.source), stride_seconds=round(self.stride, 4))
        return self

    def __exit__(self, *_) -> None:
        self._owned.close()

    @property
    def is_stream(self) -> bool:
        """bool: Whether the source is read once, from its start on, instead of at any time."""
        return not isinstance(self.source, SeekableSource)

    @property
    def num_key_frames(self) -> int:
        """int: How many key times a video has; fewer come if it turns out to be damaged."""
        return len(key_times(seekable(self.source).times[-1], self.stride))

    def __iter__(self) -> Iterator[KeyFrame]:
        """Yields the key times in ascending order, with person numbers."""
        found = self._stream(self.source) if isinstance(self.source, StreamSource) else self._file()
        # Before the input is: a thread reads it ahead, also where an iteration was broken off.
        self._owned.callback(found.close)
        for key_frame in found:
            if self._keep != 'nothing':
                self.result['detections'].append(key_frame.to_dict(tubes=self._keep == 'all'))
            if self._keep == 'all':
                self.key_frames.append(key_frame)
            yield key_frame
        self.note_damage(self.source)
        self.result['complete'] = True

    def finish(self) -> VideoResult:
        """Opens the input, detects to its end and closes it.

        Returns:
            VideoResult: The result; of an input on which anything fails with the reason in ``error``.

        Raises:
            LaunchError: If no input can go on, as with a full disk.
        """
        try:
            with self:
                for _ in self:
                    pass
        except Exception as error:  # noqa: B902  whatever it is, the other inputs go on
            if isinstance(error, LaunchError) and not isinstance(error, VideoError):
                raise  # it is not the input's
            self.fail(error)
            if self._recording is not None:
                self._recording.remove()
        return self.result

    def fail(self, error: Exception) -> None:
        """Keeps in the result what went wrong with the input; what is not about a video goes to the log in full."""
        self.error = error
        self.result['complete'] = False
        self.result['error'] = printable(str(error))
        if not isinstance(error, VideoError):
            name, lines = self.result['video'], str(error).strip().splitlines()
            self.result['error'] = printable(': '.join([f'{name} failed with {type(error).__name__}', *lines[:1]]))
            trace = ''.join(traceback.format_exception(type(error), error, error.__traceback__))
            print_log(f'{name}: {trace}', logger='current', level=logging.DEBUG)

    def note_damage(self, source: FrameSource) -> None:
        """Keeps in the result from where on a reader of this input has found it damaged.

        With a long stride the damage may lie where only the second reader comes, the one that draws.
        """
        if self.result['broken_from'] is None and source.broken_from is not None:
            self.result['broken_from'] = round(source.broken_from, 3)

    @contextmanager
    def reopened(self) -> Iterator[Optional[SeekableSource]]:
        """Opens the input a second time, to draw on it, and closes it at the end of the context.

        Yields:
            VideoSource or ArraySource or None: Of a stream the recording, which is deleted at the end; None without
            one.
        """
        source: Optional[SeekableSource]
        with ExitStack() as stack:
            if self._recording is not None:
                stack.callback(self._recording.remove)
                source = stack.enter_context(_closing(VideoSource(self._recording.file)))
            elif isinstance(self.source, VideoSource):
                source = stack.enter_context(_closing(VideoSource(self.source.path, warn=False)))
            else:
                source = None if isinstance(self.source, StreamSource) else self.source
            yield source

    def _file(self) -> Generator[KeyFrame, None, None]:
        matcher = PersonMatcher()
        found = detect_video(
            self.model,
            self.model.cfg,
            seekable(self.source),
            self._wanted_stride,
            self._score_thr,
            self._batch_size,
            self._model_fps,
            start=len(self.earlier))
        for key_frame in chain(self.earlier, found):
            matcher.update(key_frame)
            yield key_frame

    def _stream(self, source: StreamSource) -> Generator[KeyFrame, None, None]:
        frames: Union[StreamSource, Recording] = source
        if self.draw:
            folder, name = osp.split(cast(str, self.stem))
            own = f'.{name[:STEM_LENGTH]}.{uuid.uuid4().hex[:12]}.recording.mp4'  # nobody else's
            frames = self._recording = Recording(source, osp.join(folder, own))
        detector = StreamingDetector(self.model, self.model.cfg, self._wanted_stride, self._score_thr,
                                     model_rate(self.model.cfg, source, self._model_fps))
        try:
            for frame, time in ahead(frames, READ_AHEAD):
                yield from detector.push(frame, time)
        except KeyboardInterrupt:
            # The usual way to end a camera.
            print_log(f'{source.path}: stopped', logger='current')
        yield from detector.finish()


def seekable(source: Source) -> SeekableSource:
    """The source itself, whose frames can be read in any order.

    Raises:
        TypeError: If it is a stream.
    """
    if isinstance(source, StreamSource):
        raise TypeError(f'{source.path} is a stream: its frames come once, one after the other')
    return source


@contextmanager
def _closing(source: AnySource) -> Iterator[AnySource]:
    """Closes a source at the end; frames in memory need none of it."""
    try:
        yield source
    finally:
        if hasattr(source, 'close'):
            source.close()
