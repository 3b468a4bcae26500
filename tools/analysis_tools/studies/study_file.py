"""Reading studies: named variants of a config, and what is claimed of them."""
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from mmengine.config import Config

from mmstep.engine.config_files import load_config
from mmstep.errors import LaunchError

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / 'configs/step/studies'
KEYS = {'title', 'paper', 'figure', 'extra', 'seeds', 'variants', 'claims', 'note', 'iterations'}
VARIANT_KEYS = {'config', 'options', 'trained_as', 'published', 'label'}
CLAIM_KEYS = {'text', 'more', 'less', 'published', 'figure'}
# What a training depends on; what it is scored with and where it writes are left out.
TRAINING_KEYS = ('custom_imports', 'model', 'train_dataloader', 'train_cfg', 'optim_wrapper', 'param_scheduler')
CHECKPOINT_INTERVAL = 100  # iterations that a killed run loses at most
SCORING_KEYS = ('model', 'test_dataloader', 'test_evaluator')


class Variant(NamedTuple):
    """One of the things that a study compares.

    Attributes:
        name (str): Its name in the study.
        config (str): Config file, relative to the root of the project.
        options (dict): Settings that differ, in the form of ``--cfg-options``.
        trained_as (tuple[str]): Variants whose weights it is scored with; none if it is trained itself.
        published (dict): Step -> published figure, in %.
        label (str): What tables call it.
        iterations (int | None): Length of the training, if not the config's.
    """
    name: str
    config: str
    options: Dict[str, Any]
    trained_as: Tuple[str, ...]
    published: Dict[int, float]
    label: str
    iterations: Optional[int]


class Claim(NamedTuple):
    """That one figure is higher than another.

    Attributes:
        text (str): The claim, in words.
        more (tuple[str, int | None]): Variant and step of what should be higher; without a step the last one.
        less (tuple[str, int | None]): Of what should be lower.
        published (str): What the paper says.
        figure (str | None): Which figure is compared, if not the study's.
    """
    text: str
    more: Tuple[str, Optional[int]]
    less: Tuple[str, Optional[int]]
    published: str
    figure: Optional[str]


class Study(NamedTuple):
    """A study, see configs/step/studies/README.md.

    Attributes:
        name (str): Name of its file.
        title (str): Heading of its tables.
        paper (str): Table, figure or section of the paper.
        figure (str): The figure that is compared, without the step: 'overall'.
        extra (tuple[str]): More figures of the last step to show.
        seeds (tuple[int]): Seeds of the trainings.
        variants (dict[str, Variant]): Variants by name.
        claims (list[Claim]): Claims.
        note (str): What has to be known of the figures.
    """
    name: str
    title: str
    paper: str
    figure: str
    extra: Tuple[str, ...]
    seeds: Tuple[int, ...]
    variants: Dict[str, Variant]
    claims: List[Claim]
    note: str


def list_studies(folder: Path = FOLDER) -> List[str]:
    """Names of the studies of a folder."""
    return sorted(path.stem for path in folder.glob('*.py'))


def read_study(name: str, folder: Path = FOLDER) -> Study:
    """Reads a study.

    Args:
        name (str): Its name, the file without ``.py``.
        folder (Path): Where the studies lie.

    Returns:
        Study: The study.

    Raises:
        LaunchError: If there is no such study, or its file is not as configs/step/studies/README.md says.
    """
    path = folder / f'{name}.py'
    if not path.is_file():
        raise LaunchError(f'There is no study {name!r} in {folder}. There are: {", ".join(list_studies(folder))}')
    cfg = Config.fromfile(str(path)).to_dict()
    _check_keys(path, 'the study', cfg, KEYS, ('title', 'paper', 'figure', 'variants'))
    variants = {}
    for key, value in cfg['variants'].items():
        _check_keys(path, f'variants[{key!r}]', value, VARIANT_KEYS, ('config', ))
        trained_as = value.get('trained_as', ())
        trained_as = (trained_as, ) if isinstance(trained_as, str) else tuple(trained_as)
        variants[key] = Variant(key, f'configs/step/{value["config"]}', value.get('options', {}), trained_as,
                                value.get('published', {}), value.get('label', key), cfg.get('iterations'))
    for variant in variants.values():
        unknown = [other for other in variant.trained_as if other not in variants]
        if unknown:
            raise LaunchError(
                f'{path}: variants[{variant.name!r}].trained_as names {unknown}, which the study has not.')
    claims = [_read_claim(path, i, value, variants) for i, value in enumerate(cfg.get('claims', []))]
    return Study(name, cfg['title'], cfg['paper'], cfg['figure'], tuple(cfg.get('extra', ())),
                 tuple(cfg.get('seeds', (0, 1, 2))), variants, claims, cfg.get('note', ''))


