"""Shows live who does what in front of a camera, in a network stream or in a file that is played.

    python demo/webcam_demo.py CONFIG CHECKPOINT                              # camera 0, in a window; q ends it
    python demo/webcam_demo.py CONFIG CHECKPOINT --input rtsp://host/stream --serve 8000     # in a browser
    python demo/webcam_demo.py CONFIG CHECKPOINT --input 0 --out out.mp4 --no-display        # into a file
    python demo/webcam_demo.py CONFIG CHECKPOINT --no-display --jsonl - | other_program      # a line of JSON a result

Capture, detection and display run side by side. A model that is slower than the camera leaves out key times, and what
is shown never falls further behind. STEP looks into the future too: what happens at a time is known half a window
later at the earliest. So the picture is shown so much later that the boxes lie where the persons are; --delay 0 shows
it at once, with the boxes of the last result.

A camera that is unplugged or a stream that breaks is opened again after waits that grow up to half a minute. q in the
window, Ctrl-C, SIGTERM and the end of a file end the program cleanly; it then says what it did.
"""
import argparse
import sys
from contextlib import ExitStack
from functools import partial
from typing import Any, Callable, List, Optional, Sequence

from mmstep.apis import KeyFrame, StreamingDetector, class_ids, init_detector, window_layout
from mmstep.apis.init_detector import require_weights
from mmstep.apis.live import (RTSP_TRANSPORTS, LabelHold, LiveSession, LiveSource, MessageSender, MjpegServer,
                              PacedWriter, Playback, choose_rtsp_transport, clock_time, display_size, open_target,
                              open_window, parse_address, read_label_names, result_message, show_live, stop_on_signals)
from mmstep.engine.arguments import add_config_argument, add_inference_arguments
from mmstep.engine.config_files import config_path
from mmstep.utils import refuse_overwriting

# The picture is never shown later than this many windows.
MAX_DELAY_WINDOWS = 1.8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Live detection of persons and their actions'
    parser.epilog = 'example: %(prog)s CONFIG CHECKPOINT --input rtsp://host/stream --serve 8000'
    add_config_argument(parser, nargs='?')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint file of the model; none for a fusion of trained streams (default: the weights that come with '
        'the model)')
    parser.add_argument('--config', dest='config_option', type=config_path, metavar='CONFIG', help='the same by name')
    parser.add_argument('--checkpoint', dest='checkpoint_option', metavar='CHECKPOINT', help='the same by name')
    parser.add_argument(
        '--input',
        '--input-video',
        default='0',
        metavar='SOURCE',
        help='number of a camera, rtsp://... or http://..., or a file, which is played (default: 0)')
    parser.add_argument('--loop', action='store_true', help='play a file again and again')
    parser.add_argument(
        '--rtsp-transport', choices=RTSP_TRANSPORTS, help='how rtsp:// comes (default: tcp, which loses nothing)')
    parser.add_argument('--out', '--out-filename', metavar='OUT.mp4', help='also write what is shown to a file')
    parser.add_argument(
        '--no-display',
        dest='display',
        action='store_false',
        help='open no window; without --out and --serve, results are printed')
    parser.add_argument('--show', dest='display', action='store_true', default=True, help='open one (the default)')
    parser.add_argument(
        '--serve', type=int, metavar='PORT', help='show the picture at http://127.0.0.1:PORT/ instead of in a window')
    parser.add_argument(
        '--host',
        default='127.0.0.1',
        help='with --serve: 0.0.0.0 lets other machines see the picture, without a login (default: this one only)')
    parser.add_argument(
        '--jsonl',
        nargs='+',
        default=[],
        metavar='TARGET',
        help='tell other programs each result as a line of JSON: - for standard output, a file, or http://...')
    parser.add_argument(
        '--times',
        choices=('source', 'clock'),
        default='source',
        help='times that are printed: seconds of the file or stream, or date and time (default: source)')
    parser.add_argument(
        '--score-thr',
        '--action-score-thr',
        type=float,
        default=0.3,
        help='score from which an action is shown (default: 0.3)')
    parser.add_argument(
        '--label-map',
        metavar='FILE',
        help='names of the classes (.pbtxt, or a name in each line) instead of those in the config')
    parser.add_argument('--stride', type=float, metavar='SECONDS', help='time between key times (default: one clip)')
    parser.add_argument('--predict-stepsize', type=int, metavar='N', help='the same in frames of the model')
    parser.add_argument(
        '--delay',
        type=float,
        metavar='SECONDS',
        help='show the picture so much later (default: as long as results take)')
    parser.add_argument(
        '--output-fps', type=float, default=15, help='pictures shown and written a second (default: 15)')
    parser.add_argument(
        '--display-height',
        type=int,
        default=0,
        help='of the picture shown (default: that of the '
        'source, at most 1280x720)')
    parser.add_argument('--display-width', type=int, default=0, help='likewise')
    parser.add_argument('--max-seconds', type=float, metavar='SECONDS', help='end after so long')
    add_inference_arguments(parser)


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
    args.config = args.config_option or args.config
    args.checkpoint = args.checkpoint_option or args.checkpoint
    check_args(parser, args)
    return args


