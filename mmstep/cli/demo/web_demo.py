"""A page in the browser: drop a video, see who does what, when and where.

    python demo/web_demo.py CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]

then open http://127.0.0.1:7860. A video is uploaded or recorded by the camera; what comes back is the video with what
was found drawn in, a timeline of everybody's actions, how the boxes move over the steps, and the detections as JSON
(form: demo/demo_video.py) and as csv in AVA's form. Visitors at the same time wait in a queue. Files of visits lie in
a temporary folder: each is removed after an hour or two, the folder when Ctrl-C or SIGTERM ends the program, and that
of a killed program when the next one starts.
Neither ffmpeg nor a network is needed.
"""
import argparse
import os
import os.path as osp
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence

import gradio as gr
import plotly.graph_objects as go
from starlette.middleware import Middleware

from mmstep.apis import (STEPInferencer, VideoError, VideoResult, VideoRun, paint_run, paint_steps, person_tracks,
                         trace_steps, write_result)
from mmstep.apis.drawing import has_steps
from mmstep.apis.live import stop_on_signals
from mmstep.apis.live.trusted_host import OWN_NAMES, machine_names
from mmstep.engine.arguments import add_backend_argument, add_device_argument, add_dtype_argument
from mmstep.errors import LaunchError
from mmstep.utils import shorten_name, write_image
from mmstep.visualization.timeline_plot import plot_timeline
from .example_videos import find_examples
from .web_guard import RequestGuard, UploadedVideo, folder_of_server, visitors_error

STEP_COLUMNS = 4  # key frames in the picture of the steps
KEEP_SECONDS = 3600
TITLE = '# Who does what, when and where\nActions of people in a video, by STEP: no person detector, no proposals.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'A page in the browser that detects in uploaded videos'
    parser.add_argument('models', nargs='+', metavar='CONFIG CHECKPOINT', help='one or several pairs, to choose from')
    parser.add_argument('--examples', default='data/mini/videos', help='folder of example videos, if it is there')
    add_device_argument(parser)
    add_backend_argument(parser)
    add_dtype_argument(parser)
    parser.add_argument('--host', default='127.0.0.1', help='0.0.0.0 lets other machines in (default: this one only)')
    parser.add_argument('--port', type=int, default=7860)
    parser.add_argument('--max-minutes', type=float, default=10, help='longest video that is taken (default: 10)')
    parser.add_argument('--max-mb', type=int, default=500, help='largest file that is taken, MB (default: 500)')
    parser.add_argument(
        '--allow-host', nargs='+', default=[], metavar='NAME', help='further names under which the page is reached')


