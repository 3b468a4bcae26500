"""Scores detections of any detector: tubelets against annotated tubes, or boxes against AVA's annotations.

    python tools/evaluate_tubes.py GT.npz DETECTIONS.npz --rules act
    python tools/evaluate_tubes.py UCF101v2-GT.pkl DETECTIONS.npz --rules moc --split 1 --json figures.json
    python tools/evaluate_tubes.py UCF101v2-GT.pkl DUMP.pkl --clip-len 6      # from tools/test.py --dump
    python tools/evaluate_tubes.py MULTISPORTS.pkl DUMP.pkl --rules multisports
    python tools/evaluate_tubes.py ava_val.csv DETECTIONS.csv --label-file actions.pbtxt --exclude-file excluded.csv
    python tools/evaluate_tubes.py --show-rules                               # in what the rules differ

A dump holds tubes (then --clip-len), or boxes of single frames, as MMAction2's DumpResults writes them. It is read
without running anything that is in it. Detections on AVA are a dump, or a .csv with the columns video_id, timestamp,
x1, y1, x2, y2 (fractions), action_id, score.

For tubes, GT is a .npz or a pickle of UCF101-24, J-HMDB or MultiSports (ACT's layout, or pyannot.pkl with --test-list,
whose videos are then in the order of their names). The arrays of the .npz, which may be one file given twice (boxes in
pixels, 0-based, x2 and y2 inclusive; frames from 1; no pickled objects):

    labels (L), videos (V)  names             gt_rows (M, 5)  frame, x1, y1, x2, y2     det_video (N)  0..V-1
    nframes (V)                               gt_tube (M)     tube of the row, 0..T-1   det_start (N)  first frame
    resolution (V, 2)  height, width          gt_video (T), gt_label (T)                det_boxes (N, K, 4)
    det_scores (N, L), without background; or det_label (N) and det_scores (N), if boxes belong to a class

Every tubelet with a score over 0 counts. The .json holds fractions of 1:

    {"rules": "act", "frame": {"0.5": {"mAP": x, "classes": {"name": x or null}}},
     "video": {"0.05": {"mAP": x, "classes": {...}}, ...}, "video-mAP@0.5:0.95": x,
     "errors": {"mean": {"correct": x, "localisation": x, ...}, ...}}  (with --errors only)

null stands for a class that is never annotated; it is left out of the mean. On AVA the .json holds "overall",
"mAP_all_classes" and so on, see StepwiseAVAMetric.
"""
import argparse
import json
import os.path as osp
import sys
from typing import Any, Dict, Optional, Sequence, Tuple, Union

from rich.console import Console
from rich.table import Table

from mmstep.datasets import read_label_map, read_tube_annotations
from mmstep.errors import LaunchError
from mmstep.evaluation import RULES, Evaluation, analyse_errors, evaluate_tubelets, get_rules, plot_errors
from mmstep.evaluation.ava import both_average_precisions, mean_average_precisions, read_ava_truth
from mmstep.evaluation.files import (ava_detections_of_dump, read_ava_detections, read_detections_npz, read_truth_npz,
                                     tubelets_of_dump)
from mmstep.evaluation.rules import EvaluationRules
from mmstep.evaluation.rules_table import rules_table
from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video
from mmstep.utils import refuse_overwriting, write_text

VIDEO_THRS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


class OldName(argparse.Action):
    """An argument that has another name now."""

    def __call__(self,
                 parser: argparse.ArgumentParser,
                 namespace: argparse.Namespace,
                 values: Union[str, Sequence[Any], None],
                 option_string: Optional[str] = None) -> None:
        """Says the new name and sets the value."""
        print(f'{option_string} is deprecated, its name is --{self.dest} now', file=sys.stderr)
        setattr(namespace, self.dest, values)


