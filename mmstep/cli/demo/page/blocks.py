"""The layout of the page, and what its buttons do."""
import os.path as osp
import threading
from typing import Any, Dict, List, Sequence, Set

import cv2
import gradio as gr
import numpy as np

from mmstep.apis import VideoSource, class_names
from ..web_guard import UploadedVideo
from .html_timeline import TimelineView, render_timeline
from .step_figures import render_steps
from .visit import LEAST, VideoPage, summarize

KEEP_SECONDS = 3600
EXAMPLE_HEIGHT = 160  # of an example's picture, pixels
ALL = 'all'
TITLE = '# Who does what, when and where\nActions of people in a video, by STEP: no person detector, no proposals.'


def build_page(page: VideoPage, examples: Sequence[str], max_mb: int) -> gr.Blocks:
    """Lays out the page.

    Args:
        page (VideoPage): What it does.
        examples (Sequence[str]): Paths of example videos, may be empty.
        max_mb (int): Largest file that is taken, MB.

    Returns:
        gr.Blocks: The page, not yet served.
    """
    halts: Dict[str, threading.Event] = {}  # by visit
    drawing: Set[str] = set()  # visits whose video is being drawn
    first = next(iter(page.models))
    # Without analytics nothing is asked of or told to other machines.
    with gr.Blocks(title='mmstep', analytics_enabled=False, delete_cache=(KEEP_SECONDS, KEEP_SECONDS)) as blocks:
        detected = gr.State(time_to_live=KEEP_SECONDS)
        tracks = gr.State(time_to_live=KEEP_SECONDS)
        gr.Markdown(f'{TITLE} Videos of up to {page.max_minutes:g} minutes and {max_mb} MB are taken.')
        with gr.Row():
            with gr.Column():
                # Not every camera has a microphone, and nobody listens.
                camera = gr.WebcamOptions(constraints=dict(audio=False))
                video = UploadedVideo(
                    label='Video', sources=['upload', 'webcam'], webcam_options=camera, elem_id='video')
                if examples:
                    _add_examples(examples, video)
                model = gr.Dropdown(list(page.models), value=first, label='Model', elem_id='model')
                with gr.Accordion('Actions that this model knows', open=False, elem_id='actions'):
                    actions = gr.Markdown(known_actions(page, first))
                score_thr = gr.Slider(
                    LEAST,
                    0.95,
                    value=0.3,
                    step=0.05,
                    label='Score threshold',
                    info='Moving it draws anew, without detecting again.',
                    elem_id='score_thr')
                with gr.Row():
                    button = gr.Button('Detect', variant='primary', elem_id='detect')
                    halt = gr.Button('Stop', interactive=False, elem_id='stop')
            with gr.Column():
                drawn = gr.Video(label='What was found', elem_id='drawn', interactive=False)
                said = gr.Markdown(elem_id='summary')
                with gr.Row():
                    as_json = gr.DownloadButton('JSON', elem_id='json', interactive=False)
                    as_csv = gr.DownloadButton('AVA csv', elem_id='csv', interactive=False)
        with gr.Column(visible=False, elem_id='timeline_part') as timeline_part:
            gr.Markdown('## Who did what when')
            with gr.Row():
                search = gr.Textbox(
                    '',
                    label='Search',
                    info='Part of an action, or the number of a person',
                    max_lines=1,
                    elem_id='search')
                most = gr.Dropdown(['5', '20', '50', ALL], value='20', label='People shown', info='Longest first')
                shortest = gr.Slider(0, 10, value=0, step=0.5, label='At least so many seconds')
            timeline = gr.HTML(elem_id='timeline')
        with gr.Column(visible=False, elem_id='steps_part') as steps_part:
            gr.Markdown('## How the boxes move over the steps')
            steps = gr.HTML(elem_id='steps')

        def halt_of(request: gr.Request) -> threading.Event:
            return halts.setdefault(request.session_hash or '', threading.Event())

        def begin(request: gr.Request) -> tuple:
            halt_of(request).clear()
            return gr.Button(interactive=False), gr.Button(interactive=True)

        def begin_redraw(request: gr.Request) -> tuple:
            # What is being drawn is of another threshold: it ends, and the newest one is next.
            if request.session_hash in drawing:
                halt_of(request).set()
            return gr.Button(interactive=False), gr.Button(interactive=True)

        def end() -> tuple:
            return gr.Button(interactive=True), gr.Button(interactive=False)

        def stop_run(request: gr.Request) -> None:
            halt_of(request).set()

        def leave(request: gr.Request) -> None:
            # Who has gone waits for nothing.
            halts.pop(request.session_hash or '', threading.Event()).set()

        def results(found, threshold, text, shown_most, seconds, request, progress):
            shown = page.show(found, threshold)
            view = _view(text, shown_most, seconds)
            yield {
                detected: found,
                tracks: (shown.tracks, found.run.result['duration']),
                said: summarize(shown.result, found.until),
                timeline_part: gr.Column(visible=True),
                timeline: render_timeline(shown.tracks, found.run.result['duration'], view),
                steps_part: gr.Column(visible=bool(shown.steps)),
                steps: render_steps(shown.steps)
            }
            visit = request.session_hash or ''
            drawing.add(visit)
            try:
                files = page.draw(found, shown, progress, halt_of(request))
            finally:
                drawing.discard(visit)
            yield {
                drawn: files.video,
                said: summarize(shown.result, found.until),
                as_json: gr.DownloadButton(value=files.json, interactive=True),
                as_csv: gr.DownloadButton(value=files.csv, interactive=True)
            }

        # Gradio fills in the progress bar that is the default value.
        def detect(path, name, threshold, text, shown_most, seconds, request: gr.Request, progress=gr.Progress()):
            found = page.detect(path, name, progress, halt_of(request))
            yield from results(found, threshold, text, shown_most, seconds, request, progress)

        def redraw(found, threshold, text, shown_most, seconds, request: gr.Request, progress=gr.Progress()):
            if found is not None:
                halt_of(request).clear()
                yield from results(found, threshold, text, shown_most, seconds, request, progress)

        def filter_timeline(kept, text, shown_most, seconds):
            if not kept:
                return ''
            people, duration = kept
            return render_timeline(people, duration, _view(text, shown_most, seconds))

        view = [search, most, shortest]
        outputs = [detected, tracks, drawn, said, timeline_part, timeline, steps_part, steps, as_json, as_csv]
        buttons = [button, halt]
        for start, first_step, work, inputs, mode in ((button.click, begin, detect, [video, model, score_thr], 'once'),
                                                      (score_thr.release, begin_redraw, redraw, [detected, score_thr],
                                                       'always_last')):
            # One video at a time: the models share the machine.
            start(
                first_step, None, buttons, queue=False, trigger_mode='multiple').then(
                    work, [*inputs, *view],
                    outputs,
                    concurrency_id='machine',
                    concurrency_limit=1,
                    trigger_mode=mode,
                    show_progress_on=[drawn]).then(
                        end, None, buttons, queue=False)
        halt.click(stop_run, None, None, queue=False)
        control: Any
        for control in view:
            control.change(filter_timeline, [tracks, *view], timeline, queue=False, show_progress='hidden')
        model.change(lambda name: known_actions(page, name), model, actions, queue=False)
        blocks.unload(leave)
    return blocks


