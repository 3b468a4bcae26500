"""Runs studies: variants of a config, trained from several seeds, and what is claimed of them.

    python tools/analysis_tools/study.py --list
    python tools/analysis_tools/study.py extension

A study is a file of configs/step/studies, whose README says what is in it. Each run is a process of its own with one
thread, as many at once as there are cores. What is there is not run again: a study that was interrupted, by kill -9
too, goes on where it stopped, and studies share the trainings that they have in common. At the end come the table of
figures, mean and standard deviation over the seeds, and that of the claims, paired differences with 95 % intervals.
Figures go into configs/step/studies/results.json, from which the page with all tables and the pictures are made.
"""
import argparse
import os
from pathlib import Path

from studies.page import write_page
from studies.results import RESULTS, collect, read_results, write_results
from studies.runs import plan
from studies.schedule import work_off
from studies.study_file import list_studies, read_study
from studies.tables import study_section

import mmstep  # noqa: F401  registers the components
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.utils import hold_lock


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('studies', nargs='*', metavar='NAME', help='names of studies; "all" for every one')
    parser.add_argument('--list', action='store_true', help='name the studies and what is there of them')
    parser.add_argument('--dry-run', action='store_true', help='say what would be run')
    parser.add_argument('--only', nargs='+', metavar='VARIANT', help='only these variants (of one study)')
    parser.add_argument('--seeds', nargs='+', type=int, help="other seeds than the study's")
    parser.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)), help='runs at once (default: cores)')
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/studies'), help='folder of the runs')
    parser.add_argument('--results', type=Path, default=RESULTS, help='the results file')
    parser.add_argument('--collect', action='store_true', help='run nothing, only take up what is there')
    args = parser.parse_args()
    if not args.studies and not args.list:
        parser.error('name a study; --list shows them')
    if args.only and len(args.studies) != 1:
        parser.error('--only goes with one study')
    if args.jobs < 1:
        parser.error(f'--jobs must be at least 1, got {args.jobs}')
    return args


def show_list(args: argparse.Namespace) -> None:
    """Prints the studies, with the number of scorings that are there."""
    results = read_results(args.results)
    for name in list_studies():
        study = read_study(name)
        seeds = {seed for seed in study.seeds}
        there = sum(len(seeds & set(map(int, scored))) for scored in results['scores'].get(name, {}).values())
        print(f'{name:<20} {study.title} ({study.paper}): {there} of {len(study.variants) * len(seeds)} runs, '
              f'variants {", ".join(study.variants)}')


def main() -> None:
    """Runs the studies and prints their tables."""
    args = parse_args()
    if args.list:
        show_list(args)
        return
    work_dir = args.work_dir.resolve()
    names = list_studies() if args.studies == ['all'] else args.studies
    studies = [read_study(name) for name in names]
    scorings = [scoring for study in studies for scoring in plan(study, work_dir, args.only, args.seeds)]
    trainings = {training.key: training for scoring in scorings for training in scoring.trainings}
    if args.dry_run:
        for key, training in trainings.items():
            state = 'done' if training.is_done() else f'{training.iteration()} of {training.iterations} iterations'
            users = {f'{each.study}: {each.variant.name}' for each in scorings if training in each.trainings}
            print(f'{key}  {state:<24} {", ".join(sorted(users))}')
        missing = sum(scoring.figures() is None for scoring in scorings)
        print(f'{missing} of {len(scorings)} scorings are missing')
        return
    failures = []
    if not args.collect:
        with hold_lock(str(work_dir / 'running.txt'), str(work_dir)):
            failures = work_off(scorings, args.jobs)
    results = read_results(args.results)
    collect(results, scorings)
    write_results(results, args.results)
    if args.results == RESULTS:
        write_page(results)
    for study in studies:
        print('\n' + study_section(study, results))
    if failures:
        raise LaunchError('\n  '.join([f'{len(failures)} runs failed:', *failures]))


if __name__ == '__main__':
    run_tool(main)