class ShowRules(argparse.Action):
    """Prints the rules and ends the program, as --help does."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        """Prints the table of the documentation."""
        head, *lines = rules_table()
        table = Table(*head, show_lines=True)
        for line in lines:
            table.add_row(*line)
        Console().print(table)
        parser.exit()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = 'example: %(prog)s GT.npz DETECTIONS.npz --rules act --json figures.json'
    parser.add_argument('gt', help='annotations: .npz or .pkl of tubes, .csv of AVA')
    parser.add_argument('detections', help='.npz of tubelets, .pkl of tools/test.py --dump, .csv on AVA')
    parser.add_argument('--rules', choices=sorted(RULES), default='act', help='rules of linking and scoring tubes')
    parser.add_argument('--preset', action=OldName, dest='rules', choices=sorted(RULES), help='old name of --rules')
    parser.add_argument('--show-rules', action=ShowRules, nargs=0, help='print in what the rules differ and stop')
    parser.add_argument('--clip-len', type=int, help='frames of a clip, for a dump with tubes')
    parser.add_argument('--temporal-stride', type=int, default=1, help='frames per box of a tube in a dump')
    parser.add_argument('--step', type=int, help='step of the detector whose detections in a dump are scored')
    parser.add_argument('--label-file', help='names of the classes of AVA, .pbtxt')
    parser.add_argument('--exclude-file', help='seconds of AVA that are not scored, .csv')
    parser.add_argument('--split', type=int, default=1, help='split of a .pkl')
    parser.add_argument('--test-list', help='file of the test videos, for pyannot.pkl')
    parser.add_argument('--frame-iou', type=float, nargs='+', default=[0.5], help='thresholds of frame-mAP')
    parser.add_argument('--video-iou', type=float, nargs='+', default=VIDEO_THRS, help='thresholds of video-mAP')
    parser.add_argument('--trim', type=float, metavar='COST', help='trim tubes in time, with this cost of a switch')
    parser.add_argument('--stride', type=int, help='frames between the start frames of tubelets; default: found')
    parser.add_argument('--continuous', action='store_true', help='widths are x2 - x1, without the + 1')
    parser.add_argument('--voc', action='store_true', help='average precision under the envelope')
    parser.add_argument('--json', help='also write the figures to this file')
    parser.add_argument('--errors', metavar='PLOT', help='analyse the errors in frames and draw them to this file')


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
    for thr in (*args.frame_iou, *args.video_iou):
        if not 0 < thr <= 1:
            parser.error(f'thresholds must be in (0, 1], got {thr}')
    if args.trim is not None and args.trim < 0:
        parser.error(f'--trim must not be negative, got {args.trim}')
    if args.stride is not None and args.stride < 1:
        parser.error(f'--stride must be at least 1, got {args.stride}')
    for name in ('clip_len', 'temporal_stride', 'step'):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            parser.error(f'--{name.replace("_", "-")} must be at least 1, got {getattr(args, name)}')
    if args.gt.endswith('.csv') and not args.label_file:
        parser.error('--label-file is needed with a .csv of annotations: the .pbtxt that names the classes')
    for path in filter(None, (args.json, args.errors)):
        folder = osp.dirname(path) or '.'
        if not osp.isdir(folder):
            parser.error(f'the folder {folder} of the output {path} does not exist')
    if args.errors and not args.errors.lower().endswith(('.png', '.pdf', '.svg')):
        parser.error(f'--errors draws .png, .pdf or .svg, got {args.errors}')
    return args


def as_json(result: Evaluation, rules: str) -> dict:
    """The figures in the form of the .json file."""

    def classes(per_threshold: Dict[float, dict]) -> dict:
        return {
            f'{thr:g}': dict(mAP=item['mAP'], classes={
                name: ap
                for name, ap in item.items() if name != 'mAP'
            })
            for thr, item in per_threshold.items()
        }

    means = {name: value for name, value in result.figures().items() if name.startswith('video-mAP@') and ':' in name}
    return dict(rules=rules, preset=rules, **means, frame=classes(result.frame), video=classes(result.video))


def percent(value: Optional[float]) -> str:
    """A fraction for reading."""
    return 'absent' if value is None else f'{100 * value:.4f}'


def print_tables(result: Evaluation) -> None:
    """Prints means and classes."""
    means = Table('figure', '%')
    for name, value in result.figures().items():
        if not name.startswith('AP/'):
            means.add_row(name, percent(value))
    columns = [('frame', result.frame, thr) for thr in result.frame]
    columns += [('video', result.video, thr) for thr in result.video_thrs if thr in (0.05, 0.1, 0.2, 0.5)]
    table = Table('class', *(f'{kind} {thr:g}' for kind, _, thr in columns))
    for name in next(iter(result.frame.values())):
        if name != 'mAP':
            table.add_row(name, *(percent(figures[thr][name]) for _, figures, thr in columns))
    Console().print(means, table)


def print_errors(shares: Dict[str, Dict[str, float]]) -> None:
    """Prints the error analysis."""
    table = Table('class', *shares['mean'])
    for name, item in shares.items():
        table.add_row(name, *(percent(value) for value in item.values()))
    Console().print(table)


def print_figures(figures: Dict[str, float]) -> None:
    """Prints figures on AVA."""
    table = Table('figure', '%')
    for name, value in figures.items():
        table.add_row(name, percent(value))
    Console().print(table)


def score_ava(args: argparse.Namespace) -> Dict[str, float]:
    """Scores boxes against AVA's annotations."""
    names = read_label_map(args.label_file)
    truth = read_ava_truth(args.gt, names, args.exclude_file)
    if args.detections.endswith('.csv'):
        detected = read_ava_detections(args.detections, names)
    else:
        detected = ava_detections_of_dump(args.detections, names, args.step)
    aps, all_classes = both_average_precisions(truth, detected)
    figures = mean_average_precisions(aps)
    figures['mAP_all_classes'] = sum(all_classes.values()) / max(len(all_classes), 1)
    figures.update({f'AP/{names[label]}': ap for label, ap in all_classes.items()})
    return figures


