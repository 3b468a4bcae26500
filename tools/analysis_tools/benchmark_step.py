"""Time and peak memory of one window: test and one training iteration.

    python tools/analysis_tools/benchmark_step.py configs/step/step_i3d_ava.py

Needs no data: the window is random, with two actors. Each measurement runs in a process of its own, so that its peak
memory is its own, on CUDA if there is a device. Times are medians over ``--repeat`` runs after one to warm up; all are
given as multiples of the backbone's forward pass too, which is what to compare between machines. A fusion of trained
streams is only tested.
"""
import argparse
import multiprocessing
import resource
import statistics
import time

import mmengine
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData

import mmstep  # noqa: F401  registers the components
from mmstep.engine.arguments import add_config_argument
from mmstep.engine.launch import run_tool


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    add_config_argument(parser)
    parser.add_argument('--batch-size', type=int, default=1)
    parser.add_argument('--repeat', type=int, default=3, help='timed runs of each part')
    return parser.parse_args()


def parts(cfg: Config) -> tuple:
    """What is measured of a config."""
    return ('backbone', 'test') if cfg.model.type == 'StreamFusion' else ('backbone', 'test', 'train')


def input_size(cfg: Config) -> tuple:
    """Width and height of the network input, from the last Resize of the test pipeline."""
    return [t['scale'] for t in cfg.test_dataloader.dataset.pipeline if t['type'] in ('Resize', 'TubeResize')][-1]


def window_size(cfg: Config) -> tuple:
    """Frames and feature frames of a window, from the sampling of the test pipeline."""
    samplers = ('SampleTubeWindow', 'SampleClipWindow')
    window = [t for t in cfg.test_dataloader.dataset.pipeline if t['type'] in samplers][-1]
    frames = window['clip_len'] * window['num_clips']
    return frames, frames // window.get('temporal_stride', 1)


def random_batch(cfg: Config, batch_size: int) -> dict:
    """Random windows with two actors each, annotated in every feature frame."""
    width, height = input_size(cfg)
    num_frames, num_boxes = window_size(cfg)
    labels = torch.tensor([1, 2])
    detector = cfg.model.streams[0].model if 'streams' in cfg.model else cfg.model
    head = detector.roi_head.bbox_head
    if head.get('multilabel', True):
        labels = torch.eye(head.num_classes + 1)[labels]
    boxes = torch.tensor([[.1, .1, .5, .9], [.5, .2, .9, .8]]) * torch.tensor([width, height] * 2)
    tubes = InstanceData(
        bboxes=boxes[:, None].repeat(1, num_boxes, 1), valid=torch.ones(2, num_boxes, dtype=torch.bool), labels=labels)
    windows = torch.randint(256, (batch_size, 3, num_frames, height, width), dtype=torch.uint8)
    # Boxes of a person detector, for the configs that begin from them.
    found = InstanceData(bboxes=boxes)
    samples = [ActionDataSample(gt_tubes=tubes.clone(), proposals=found.clone()) for _ in range(batch_size)]
    inputs = list(windows)
    preprocessor = cfg.model.data_preprocessor
    if preprocessor.type == 'TwoStreamPreprocessor':
        flows = torch.randn(batch_size, 2, num_frames + preprocessor.num_flows - 1, height, width).half()
        inputs = dict(imgs=inputs, flows=list(flows))
    return dict(inputs=inputs, data_samples=samples)


def measure(path: str, part: str, batch_size: int, repeat: int, results: multiprocessing.Queue) -> None:
    """Runs one part and puts (seconds, bytes) into ``results``."""
    cfg = Config.fromfile(path)
    init_default_scope(cfg.default_scope)
    torch.manual_seed(0)
    cuda = torch.cuda.is_available()
    device = torch.device('cuda' if cuda else 'cpu')
    model = MODELS.build(cfg.model).to(device)
    model.train(part == 'train')
    seconds = []
    for _ in range(1 + repeat):
        data = model.data_preprocessor(random_batch(cfg, batch_size))
        start = time.perf_counter()
        if part == 'train':
            losses = model(**data, mode='loss')
            sum(losses.values()).backward()
            model.zero_grad(set_to_none=True)
        else:
            with torch.no_grad():
                if part == 'test':
                    model(**data, mode='predict')
                else:
                    model.extract_feat(data['inputs'])
        if cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    # ru_maxrss is in KiB on Linux.
    peak = torch.cuda.max_memory_allocated() if cuda else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    results.put((statistics.median(seconds[1:]), peak))


def main() -> None:
    """Measures every part and prints a table."""
    args = parse_args()
    context = multiprocessing.get_context('spawn')
    results = context.Queue()
    print(f'{args.config}, batch {args.batch_size}, torch {torch.__version__}, mmengine {mmengine.__version__}, '
          f'{"CUDA" if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"}')
    print(f'{"part":<10}{"s / batch":>12}{"x backbone":>12}{"peak GiB":>12}')
    first = None
    for part in parts(Config.fromfile(args.config)):
        process = context.Process(target=measure, args=(args.config, part, args.batch_size, args.repeat, results))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f'{part} of {args.config} failed with exit code {process.exitcode}; the reason is above')
        seconds, peak = results.get()
        first = first or seconds
        print(f'{part:<10}{seconds:>12.3f}{seconds / first:>12.2f}{peak / 2**30:>12.2f}')


if __name__ == '__main__':
    run_tool(main)
