"""What the page does with a video: detects once, then shows it with any threshold."""
import os.path as osp
import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, cast

import gradio as gr

from mmstep.apis import (Detection, KeyFrame, STEPInferencer, VideoError, VideoPainter, VideoResult, VideoRun,
                         VideoWriter, person_tracks, trace_steps, write_result)
from mmstep.apis.drawing import has_steps, step_pictures
from mmstep.apis.persons import Track
from mmstep.apis.persons.rethreshold import rethreshold
from mmstep.utils import shorten_name
from mmstep.video.sources import SeekableSource
from ..web_guard import visitors_error
from .step_figures import StepRow

LEAST = 0.05  # the lowest threshold of the page: detections are made with it, and kept
STEP_TIMES = 4  # key times at which the steps are shown
STEP_HEIGHT = 240  # of their pictures, pixels: about as wide as a phone

Progress = Callable[..., object]


@dataclass
class Detected:
    """A video that was detected in; kept for other thresholds.

    Attributes:
        run (VideoRun): With all key times down to the lowest threshold, closed.
        traces (dict[int, list]): Index of a key time -> its persons at each step, see :func:`trace_steps`.
        until (float, optional): Second up to which it was detected in; None of a whole video.
    """
    run: VideoRun
    traces: Dict[int, List[List[Detection]]]
    until: Optional[float] = None


class Shown(NamedTuple):
    """What is to be seen with a threshold.

    Attributes:
        key_frames (list[KeyFrame]): With person numbers.
        result (VideoResult): The same as plain data.
        tracks (list[Track]): Persons over time.
        steps (list[StepRow]): How boxes move; empty if nobody was found or the model has no steps.
    """
    key_frames: List[KeyFrame]
    result: VideoResult
    tracks: List[Track]
    steps: List[StepRow]


class VideoPage:
    """Detects, draws and writes for the visitors of the page, one video at a time.

    Args:
        models (dict[str, STEPInferencer]): Models by name.
        folder (str): Where files of results go.
        max_minutes (float): Longest video that is taken.
        stop (threading.Event): Once it is set, a run in progress is broken off.

    Attributes:
        busy (threading.Lock): Held during the work on a video.
    """

    def __init__(self, models: Dict[str, STEPInferencer], folder: str, max_minutes: float,
                 stop: threading.Event) -> None:
        self.models = models
        self.folder = folder
        self.max_minutes = max_minutes
        self.stop = stop
        self.busy = threading.Lock()

    def detect(self, video: Optional[str], model: str, progress: Progress, halt: threading.Event) -> Detected:
        """Detects in a video.

        Args:
            video (str, optional): Its path.
            model (str): Name of the model.
            progress (Callable): Is told how far it is, as ``gr.Progress``.
            halt (threading.Event): Ends it early: what was found up to then counts. Cleared when it has.

        Returns:
            Detected: For :meth:`show` and :meth:`draw`.

        Raises:
            gr.Error: With a message for people, if the video is missing, too long or cannot be read, or the server
                is told to end.
        """
        if video is None:
            raise gr.Error('Choose or record a video and wait until it is uploaded.', print_exception=False)
        with self._working(video), self.models[model].pipeline(
                video, name=osp.basename(video), score_thr=LEAST) as run:
            self._check_length(run)
            for number, key_frame in enumerate(run, 1):
                key_frame.steps = []  # not shown, and large
                progress((number, run.num_key_frames), desc='detecting', unit='key frames')
                self._check_server()
                if halt.is_set():
                    break
            until = None if run.result['complete'] else min(run.key_frames[-1].time + run.stride, run.source.duration)
            halt.clear()
            chosen = best_key_frames(run.key_frames, STEP_TIMES) if has_steps(run.model) else []
            traces = {}
            for number, index in enumerate(chosen, 1):
                progress((number, len(chosen)), desc='looking at the steps', unit='key frames')
                traces[index] = trace_steps(run.model, run.layout, run.source, run.key_frames[index])
            return Detected(run, traces, until)

    def show(self, detected: Detected, score_thr: float) -> Shown:
        """Chooses what reaches a threshold. The model has no part in it.

        Args:
            detected (Detected): From :meth:`detect`.
            score_thr (float): Actions under it are left out, from ``LEAST`` on.

        Returns:
            Shown: For the timeline and :meth:`draw`.

        Raises:
            gr.Error: If the file has been removed since.
        """
        run = detected.run
        key_frames = rethreshold(run.key_frames, score_thr)
        result = cast(VideoResult, {
            **run.result, 'score_thr': score_thr,
            'detections': [key_frame.to_dict() for key_frame in key_frames]
        })
        rows = self._step_rows(detected, key_frames) if detected.traces else []
        return Shown(key_frames, result, person_tracks(result), rows)

    def draw(self, detected: Detected, shown: Shown, progress: Progress, halt: threading.Event) -> 'Files':
        """Writes the video with what was found drawn in, and the detections.

        Args:
            detected (Detected): From :meth:`detect`.
            shown (Shown): From :meth:`show`.
            progress (Callable): Is told how far it is.
            halt (threading.Event): Ends the video early. Cleared when it has.

        Returns:
            Files: In a folder of its own, under the video's own name for the downloads.

        Raises:
            gr.Error: As :meth:`detect`.
        """
        run = detected.run
        with self._working(run.source.path) as folder:
            stem = osp.join(folder, shorten_name(Path(run.result['video']).stem))
            self._paint(detected, shown.key_frames, f'{stem}.webm', progress, halt)
            halt.clear()
            shown.result['broken_from'] = run.result['broken_from']
            progress(None, desc='writing the results')
            return Files(f'{stem}.webm', write_result(shown.result, stem, 'json'),
                         write_result(shown.result, stem, 'ava'))

    def _step_rows(self, detected: Detected, key_frames: Sequence[KeyFrame]) -> List[StepRow]:
        rows = []
        with self._working(detected.run.source.path), _reopened(detected.run) as source:
            for index in sorted(detected.traces):
                persons = key_frames[index].persons
                # Those shown are the first ones of all, as the best come first.
                trace = [step[:len(persons)] for step in detected.traces[index]]
                for step in trace:
                    for traced, person in zip(step, persons):
                        traced.person_id = person.person_id
                if persons:
                    pictures = step_pictures(source, key_frames[index], trace, STEP_HEIGHT, max_labels=0)
                    rows.append(StepRow(key_frames[index].time, pictures, trace))
        return rows

    def _paint(self, detected: Detected, key_frames: Sequence[KeyFrame], path: str, progress: Progress,
               halt: threading.Event) -> None:
        run = detected.run
        with _reopened(run) as source, VideoWriter(path, source.fps, (source.width, source.height)) as writer:
            painter = VideoPainter(source, writer, run.layout.clip_seconds)
            for number, key_frame in enumerate(key_frames, 1):
                painter.add(key_frame)
                progress((number, len(key_frames)), desc='drawing', unit='key frames')
                self._check_server()
                if halt.is_set() and number > 1:
                    break
            else:
                painter.finish(detected.until)
            run.note_damage(source)

    def _check_length(self, run: VideoRun) -> None:
        minutes = cast(SeekableSource, run.source).duration / 60
        if minutes > self.max_minutes:
            raise VideoError(f'The video lasts {minutes:.1f} minutes; this page takes up to {self.max_minutes:g}. '
                             'demo/demo_video.py takes any.')

    def _check_server(self) -> None:
        if self.stop.is_set():
            raise gr.Error('The server is being stopped.', print_exception=False)

    @contextmanager
    def _working(self, video: str) -> Iterator[str]:
        """Holds the machine; gives a new folder, which goes if anything fails or nothing is in it."""
        folder = ''
        try:
            with self.busy:
                folder = tempfile.mkdtemp(dir=self.folder)
                yield folder
                if not any(Path(folder).iterdir()):
                    shutil.rmtree(folder)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if not isinstance(error, Exception) or isinstance(error, gr.Error):
                raise
            # The folders on the server say nothing to a visitor.
            raise visitors_error(error, [osp.dirname(video), folder]) from error


