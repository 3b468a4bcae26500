"""A config for a data set: reads the folder, chooses settings, writes."""
import re
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence

import torch
from mmengine.config import Config

from mmstep.datasets.annotation_formats.reading import VideoFacts, VideoFolder
from mmstep.datasets.data_files import find_videos
from mmstep.engine.config_files import config_path, load_config
from mmstep.errors import DataError, LaunchError
from mmstep.utils import write_text
from .annotations import Annotations, read_own_annotations
from .choices import choose, find_transform
from .config_text import write_text_of
from .data_folder import find_data

# The base configs without and with a GPU; those with one begin with weights that are fetched by their address.
BASES = {
    False: ('step_tiny_mini-ava', 'step_slowonly-r50_ava'),
    True: ('step_tiny_mini-ucf', 'step_vgg16_ucf101-24_rgb'),
}
MOST_OPENED = 30  # videos whose rate and size are looked at


class NewConfig(NamedTuple):
    """What was written.

    Attributes:
        path (Path): The config.
        files (list[Path]): Annotation files made for it.
        reasons (list[str]): What was chosen and why, a line each.
        checkpoint (str): What training it leaves at its end.
        video (str): A video of the data set.
        model_fps (float, optional): The videos' rate, which a model of native frames has to be told.
    """
    path: Path
    files: List[Path]
    reasons: List[str]
    checkpoint: str
    video: str
    model_fps: Optional[float]


def new_config(data: str,
               base: Optional[str] = None,
               out: Optional[str] = None,
               fps: Optional[float] = None) -> NewConfig:
    """Writes a config for a data set.

    Args:
        data (str): Its folder, see :func:`find_data`.
        base (str, optional): The config to start from, or the name of a model. Defaults to the small model that trains
            on a CPU, and with a GPU to one with OpenMMLab's or torchvision's weights.
        out (str, optional): The file to write. Defaults to ``step_NAME.py`` in the folder.
        fps (float, optional): Frames a second of videos that are folders of pictures.

    Returns:
        NewConfig: What was written and chosen. Annotation files that had to be made lie in a folder of the config's
        name beside it.

    Raises:
        LaunchError: If there is such a file already, or the folder, an annotation, a video or the base does not fit.
    """
    folder = Path(data)
    name = re.sub(r'\W+', '-', folder.resolve().name).strip('-') or 'data'
    path = Path(out) if out else folder / f'step_{name}.py'
    if path.suffix != '.py':
        raise LaunchError(f'{path}: the name of a config ends with .py')
    if '.' in path.stem:
        raise LaunchError(f'{path}: MMEngine reads no config with another dot in its name')
    found_data = find_data(folder)
    annotations = read_own_annotations(found_data, path.with_suffix(''), fps=fps)
    base_path = config_path(base or BASES[annotations.tubes][torch.cuda.is_available()])
    cfg = load_config(base_path)
    _require_kind(cfg, base_path, annotations.tubes)
    taken = [file for file in (path, *annotations.writes) if file.exists()]
    if taken:
        raise LaunchError(f'{taken[0]} is there already, and nothing is overwritten. Delete it, or give another name '
                          'with --out')
    facts = _look_at_videos(found_data.videos, annotations, data, fps)
    chosen = choose(cfg, annotations.boxes, annotations.num_windows, facts)
    text = write_text_of(cfg, base_path, name, path, folder, found_data.videos, annotations, chosen, fps)
    for file, write in annotations.writes.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write(str(file))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    load_config(str(path))  # a config that cannot be read is our fault, and said here
    iters = chosen.max_iters or cfg.train_cfg.get('max_iters')
    last = f'iter_{iters}' if iters else f'epoch_{chosen.max_epochs or cfg.train_cfg.max_epochs}'
    reasons = [
        f'{len(annotations.classes)} classes: {_some(annotations.classes)}', annotations.split,
        f'start: {Path(base_path).name}, ' + _why(base), *chosen.reasons,
        *([f'training shows none of: {_some(annotations.rare)}'] if annotations.rare else [])
    ]
    video = next(iter(find_videos(str(found_data.videos), list(annotations.videos)[-1:], False, data).values()))
    native = bool(find_transform(cfg, 'SampleClipWindow'))
    return NewConfig(path, list(annotations.writes), reasons, f'work_dirs/{path.stem}/{last}.pth', video,
                     round(facts[0].fps, 3) if native else None)


def _require_kind(cfg: Config, path: str, tubes: bool) -> None:
    if 'train_pipeline' not in cfg or 'test_pipeline' not in cfg or 'train_dataloader' not in cfg:
        raise LaunchError(f'{path} cannot be started from: it has no train_pipeline and test_pipeline')
    wanted = 'SampleClipWindow' if tubes else 'SampleTubeWindow'
    if not find_transform(cfg, wanted):
        what = 'tubes, every frame annotated' if tubes else 'seconds with boxes, as AVA has them'
        raise LaunchError(f'{path} cannot be started from: the data are {what}, and its pipeline has no {wanted}. '
                          f'Try --base {BASES[tubes][0]}')
    if any('Flow' in item['type'] for item in cfg.test_pipeline):
        raise LaunchError(f'{path} cannot be started from: it reads optical flow')


def _look_at_videos(folder: Path, annotations: Annotations, data: str, fps: Optional[float]) -> Sequence[VideoFacts]:
    """Opens some of the videos; all of them have to be there, and what is annotated has to lie in them."""
    find_videos(str(folder), list(annotations.videos), False, data)
    videos = VideoFolder(folder, fps)
    names = list(annotations.videos)
    step = max(len(names) // MOST_OPENED, 1)
    facts = []
    for name in names[::step]:
        fact = videos.get(name, 'its rate')
        facts.append(fact)
        last = annotations.videos[name]
        if not annotations.tubes and last > fact.times[-1] + 1:
            raise DataError(f'{annotations.train_file.name}, {annotations.val_file.name}: second {last:g} of {name} '
                            f'lies past the end of the video, whose last frame is at {fact.times[-1]:.2f} s. Seconds '
                            'count from the first frame of the file')
    return facts


def _why(base: Optional[str]) -> str:
    if base:
        return 'as asked'
    return ('with a GPU; --base takes another one'
            if torch.cuda.is_available() else 'which trains on a CPU; --base takes another one')


def _some(names: Sequence[str]) -> str:
    return ', '.join(names[:12]) + (', ...' if len(names) > 12 else '')
