"""Detects in all videos below a folder.

    python tools/infer_videos.py FOLDER CONFIG CHECKPOINT --out DIR
    torchrun --standalone --nproc_per_node 8 tools/infer_videos.py ... --out DIR --launcher pytorch
    srun -n 16 --gres=gpu:8 --ntasks-per-node=8 python tools/infer_videos.py ... --out DIR --launcher slurm

DIR gets, on a file system that all processes share:

    detections/VIDEO.parquet   a row for each detection; mmstep/apis/parquet_results.py explains the columns
    videos.csv                 at the end, a line for each video: error, length, size, number of detections
    run.json                   the settings and the classes
    unfinished/                what a run that goes on or was killed has of the videos it was in; gone at the end

The same command goes on where it stopped, after kill -9 too, with any number of processes: videos that are done are
left alone, and one in the middle loses the last seconds of work at most. A video that cannot be read is recorded with
its reason, the rest goes on, and the exit code is 1 at the end; the next run tries it again. docs/large_archives.rst
tells of whole archives. With --fps a folder of numbered pictures is a video, too.
"""
import argparse
import datetime
import hashlib
import os
import os.path as osp
import sys
from contextlib import nullcontext
from typing import List, Optional, Sequence, Tuple

import torch
from mmengine.dist import all_gather_object, broadcast_object_list, get_dist_info, init_dist
from rich.console import Console
from rich.progress import Progress

from mmstep.apis import STEPInferencer
from mmstep.apis.archive.archive_run import ArchiveRun, list_archive
from mmstep.apis.archive.own_results import refuse_foreign_results
from mmstep.apis.archive.resumable_inference import infer_file
from mmstep.apis.init_detector import require_weights, weight_files
from mmstep.engine.arguments import add_config_argument, add_inference_arguments, add_picture_arguments
from mmstep.engine.processes import end_with_launcher, start_cpu_processes
from mmstep.errors import LaunchError
from mmstep.video import list_inputs

# The first process to end waits for the last one: a long film may keep that busy for days.
LONGEST_WAIT = datetime.timedelta(days=30)
SHOWN_ERRORS = 20
PART = 2**24  # bytes of a checkpoint that are read at once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = 'example: %(prog)s videos CONFIG CHECKPOINT --out results'
    parser.add_argument('folder', help='folder of videos, searched with its subfolders')
    add_config_argument(parser, nargs='?', default='step_tiny_mini-ava')
    parser.add_argument(
        'checkpoint', nargs='?', help='checkpoint file; a fusion of trained streams has none of its own')
    parser.add_argument('--out', required=True, help='folder of the results')
    parser.add_argument('--stride', type=float, help='seconds between key times; default: the length of a clip')
    parser.add_argument('--score-thr', type=float, default=0.3, help='actions under it are left out')
    parser.add_argument('--batch-size', type=int, default=1, help='windows that go through the model at once')
    add_picture_arguments(parser)
    add_inference_arguments(parser)
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='job launcher')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by the launcher')