def parse_args(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    if len(args.models) % 2:
        parser.error('models come in pairs: CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]')
    return args


def load_models(paths: List[str],
                device: str,
                backend: Optional[str] = None,
                dtype: str = 'fp32') -> Dict[str, STEPInferencer]:
    """Loads the models, once for all visits.

    Args:
        paths (list[str]): Configs and checkpoints, by turns.
        device (str): Where they run.
        backend (str, optional): What runs them, see :class:`STEPInferencer`.
        dtype (str): What they compute in. Defaults to 'fp32'.

    Returns:
        dict[str, STEPInferencer]: By name of the config; with the checkpoint's where two have the same.
    """
    models = {}
    for config, checkpoint in zip(paths[::2], paths[1::2]):
        name = osp.splitext(osp.basename(config))[0]
        name = f'{name} ({checkpoint})' if name in models else name
        models[name] = STEPInferencer(config, checkpoint, device, show_progress=False, backend=backend, dtype=dtype)
    return models


class Found(NamedTuple):
    """What the page shows of a video."""
    video: str  # path of the .webm with what was found
    summary: str  # Markdown
    timeline: go.Figure
    steps: Optional[str]  # path of a .png; None if nobody was found or the model has no steps
    json: str  # path
    csv: str  # path


class Page:
    """What the page does with a video.

    Args:
        models (dict[str, STEPInferencer]): Models by name.
        folder (str): Where files of results go.
        max_minutes (float): Longest video that is taken.
        stop (threading.Event): Once it is set, a run in progress is broken off.

    Attributes:
        busy (threading.Lock): Held during a run.
    """

    def __init__(self, models: Dict[str, STEPInferencer], folder: str, max_minutes: float,
                 stop: threading.Event) -> None:
        self.models = models
        self.folder = folder
        self.max_minutes = max_minutes
        self.stop = stop
        self.busy = threading.Lock()

    def run(self, video: Optional[str], model: str, score_thr: float, progress: gr.Progress) -> Found:
        """Detects in a video.

        Args:
            video (str, optional): Its path.
            model (str): Name of the model.
            score_thr (float): Actions under it are left out.
            progress (gr.Progress): Is told how far it is.

        Returns:
            Found: What to show.

        Raises:
            gr.Error: With a message for people, if the video is missing, too long or cannot be read, or the server
                is told to end.
        """
        if video is None:
            raise gr.Error('Choose or record a video and wait until it is uploaded.', print_exception=False)
        folder = ''
        try:
            # For each run, with the video's own name for the downloads.
            folder = tempfile.mkdtemp(dir=self.folder)
            with self.busy:
                stem = osp.join(folder, shorten_name(Path(video).stem))
                return self._run(video, self.models[model], score_thr, progress, stem)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if not isinstance(error, Exception) or isinstance(error, gr.Error):
                raise
            # The folders on the server say nothing to a visitor.
            raise visitors_error(error, [osp.dirname(video), folder]) from error

    def _run(self, video: str, inferencer: STEPInferencer, score_thr: float, progress: gr.Progress,
             stem: str) -> Found:
        with inferencer.pipeline(video, name=osp.basename(video), score_thr=score_thr, stem=stem) as run:
            duration, count = run.source.duration, run.num_key_frames
            if duration > 60 * self.max_minutes:
                raise VideoError(f'The video lasts {duration / 60:.1f} minutes; this page takes up to '
                                 f'{self.max_minutes:g}. demo/demo_video.py takes any.')
            for number, _ in enumerate(run, 1):
                if self.stop.is_set():
                    raise gr.Error('The server is being stopped.', print_exception=False)
                progress((number, count), desc='detecting', unit='key frames')
            progress(None, desc='drawing')
            steps = paint_some_steps(run, f'{stem}_steps.png')
        drawn = paint_run(run, f'{stem}.webm')
        timeline = plot_timeline(person_tracks(run.result), run.result['duration'])
        return Found(drawn, summarize(run.result), timeline, steps, write_result(run.result, stem, 'json'),
                     write_result(run.result, stem, 'ava'))


def paint_some_steps(run: VideoRun, path: str) -> Optional[str]:
    """Draws some key frames with people in them, a row for each step.

    Args:
        run (VideoRun): What was found, the video still open.
        path (str): The picture.

    Returns:
        str or None: The path; None if nobody was found or the model has no steps.
    """
    found = [key_frame for key_frame in run.key_frames if key_frame.persons]
    if not found or not has_steps(run.model):
        return None
    columns = min(STEP_COLUMNS, len(found))
    chosen = [found[int((column + 0.5) * len(found) / columns)] for column in range(columns)]
    traces = [trace_steps(run.model, run.layout, run.source, key_frame) for key_frame in chosen]
    write_image(path, paint_steps(run.source, chosen, traces))
    return path


def summarize(result: VideoResult) -> str:
    """Says in a sentence or two what was found.

    Args:
        result (VideoResult): The result.

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
    if result['broken_from'] is not None:
        text += f' The file is damaged from second {result["broken_from"]:.2f} on.'
    return text


def build_page(page: Page, examples: List[str], max_mb: int) -> gr.Blocks:
    """Lays out the page.

    Args:
        page (Page): What it does.
        examples (list[str]): Paths of example videos, may be empty.
        max_mb (int): Largest file that is taken, MB.

    Returns:
        gr.Blocks: The page, not yet served.
    """

    # Gradio fills in the progress bar that is the default value.
    def detect(video, model, score_thr, progress=gr.Progress()):
        found = page.run(video, model, score_thr, progress)
        return (found.video, found.summary, found.timeline, gr.Image(found.steps, visible=found.steps is not None),
                gr.DownloadButton(value=found.json,
                                  interactive=True), gr.DownloadButton(value=found.csv, interactive=True))

    # Without analytics nothing is asked of or told to other machines.
    with gr.Blocks(title='mmstep', analytics_enabled=False, delete_cache=(KEEP_SECONDS, KEEP_SECONDS)) as blocks:
        gr.Markdown(f'{TITLE} Videos of up to {page.max_minutes:g} minutes and {max_mb} MB are taken.')
        with gr.Row():
            with gr.Column():
                # Not every camera has a microphone, and nobody listens.
                camera = gr.WebcamOptions(constraints=dict(audio=False))
                video = UploadedVideo(
                    label='Video', sources=['upload', 'webcam'], webcam_options=camera, elem_id='video')
                model = gr.Dropdown(list(page.models), value=next(iter(page.models)), label='Model', elem_id='model')
                score_thr = gr.Slider(0.05, 0.95, value=0.3, step=0.05, label='Score threshold', elem_id='score_thr')
                button = gr.Button('Detect', variant='primary', elem_id='detect')
                if examples:
                    gr.Examples(examples, video, label='Examples', elem_id='examples')
            with gr.Column():
                drawn = gr.Video(label='What was found', elem_id='drawn', interactive=False)
                said = gr.Markdown(elem_id='summary')
                with gr.Row():
                    as_json = gr.DownloadButton('JSON', elem_id='json', interactive=False)
                    as_csv = gr.DownloadButton('AVA csv', elem_id='csv', interactive=False)
        timeline = gr.Plot(label='Who did what when', elem_id='timeline')
        steps = gr.Image(
            label='How the boxes move over the steps',
            type='filepath',
            elem_id='steps',
            interactive=False,
            visible=False)
        # One video at a time: the models share the machine.
        button.click(
            detect, [video, model, score_thr], [drawn, said, timeline, steps, as_json, as_csv],
            concurrency_limit=1,
            show_progress_on=[drawn])
    return blocks


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Serves the page until it is told to end."""
    args = parse_args(argv)
    models = load_models(args.models, args.device, args.backend, args.dtype)
    stop = threading.Event()
    with folder_of_server() as folder, stop_on_signals(stop):
        visits, copies = osp.join(folder, 'visits'), osp.join(folder, 'examples')
        os.mkdir(visits)
        os.mkdir(copies)
        # Where Gradio keeps uploads; results lie there too, so that it removes both when they are old.
        os.environ['GRADIO_TEMP_DIR'] = visits
        page = Page(models, visits, args.max_minutes, stop)
        blocks = build_page(page, find_examples(args.examples, copies), args.max_mb)
        local = args.host in OWN_NAMES
        names = {*(OWN_NAMES if local else machine_names()), args.host.lower(), *map(str.lower, args.allow_host)}
        guard = Middleware(RequestGuard, names=names, addresses=not local, max_bytes=args.max_mb * 2**20)
        try:
            blocks.launch(
                max_file_size=args.max_mb * 2**20,
                app_kwargs=dict(middleware=[guard]),
                server_name=args.host,
                server_port=args.port,
                footer_links=[],
                run_history=False,
                quiet=True,
                prevent_thread_lock=True)
        except OSError as error:
            raise LaunchError(f'{args.host}:{args.port} cannot be served: {error}. Give another --port') from error
        print(f'The page is at {blocks.local_url} (Ctrl-C ends it)', flush=True)
        stop.wait()
        blocks.close(verbose=False)
        # Its last files are written before their folder goes.
        page.busy.acquire()