def known_actions(page: VideoPage, name: str) -> str:
    """Lists the actions that a model tells apart.

    Args:
        page (VideoPage): Has the models.
        name (str): The model's.

    Returns:
        str: Markdown.
    """
    names = class_names(page.models[name].model.cfg)
    return ', '.join(sorted(names)) + '.' if names else 'The config of this model does not name its classes.'


def _view(text: str, most: str, seconds: float) -> TimelineView:
    return TimelineView(10**6 if most == ALL else int(most), text or '', seconds)


def _add_examples(examples: Sequence[str], video: gr.Video) -> None:
    """Pictures of the examples with their names; a press takes the video."""
    pictures = [(example_picture(path), osp.splitext(osp.basename(path))[0]) for path in examples]
    gallery = gr.Gallery(
        pictures,
        label='Examples: press one to take it',
        columns=4,
        height='auto',
        object_fit='contain',
        allow_preview=False,
        buttons=[],
        interactive=False,
        elem_id='examples')

    def take(event: gr.SelectData) -> Any:
        return examples[event.index]

    gallery.select(take, None, video, queue=False, show_progress='hidden')


def example_picture(path: str) -> np.ndarray:
    """The frame in the middle of a video, small.

    Args:
        path (str): The video.

    Returns:
        np.ndarray: (160, W, 3) uint8, RGB.
    """
    source = VideoSource(path)
    frame = source.frames_at([source.duration / 2])[0]
    width = max(round(source.width * EXAMPLE_HEIGHT / source.height), 1)
    return cv2.resize(frame, (width, EXAMPLE_HEIGHT), interpolation=cv2.INTER_AREA)


__all__: List[str] = ['build_page', 'example_picture', 'known_actions']