def parse_args(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_intermixed_args(argv)  # CHECKPOINT may stand behind options
    if args.batch_size < 1:
        parser.error(f'--batch-size must be at least 1, got {args.batch_size}')
    if args.stride is not None and not 0 < args.stride < float('inf'):
        parser.error(f'--stride must be more than 0 seconds, got {args.stride}')
    if not 0 <= args.score_thr <= 1:
        parser.error(f'--score-thr must be in 0..1, got {args.score_thr}')
    return args


def start_processes(launcher: str) -> Tuple[int, int]:
    """Joins the other processes, if there are any.

    Args:
        launcher (str): 'none', 'pytorch', 'slurm' or 'mpi'.

    Returns:
        tuple[int, int]: Number of this process and how many there are.

    Raises:
        LaunchError: If torchrun started this process and the launcher is 'none'.
    """
    if launcher == 'none' and int(os.environ.get('WORLD_SIZE', 1)) > 1:
        raise LaunchError('torchrun started several processes, which would all do the same: add --launcher pytorch.')
    if launcher == 'pytorch':
        end_with_launcher()
    if launcher != 'none':
        if torch.cuda.is_available():
            init_dist(launcher, backend='gloo')  # whose barrier waits for as long as it is told to
        else:
            start_cpu_processes(launcher)
    return get_dist_info()


def settings(args: argparse.Namespace, inferencer: STEPInferencer) -> dict:
    """What the results depend on."""
    weights = hashlib.sha256()
    for path in weight_files(inferencer.cfg, inferencer.weights):
        with open(path, 'rb') as file:
            while part := file.read(PART):
                weights.update(part)
    return dict(
        model=hashlib.sha256(str(inferencer.cfg.to_dict()).encode()).hexdigest()[:16],
        weights=weights.hexdigest()[:16],
        stride=args.stride,
        score_thr=args.score_thr,
        model_fps=args.model_fps,
        **({} if args.fps is None else dict(fps=args.fps)),  # of which runs of earlier versions know nothing
        **(dict(backend=args.backend) if args.backend else {}),
        **(dict(dtype=args.dtype) if args.dtype != 'fp32' else {}),
        classes=inferencer.classes,
        class_ids=inferencer.class_ids)


def list_videos(args: argparse.Namespace, rank: int) -> List[str]:
    """Lists the folder once for all processes, and refuses outputs that are no results of earlier runs.

    Args:
        args (argparse.Namespace): The command line.
        rank (int): Number of this process.

    Returns:
        list[str]: All videos.
    """
    listed: List[Optional[List[str]]] = [None]
    if rank == 0:
        videos = [args.only] if args.only else list_archive(args.folder, pictures=args.fps is not None)
        paths = (osp.join(args.folder, video) for video in videos)
        refuse_foreign_results(args.out, videos, [args.config, args.checkpoint, *paths])
        listed = [videos]
    broadcast_object_list(listed)  # a folder that grows or shrinks just now would look different to each process
    return listed[0] or []


def share_out(run: ArchiveRun, videos: List[str], rank: int, world: int) -> List[str]:
    """Shares out what is not done.

    Args:
        run (ArchiveRun): What is done.
        videos (list[str]): All videos.
        rank (int): Number of this process.
        world (int): How many there are.

    Returns:
        list[str]: What this process has to do.
    """
    missing = all_gather_object([video for video in videos[rank::world] if not run.is_done(video)])
    missing = {video for part in missing for video in part}
    return [video for video in videos if video in missing][rank::world]


def infer_share(args: argparse.Namespace, videos: List[str], rank: int, world: int) -> None:
    """Does this process's videos; the first process keeps other runs out, and sums up at the end."""
    device = args.device
    if device == 'auto' and torch.cuda.is_available():
        device = f'cuda:{torch.cuda.current_device()}'
    inferencer = STEPInferencer(
        args.config,
        args.checkpoint,
        device,
        cfg_options=args.cfg_options,
        show_progress=False,
        backend=args.backend,
        dtype=args.dtype,
        flow_method=args.flow_method)
    run = ArchiveRun(args.out, settings(args, inferencer))
    with run.lock() if rank == 0 else nullcontext():
        infer_missing(args, inferencer, run, videos, rank, world)


def infer_missing(args: argparse.Namespace, inferencer: STEPInferencer, run: ArchiveRun, videos: List[str], rank: int,
                  world: int) -> None:
    """Does what is not done yet."""
    mine = share_out(run, videos, rank, world)
    options = dict(
        stride=args.stride,
        score_thr=args.score_thr,
        batch_size=args.batch_size,
        fps=args.fps,
        model_fps=args.model_fps)
    with Progress(disable=rank > 0, console=Console(stderr=True)) as progress:
        for video in progress.track(mine, description='videos'):
            run.add(video, infer_file(inferencer, run, args.folder, video, **options))
    if world > 1:  # a launcher ends all processes as soon as one of them fails
        torch.distributed.monitored_barrier(timeout=LONGEST_WAIT)
    if rank == 0:
        errors = run.summarise(videos)
        print(f'{len(videos) - len(errors)} of {len(videos)} videos are in {args.out}')
        if errors:
            shown = [f'  {video}: {error}' for video, error in list(errors.items())[:SHOWN_ERRORS]]
            more = [f'  and {len(errors) - SHOWN_ERRORS} more, see videos.csv'] if len(errors) > SHOWN_ERRORS else []
            raise LaunchError('\n'.join([f'{len(errors)} videos could not be read:', *shown, *more]))


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Goes through the folder."""
    args = parse_args(argv)
    if not osp.isdir(args.folder):
        raise LaunchError(f'The folder of videos {args.folder} does not exist.')
    args.only = None
    if args.fps is not None and list_inputs(args.folder) == [args.folder]:  # the folder itself is one video
        args.folder, args.only = osp.split(osp.abspath(args.folder))
    if args.checkpoint is not None and not osp.isfile(args.checkpoint):
        raise LaunchError(f'The checkpoint {args.checkpoint} does not exist.')
    args.checkpoint = require_weights(args.config, args.checkpoint)
    rank, world = start_processes(args.launcher)
    try:
        infer_share(args, list_videos(args, rank), rank, world)
    except LaunchError as error:
        if int(os.environ.get('LOCAL_RANK', 0)) > 0:  # of whose errors run_tool says nothing
            print(f'Process {rank}: {error}', file=sys.stderr)
        raise
