"""A run of a study: its folder, what is left to do in it, and what came out."""
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import torch
from mmengine.config import Config

from mmstep.checkpoints import find_resumable
from mmstep.errors import LaunchError
from mmstep.utils import write_text
from .study_file import ROOT, Study, Variant, resolve_config, scoring_digest, training_digest

RECORD = 'training.json'


class Training(NamedTuple):
    """A variant trained from a seed; studies share it by what it depends on.

    Attributes:
        folder (Path): Where checkpoints, logs and scores lie; its name is digest and seed.
        cfg (Config): Resolved config.
        seed (int): The seed.
        config (str): Config file that it came from.
        options (dict): The settings that differ from that file.
    """
    folder: Path
    cfg: Config
    seed: int
    config: str
    options: Dict[str, Any]

    @property
    def key(self) -> str:
        """Digest and seed."""
        return self.folder.name

    @property
    def iterations(self) -> int:
        """Iterations of the whole training."""
        return self.cfg.train_cfg.max_iters

    @property
    def checkpoint(self) -> Path:
        """What the training ends with."""
        return self.folder / f'iter_{self.iterations}.pth'

    def is_done(self) -> bool:
        """Whether it has ended."""
        return (self.folder / RECORD).is_file() and self.checkpoint.is_file()

    def iteration(self) -> int:
        """How far the training is, by its log."""
        return self.iterations if self.is_done() else last_iteration(self.folder / 'train.log')


class Scoring(NamedTuple):
    """A variant scored from a seed.

    Attributes:
        study (str): Name of the study.
        variant (Variant): The variant.
        seed (int): The seed.
        cfg (Config): Resolved config.
        trainings (tuple[Training]): Whose weights it takes; several for a fusion.
    """
    study: str
    variant: Variant
    seed: int
    cfg: Config
    trainings: tuple

    @property
    def folder(self) -> Path:
        """Where its log and its figures lie."""
        return self.trainings[0].folder / f'score-{scoring_digest(self.cfg)}'

    def figures(self) -> Optional[dict]:
        """Its figures and how they were measured, once there."""
        path = self.folder / 'figures.json'
        return json.loads(path.read_text(encoding='utf-8')) if path.is_file() else None


def plan(study: Study,
         work_dir: Path,
         only: Optional[List[str]] = None,
         seeds: Optional[List[int]] = None) -> List[Scoring]:
    """What a study consists of, seed by seed.

    Args:
        study (Study): The study.
        work_dir (Path): Folder of all runs.
        only (list[str], optional): Names of the variants wanted. Defaults to all.
        seeds (list[int], optional): Seeds. Defaults to the study's.

    Returns:
        list[Scoring]: Scorings with their trainings.

    Raises:
        LaunchError: If a variant is none of the study's.
    """
    unknown = sorted(set(only or ()) - set(study.variants))
    if unknown:
        raise LaunchError(f'{study.name} has no variants {unknown}; it has {list(study.variants)}')
    configs = {name: resolve_config(variant) for name, variant in study.variants.items()}
    scorings = []
    for seed in seeds or study.seeds:
        for name in only or study.variants:
            variant = study.variants[name]
            trainings = []
            for other in variant.trained_as or (name, ):
                cfg, source = configs[other], study.variants[other]
                folder = work_dir / 'runs' / f'{training_digest(cfg)}-seed{seed}'
                trainings.append(Training(folder, cfg, seed, source.config, source.options))
            cfg = Config(configs[name].to_dict())
            if variant.trained_as and cfg.model.type != 'StreamFusion':
                keep_regressors(cfg, trainings[0].cfg)
            if cfg.model.type == 'StreamFusion':
                # The digest of the scoring shall not depend on where the runs lie: set when it is run.
                for stream in cfg.model.streams:
                    stream.model.init_cfg = dict(type='Pretrained', checkpoint='')
            scorings.append(Scoring(study.name, variant, seed, cfg, tuple(trainings)))
    return scorings


def keep_regressors(cfg: Config, trained: Config) -> None:
    """Leaves the regressors of anticipation in a model that extends in another way, so that weights trained with them
    fill it exactly.

    Args:
        cfg (Config): What is scored; changed.
        trained (Config): What was trained.
    """
    head, before = cfg.model.roi_head, trained.model.roi_head
    if before.get('temporal_extension', {}).get('type') != 'LocationAnticipation':
        return
    heads = before.bbox_head if isinstance(before.bbox_head, list) else [before.bbox_head] * before.num_steps
    head.bbox_head = [dict(each, anticipate=step + 1 in before.extend_at) for step, each in enumerate(heads, 1)]


def train_command(training: Training) -> List[str]:
    """The command that trains, or goes on with it; writes the config that it takes.

    Args:
        training (Training): The training.

    Returns:
        list[str]: Command and arguments.
    """
    training.folder.mkdir(parents=True, exist_ok=True)
    write_config(training.cfg, training.folder / 'config.py')
    return [
        sys.executable, 'tools/train.py',
        str(training.folder / 'config.py'), '--seed',
        str(training.seed), '--work-dir',
        str(training.folder), '--no-validate', '--resume'
    ]