@contextmanager
def _reopened(run: VideoRun) -> Iterator[SeekableSource]:
    """The file once more, for drawing; the page takes no streams."""
    with run.reopened() as source:
        yield cast(SeekableSource, source)


class Files(NamedTuple):
    """Paths of what was written."""
    video: str  # .webm
    json: str
    csv: str  # of AVA


def best_key_frames(key_frames: Sequence[KeyFrame], count: int) -> List[int]:
    """Chooses key times to look at, spread over the video: of each part the one with the best score.

    The best of all is among them, so with any threshold that leaves somebody one of them shows somebody.

    Args:
        key_frames (Sequence[KeyFrame]): All key times.
        count (int): Parts, at least 1.

    Returns:
        list[int]: Their indices, ascending; none for a part without persons.
    """
    chosen = []
    parts = min(count, len(key_frames))
    for part in range(parts):
        inds = range(part * len(key_frames) // parts, (part + 1) * len(key_frames) // parts)
        found = [index for index in inds if key_frames[index].persons]
        if found:
            chosen.append(max(found, key=lambda index: key_frames[index].persons[0].score))
    return chosen


def summarize(result: VideoResult, until: Optional[float] = None) -> str:
    """Says in a sentence or two what was found.

    Args:
        result (VideoResult): The result.
        until (float, optional): Second at which the detection was stopped. Defaults to the end.

    Returns:
        str: Markdown.
    """
    persons = [person for entry in result['detections'] for person in entry['persons']]
    count = len({person['id'] for person in persons})
    labels = sorted({action['label'] for person in persons for action in person['actions']})
    size = f'{result["duration"]:.1f} s, {result["width"]}x{result["height"]}, {result["fps"]:g} fps'
    text = f'`{result["video"]}` ({size}): '
    text += f'{count} {"person" if count == 1 else "people"}: {", ".join(labels)}.' if count else \
        'nobody was found. A lower threshold shows more.'
    if until is not None:
        text += f' Stopped: this is what was found in the first {until:.1f} s.'
    if result['broken_from'] is not None:
        text += f' The file is damaged from second {result["broken_from"]:.2f} on.'
    return text
