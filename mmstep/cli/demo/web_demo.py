"""A page in the browser: drop a video, see who does what, when and where.

    python demo/web_demo.py CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]

then open http://127.0.0.1:7860. A video is uploaded or recorded by the camera; what comes back is the video with what
was found drawn in, a timeline of everybody's actions which seeks the video, how the boxes move over the steps, and the
detections as JSON (form: demo/demo_video.py) and as csv in AVA's form. Another threshold draws anew without detecting
again; Stop ends a run with what was found up to then. Visitors at the same time wait in a queue. Files of visits lie
in a temporary folder: each is removed after an hour or two, the folder when Ctrl-C or SIGTERM ends the program, and
that of a killed program when the next one starts.
Neither ffmpeg nor a network is needed.
"""
import argparse
import os
import os.path as osp
import threading
from typing import Dict, List, Optional, Sequence

from starlette.middleware import Middleware

from mmstep.apis import STEPInferencer
from mmstep.apis.init_detector import require_weights
from mmstep.apis.live import stop_on_signals
from mmstep.apis.live.trusted_host import OWN_NAMES, machine_names
from mmstep.engine.arguments import add_backend_argument, add_device_argument, add_dtype_argument
from mmstep.errors import LaunchError
from .example_videos import find_examples
from .model_pairs import pair_models
from .page import VideoPage, build_page
from .page.look import CSS, SCRIPT
from .web_guard import RequestGuard, folder_of_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'A page in the browser that detects in uploaded videos'
    parser.epilog = 'example: %(prog)s CONFIG CHECKPOINT --port 8080'
    parser.add_argument(
        'models',
        nargs='*',
        default=['step_tiny_mini-ava'],
        metavar='CONFIG CHECKPOINT',
        help='one or several pairs, to choose from; a fusion of trained streams has no CHECKPOINT (default: the model '
        'that comes with mmstep, which knows drawn figures only)')
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
    if pair_models(args.models) is None:
        parser.error('models come in pairs: CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]')
    return args


def load_models(paths: List[str],
                device: str,
                backend: Optional[str] = None,
                dtype: str = 'fp32') -> Dict[str, STEPInferencer]:
    """Loads the models, once for all visits.

    Args:
        paths (list[str]): Configs and checkpoints, see :func:`pair_models`.
        device (str): Where they run.
        backend (str, optional): What runs them, see :class:`STEPInferencer`.
        dtype (str): What they compute in. Defaults to 'fp32'.

    Returns:
        dict[str, STEPInferencer]: By name of the config; with the checkpoint's where two have the same.
    """
    models = {}
    for config, checkpoint in pair_models(paths) or ():
        checkpoint = require_weights(config, checkpoint)
        name = osp.splitext(osp.basename(config))[0]
        name = f'{name} ({checkpoint})' if name in models else name
        models[name] = STEPInferencer(config, checkpoint, device, show_progress=False, backend=backend, dtype=dtype)
    return models


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
        page = VideoPage(models, visits, args.max_minutes, stop)
        examples = find_examples(args.examples, copies)
        blocks = build_page(page, examples, args.max_mb)
        local = args.host in OWN_NAMES
        names = {*(OWN_NAMES if local else machine_names()), args.host.lower(), *map(str.lower, args.allow_host)}
        guard = Middleware(RequestGuard, names=names, addresses=not local, max_bytes=args.max_mb * 2**20)
        try:
            blocks.launch(
                css=CSS,
                js=SCRIPT,
                # Of these alone: a folder would be open to all.
                allowed_paths=examples,
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
