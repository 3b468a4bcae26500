"""Drawing of detections on the frames of their video."""
from typing import Dict, List, Optional, Sequence

import numpy as np

from mmstep.video.sources import SeekableSource
from mmstep.video.video_writer import VideoWriter
from mmstep.visualization import draw_persons, filmstrip, person_color, scale_to_height
from ..persons.detections import Detection, KeyFrame
from ..persons.interpolation import persons_at
from ..video_run import VideoRun


class VideoPainter:
    """Copies a video frame by frame with its detections drawn in, as far as they are known already.

    It reads the video on its own, behind the detector, so that no frame waits in memory. The copy has a constant frame
    rate: of a video with a variable one, frames are repeated or left out, and times stay right.

    Args:
        source (SeekableSource): The video; not the reader that the detector uses.
        writer (VideoWriter): Where the copy goes.
        reach (float): Frames further than this from the nearest key time show nobody, seconds.
    """

    def __init__(self, source: SeekableSource, writer: VideoWriter, reach: float) -> None:
        self._source = source
        self._writer = writer
        self._reach = reach
        self._last: Optional[KeyFrame] = None
        self._places: Dict[int, int] = {}

    def add(self, key_frame: KeyFrame) -> None:
        """Paints all frames before a key time.

        Args:
            key_frame (KeyFrame): With person numbers; in ascending order of time.
        """
        self._paint_until(key_frame.time, key_frame)
        self._last = key_frame

    def finish(self, end: Optional[float] = None) -> None:
        """Paints the frames from the last key time on.

        Args:
            end (float, optional): Second before which to stop. Defaults to the end of the video.
        """
        self._paint_until(float('inf') if end is None else end, None)

    def _paint_until(self, end: float, after: Optional[KeyFrame]) -> None:
        fps = self._source.fps
        # Half a frame short of a time is that time: a video's duration is not an exact multiple of its frames' length.
        while (time := self._writer.count / fps) < min(end, self._source.duration) - 0.5 / fps:
            frame = self._source.frames_at([time])[0]
            # Damage that was found only now ends the video earlier.
            if time >= self._source.duration:
                return
            found = persons_at(time, self._last, after, self._reach)
            self._writer.write(
                draw_persons(
                    frame, [box for _, box in found], [person.actions for person, _ in found],
                    [person.person_id for person, _ in found],
                    places=self._places))


def paint_run(run: VideoRun, path: str) -> Optional[str]:
    """Writes the video of a finished run with what was found drawn in.

    The input is opened a second time, see :meth:`VideoRun.reopened`.

    Args:
        run (VideoRun): The run, with all its key frames kept.
        path (str): The file of the copy, see :class:`VideoWriter`.

    Returns:
        str or None: The path; None if the run has an error, or is of a stream that was not recorded.

    Raises:
        VideoError: If the copy cannot be written.
    """
    if run.result['error'] is not None:
        return None
    with run.reopened() as source:
        if source is None:
            return None
        with VideoWriter(path, source.fps, (source.width, source.height)) as writer:
            painter = VideoPainter(source, writer, run.layout.clip_seconds)
            for key_frame in run.key_frames:
                painter.add(key_frame)
            painter.finish()
        run.note_damage(source)
    return path


def paint_strip(source: SeekableSource, key_frames: Sequence[KeyFrame], height: int = 320) -> np.ndarray:
    """One picture of some key times side by side; of a model that keeps its steps one row for each step.

    Args:
        source (SeekableSource): The video.
        key_frames (Sequence[KeyFrame]): At least one.
        height (int): Height of each picture in pixels; drawn after scaling, so that labels stay readable. Defaults to
            320.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    frames = source.frames_at([key_frame.time for key_frame in key_frames])
    pictures = [scale_to_height(frame, height) for frame in frames]
    scale = height / source.height
    num_steps = min(len(key_frame.steps) for key_frame in key_frames)
    results = [[key_frame.steps[step] for key_frame in key_frames] for step in range(num_steps)] or \
              [[key_frame.persons for key_frame in key_frames]]
    rows = [[_paint(picture, persons, scale) for picture, persons in zip(pictures, row)] for row in results]
    titles = [f'step {step + 1}' for step in range(num_steps)] or None
    return filmstrip(rows, [f'{key_frame.time:.1f} s' for key_frame in key_frames], titles)


def _paint(picture: np.ndarray, persons: List[Detection], scale: float) -> np.ndarray:
    # Steps before the last one have no person numbers: colors go by rank, best first.
    ids = [person.person_id for person in persons]
    colors = [person_color(index if number is None else number) for index, number in enumerate(ids)]
    boxes = [person.bbox * scale for person in persons]
    return draw_persons(picture, boxes, [person.actions for person in persons], ids, max_labels=2, colors=colors)