def _check_keys(path: Path, what: str, found: dict, known: set, needed: Sequence[str]) -> None:
    wrong = sorted(set(found) - known)
    missing = [key for key in needed if key not in found]
    if wrong or missing:
        raise LaunchError(f'{path}: {what} ' + ' and '.join([f'has unknown keys {wrong}'] * bool(wrong) +
                                                            [f'lacks {missing}'] * bool(missing)))


def _read_claim(path: Path, index: int, value: dict, variants: Dict[str, Variant]) -> Claim:
    what = f'claims[{index}]'
    _check_keys(path, what, value, CLAIM_KEYS, ('text', 'more', 'less'))
    sides = []
    for side in ('more', 'less'):
        name, step = (value[side], None) if isinstance(value[side], str) else value[side]
        if name not in variants:
            raise LaunchError(f'{path}: {what} is about {name!r}, which is none of the variants {list(variants)}.')
        sides.append((name, step))
    return Claim(value['text'], sides[0], sides[1], value.get('published', ''), value.get('figure'))


def resolve_config(variant: Variant) -> Config:
    """The config of a variant with its options.

    Args:
        variant (Variant): The variant.

    Returns:
        Config: Its config.
    """
    cfg = load_config(str(ROOT / variant.config), dict(variant.options))
    if variant.iterations:
        for scheduler in cfg.param_scheduler:
            if scheduler.end == cfg.train_cfg.max_iters:
                scheduler.update(end=variant.iterations, T_max=variant.iterations - scheduler.begin)
        cfg.train_cfg.update(max_iters=variant.iterations, val_interval=variant.iterations)
    cfg.default_hooks.checkpoint.update(interval=CHECKPOINT_INTERVAL)
    return cfg


def training_digest(cfg: Config) -> str:
    """Digest of everything a training depends on but the seed: trainings with the same one are one.

    Args:
        cfg (Config): A resolved config.

    Returns:
        str: Ten hexadecimal digits. What only testing reads does not count.
    """
    parts = {key: cfg.to_dict().get(key) for key in TRAINING_KEYS}
    parts['model'] = dict(parts['model'])
    if 'roi_head' in parts['model']:
        parts['model']['roi_head'] = {k: v for k, v in parts['model']['roi_head'].items() if k != 'test_cfg'}
    parts['train_cfg'] = {k: v for k, v in parts['train_cfg'].items() if not k.startswith('val')}
    return _digest(parts, _annotations(cfg.train_dataloader.dataset))


def scoring_digest(cfg: Config) -> str:
    """Digest of everything that a test depends on but the weights.

    Args:
        cfg (Config): A resolved config.

    Returns:
        str: Ten hexadecimal digits.
    """
    return _digest({key: cfg.to_dict().get(key) for key in SCORING_KEYS}, _annotations(cfg.test_dataloader.dataset))


def _annotations(dataset: Any) -> str:
    """Contents of a data set's annotations: a changed data set is another one under the same name."""
    path = ROOT / str(dataset.get('ann_file'))
    return hashlib.sha256(path.read_bytes()).hexdigest() if os.path.isfile(path) else ''


def _digest(parts: dict, annotations: str) -> str:
    text = json.dumps([parts, annotations], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