def check_args(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Ends with a message if the command line makes no sense."""
    if not args.config:
        parser.error('CONFIG and CHECKPOINT of the model are needed')
    if not 0 < args.score_thr <= 1:
        parser.error(f'--score-thr must be over 0 and at most 1, got {args.score_thr}')
    for name in ('stride', 'predict_stepsize', 'output_fps', 'max_seconds', 'model_fps'):
        value = getattr(args, name)
        if value is not None and not 0 < value < float('inf'):
            parser.error(f'--{name.replace("_", "-")} must be more than 0, got {value}')
    for name in ('delay', 'display_height', 'display_width', 'serve'):
        value = getattr(args, name)
        if value is not None and not 0 <= value < float('inf'):
            parser.error(f'--{name.replace("_", "-")} must not be negative, got {value}')
    if args.stride is not None and args.predict_stepsize is not None:
        parser.error('--stride and --predict-stepsize say the same: give one of them')


def build_detector(args: argparse.Namespace, labels: LabelHold) -> StreamingDetector:
    """Builds the detector."""
    model: Any = init_detector(args.config, args.checkpoint, args.device, args.cfg_options, args.backend, args.dtype,
                               args.flow_method)
    if args.label_map:
        chosen = class_ids(model.cfg, 0)
        model.cfg.class_names = read_label_names(args.label_map, chosen)
    stride = args.stride
    if args.predict_stepsize:
        stride = args.predict_stepsize / window_layout(model.cfg, args.model_fps).fps
    return StreamingDetector(model, stride=stride, score_thr=labels.keep_thr, model_fps=args.model_fps)


def terminal(args: argparse.Namespace):
    """Where people are told something: not where another program reads JSON."""
    return sys.stderr if '-' in args.jsonl else sys.stdout


def open_senders(args: argparse.Namespace, stack: ExitStack) -> List[MessageSender]:
    """Opens what other programs are told by."""
    senders = []
    for target in args.jsonl:
        senders.append(MessageSender(open_target(target)))
        stack.callback(senders[-1].close)
    return senders


def open_sinks(args: argparse.Namespace, stack: ExitStack) -> list:
    """Opens the window or the browser's page; before the model, whose loading would delay the news that neither
    works."""
    sinks = []
    if args.serve is not None:
        sinks.append(MjpegServer(args.serve, host=args.host))
        print(f'in a browser: {sinks[-1].address}', file=terminal(args))
    elif args.display:
        sinks.append(open_window('mmstep'))
    for sink in sinks:
        stack.callback(sink.close)
    return sinks


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the demo."""
    args = parse_args(argv)
    args.checkpoint = require_weights(args.config, args.checkpoint)
    refuse_overwriting([args.out, *args.jsonl], [args.input, args.config, args.checkpoint, args.label_map])
    if args.rtsp_transport:
        choose_rtsp_transport(args.rtsp_transport)
    labels = LabelHold(args.score_thr)
    with ExitStack() as stack:
        senders = open_senders(args, stack)
        sinks = open_sinks(args, stack)
        detector = build_detector(args, labels)
        window = detector.layout.num_frames / detector.layout.fps
        playback = Playback(
            max_delay=max(MAX_DELAY_WINDOWS * window, args.delay or 0),
            interval=1 / args.output_fps,
            delay=args.delay or 0)
        if args.delay is None:
            # What is to be expected, until the first results tell.
            playback.aim(detector.latency + detector.stride_seconds)
        session = LiveSession(detector, labels, playback, reach=window, fixed_delay=args.delay is not None)
        stack.enter_context(stop_on_signals(session.stop))
        stream = LiveSource(parse_address(args.input), session.stop, session.note, args.loop)
        session.size = display_size((stream.width, stream.height), args.display_width, args.display_height)
        shown = f'{session.size[0]}x{session.size[1]}'
        print(
            f'{stream.path}: {stream.width}x{stream.height}, shown at {shown}; window {window:.1f} s, a result '
            f'every {detector.stride_seconds:.2g} s at most. Ctrl-C ends it',
            file=terminal(args))
        if args.out:
            sinks.append(stack.enter_context(PacedWriter(args.out, args.output_fps, session.size)))
        session.on_result = partial(tell, session, stream.path, senders,
                                    print_result if not sinks and '-' not in args.jsonl else None, args.times)
        stack.callback(session.close)
        session.start(stream)
        show_live(session, sinks, args.output_fps, args.max_seconds)
    report(args, session, senders)


def tell(session: LiveSession, source: str, senders: Sequence[MessageSender],
         show: Optional[Callable[[KeyFrame, str], None]], times: str, key_frame: KeyFrame) -> None:
    """Hands a result on to other programs and to the terminal."""
    for sender in senders:
        sender.send(result_message(key_frame, source, session.begun))
    if show is not None:
        seconds = max(key_frame.time - session.begun, 0)
        show(key_frame, clock_time(key_frame.time) if times == 'clock' else f'{seconds:10.2f} s')


def print_result(key_frame: KeyFrame, time: str) -> None:
    """Prints who does what, a line for each key time."""
    persons = [
        f'person {person.person_id}: ' + ', '.join(f'{label} {score:.2f}' for label, score in person.actions)
        for person in key_frame.persons
    ]
    print(f'{time}  ' + ('; '.join(persons) or 'nobody'), flush=True)


def report(args: argparse.Namespace, session: LiveSession, senders: Sequence[MessageSender]) -> None:
    """Says what was done."""
    stats = session.stats
    print(
        f'frames: {stats.frames}, results: {stats.results}, left out: {stats.dropped} ({stats.drop_rate:.0%}), '
        f'breaks: {stats.breaks}, longest delay: {stats.max_delay:.1f} s, oldest result: {stats.max_result_age:.1f} s',
        file=terminal(args))
    for sender in senders:
        print(sender.report, file=terminal(args))
    if args.out:
        print(f'video: {args.out}', file=terminal(args))