def score_command(scoring: Scoring) -> List[str]:
    """The command that scores a variant; writes the config that it takes.

    Args:
        scoring (Scoring): The scoring.

    Returns:
        list[str]: Command and arguments.
    """
    scoring.folder.mkdir(parents=True, exist_ok=True)
    cfg, checkpoints = Config(scoring.cfg.to_dict()), [str(training.checkpoint) for training in scoring.trainings]
    fusion = cfg.model.type == 'StreamFusion'
    if fusion:
        for stream, checkpoint in zip(cfg.model.streams, checkpoints):
            stream.model.init_cfg.checkpoint = checkpoint
    write_config(cfg, scoring.folder / 'config.py')
    return [
        sys.executable, 'tools/test.py',
        str(scoring.folder / 'config.py'), *([] if fusion else checkpoints), '--work-dir',
        str(scoring.folder)
    ]


def write_config(cfg: Config, path: Path) -> None:
    """Writes a resolved config in one file."""
    write_text(path, cfg.pretty_text)


def finish_training(training: Training, seconds: float, cpu_seconds: float) -> None:
    """Records how a training came about.

    Args:
        training (Training): One that has ended.
        seconds (float): How long it took since it was last begun or resumed.
        cpu_seconds (float): CPU seconds in that time.
    """
    record = dict(
        config=training.config,
        options=training.options,
        seed=training.seed,
        iterations=training.iterations,
        seconds=round(seconds),
        cpu_seconds=round(cpu_seconds),
        **surroundings())
    write_text(training.folder / RECORD, json.dumps(record, default=str))


def finish_scoring(scoring: Scoring, seconds: float, cpu_seconds: float) -> None:
    """Keeps the figures that tools/test.py has written.

    Args:
        scoring (Scoring): One that has ended.
        seconds (float): How long it took.
        cpu_seconds (float): Its CPU seconds.
    """
    newest = max(scoring.folder.glob('*/*.json'), key=os.path.getmtime)
    found = json.loads(newest.read_text(encoding='utf-8').splitlines()[-1])
    figures: Dict[str, Dict[str, float]] = {}
    for name, value in found.items():
        step = re.match(r'step(\d+)/(?!AP/)(.*)', name)
        if step:
            figures.setdefault(step[1], {})[step[2]] = round(100 * value, 2)
    record = dict(figures=figures, cpu_seconds=round(cpu_seconds, 1), **surroundings())
    write_text(scoring.folder / 'figures.json', json.dumps(record))


def surroundings() -> Dict[str, Any]:
    """What figures are measured with: commit, torch, processor."""
    return dict(commit=commit(), torch=torch.__version__, cpu=cpu_name())


def commit() -> str:
    """The commit of the project, with a + if files differ from it."""

    def git(*args: str) -> str:
        return subprocess.run(['git', *args], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    short = git('rev-parse', '--short=10', 'HEAD')
    return short + '+' * bool(git('status', '--porcelain', '-uno')) if short else 'unknown'


def cpu_name() -> str:
    """Processor, and whether it has AVX-512, on which sums depend."""
    try:
        text = Path('/proc/cpuinfo').read_text(encoding='utf-8')
    except OSError:
        return platform.processor() or platform.machine()
    model = re.search(r'model name\s*: (.*)', text)
    return (model[1] if model else platform.machine()) + ', AVX-512' * (' avx512f ' in text)


def last_iteration(log: Path) -> int:
    """The last iteration that a log tells of; 0 without one."""
    try:
        with open(log, 'rb') as file:
            file.seek(max(0, os.path.getsize(log) - 4000))
            found = re.findall(rb'Iter\(\w+\) \[\s*(\d+)/', file.read())
    except OSError:
        return 0
    return int(found[-1]) if found else 0


def commands(training: Training, scorings: List[Scoring]) -> Iterator[tuple]:
    """What is left to do for a training and for what is scored with it.

    Args:
        training (Training): The training.
        scorings (list[Scoring]): What takes its weights and nobody else's that is still missing.

    Yields:
        tuple: What it is, the command, its log, and the function that takes seconds and CPU seconds at the end.
    """
    if not training.is_done():
        resumable = find_resumable(str(training.folder)) if training.folder.is_dir() else None
        what = f'training {training.key}' + (f' goes on from {Path(resumable).name}' if resumable else '')
        yield what, train_command(
            training), training.folder / 'train.log', lambda *times: finish_training(training, *times)
    for scoring in scorings:
        if scoring.figures() is None and all(each.is_done() for each in scoring.trainings):
            what = f'scoring {scoring.study}: {scoring.variant.name}, seed {scoring.seed}'
            yield what, score_command(scoring), scoring.folder / 'test.log', lambda *times, scoring=scoring: \
                finish_scoring(scoring, *times)