def read_tubes(args: argparse.Namespace, rules: EvaluationRules) -> Tuple[TubeGroundTruth, Tubelets]:
    """Annotated tubes and detected tubelets."""
    if args.gt.endswith('.npz'):
        truth = read_truth_npz(args.gt)
    else:
        truth = read_tube_annotations(args.gt, args.split, 'test', args.test_list)
    if args.detections.endswith('.npz'):
        return truth, read_detections_npz(args.detections, truth)
    return truth, tubelets_of_dump(args.detections, truth, args.clip_len, args.temporal_stride, args.step,
                                   rules.plus_one)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Scores the files."""
    args = parse_args(argv)
    refuse_overwriting([args.json, args.errors],
                       [args.gt, args.detections, args.label_file, args.exclude_file, args.test_list])
    continuous = dict(plus_one=False) if args.continuous else {}
    voc = dict(average_precision='voc') if args.voc else {}
    rules = get_rules(dict(type=args.rules, **continuous, **voc))
    try:
        if args.gt.endswith('.csv'):
            ava = score_ava(args)
            print_figures(ava)
            if args.json:
                write_text(args.json, json.dumps(ava, indent=1))
            return
        truth, tubelets = read_tubes(args, rules)
        result = evaluate_tubelets(
            truth,
            tubelets,
            rules=rules,
            frame_iou_thrs=args.frame_iou,
            video_iou_thrs=args.video_iou,
            stride=args.stride,
            trim=None if args.trim is None else dict(switch_cost=args.trim))
    except (OSError, ValueError) as error:
        raise LaunchError(str(error)) from error
    print_tables(result)
    figures = as_json(result, args.rules)
    if args.errors:
        figures['errors'] = analyse_errors(truth, tubelets_by_video(tubelets, len(truth.videos)), rules)
        print_errors(figures['errors'])
        plot_errors(figures['errors'], args.errors)
    if args.json:
        write_text(args.json, json.dumps(figures, indent=1))
