"""Writes configs/step/metafile.yml, the list of models that MIM and ``find_model`` read, from the configs.

    python tools/make_metafile.py           writes it
    python tools/make_metafile.py --check   exit code 1 if it is not what would be written

Figures come from the tables of configs/step/README.md, those of ours alone: the last column, where it is headed "ours"
or "step 3" and its cell is a number.
"""
import argparse
import os.path as osp
import re
from pathlib import Path
from typing import Dict, List

import yaml
from mmengine.config import Config

import mmstep  # noqa: F401  configs import it
from mmstep.engine.launch import run_tool
from mmstep.engine.model_zoo import packaged_weights
from mmstep.errors import LaunchError
from mmstep.utils import write_text

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / 'configs/step'
METAFILE = FOLDER / 'metafile.yml'
COLLECTION = dict(
    Name='STEP',
    README='configs/step/README.md',
    Paper=dict(
        URL='https://arxiv.org/abs/1904.09288',
        Title='STEP: Spatio-Temporal Progressive Learning for Video Action Detection'))
# Type of a backbone: the architecture's name, filled in from its settings, and what its weights come from.
BACKBONES = {
    'InceptionI3D': ('InceptionI3D', 'Kinetics-400'),
    'ResNet3d': ('ResNet3d-{depth}', 'None'),
    'ResNet3dSlowOnly': ('SlowOnly-ResNet{depth}', 'Kinetics-400'),
    'ResNet3dSlowFast': ('SlowFast-ResNet{slow_pathway[depth]}', 'Kinetics-400'),
    'VisionTransformer': ('ViT-B', 'Kinetics-400'),
    'FrameVGG': ('VGG16', 'ImageNet'),
}
MEASURED_ON = '2 CPU cores'


class Dumper(yaml.SafeDumper):
    """Indents lists, as the metafiles of OpenMMLab do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indents lists too."""
        return super().increase_indent(flow, False)


def training_data(cfg: Config) -> str:
    """Name of the data set that a config is for."""
    dataset = cfg.test_dataloader.dataset
    folder = dataset.ann_file.split('/')[1]
    if folder == 'mini':
        return 'mini-ava' if dataset.type == 'AVAWindowDataset' else 'mini-ucf'
    return dict(ava='AVA v2.1', ucf101_24='UCF101-24', jhmdb='JHMDB')[folder]


def read_figures(page: str) -> Dict[str, float]:
    """Our own figures in the tables of the model page.

    Args:
        page (str): Text of configs/step/README.md.

    Returns:
        dict[str, float]: Name of a config -> frame-mAP in %.
    """
    figures, ours = {}, False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip('|').split('|')] if line.startswith('|') else []
        if cells and cells[0] == 'config':
            ours = cells[-1] in ('ours', 'step 3')
        name = re.match(r'\[[^\]]+\]\(([\w.-]+)\.py\)$', cells[0]) if cells else None
        if ours and name and re.fullmatch(r'\d+\.\d+', cells[-1]):
            figures[name[1]] = float(cells[-1])
    return figures


def describe(path: Path, figures: Dict[str, float]) -> dict:
    """The entry of a config.

    Args:
        path (Path): The config.
        figures (dict[str, float]): See :func:`read_figures`.

    Returns:
        dict: What the metafile says of it.

    Raises:
        LaunchError: If :data:`BACKBONES` does not know its backbone.
    """
    cfg = Config.fromfile(str(path))
    streams = [stream.model for stream in cfg.model.get('streams', [])]
    backbone = (streams[0] if streams else cfg.model).backbone
    if backbone.type not in BACKBONES:
        raise LaunchError(f'{path}: the backbone {backbone.type} has no name yet; add it to BACKBONES in {__file__}')
    architecture, pretrained = BACKBONES[backbone.type]
    metadata = {'Architecture': architecture.format(**backbone)}
    if streams:  # a fusion of trained models is not trained itself
        metadata['Streams'] = [Path(model.init_cfg.checkpoint).parent.name for model in streams]
    else:
        metadata['Batch Size'] = cfg.train_dataloader.batch_size
        by_epoch = 'max_epochs' in cfg.train_cfg
        metadata['Epochs' if by_epoch else 'Iterations'] = cfg.train_cfg['max_epochs' if by_epoch else 'max_iters']
    data = training_data(cfg)
    metadata.update({'Pretrained': pretrained, 'Training Data': data})
    transforms = {transform.type for transform in cfg.test_dataloader.dataset.pipeline}
    reads = dict(WindowDecode='RGB', FlowFramesDecode='Flow')
    modality = [name for transform, name in reads.items() if transform in transforms]
    entry = {
        'Name': path.stem,
        'Config': str(path.relative_to(ROOT)),
        'In Collection': COLLECTION['Name'],
        'Metadata': metadata,
        'Modality': ', '.join(modality)
    }
    packaged = packaged_weights(path.stem)
    if packaged:  # the field "Weights" is for addresses
        metadata['Weights In Package'] = osp.relpath(packaged, ROOT)
    if path.stem in figures:
        metadata['Training Resources'] = MEASURED_ON
        entry['Results'] = [{'Dataset': data, 'Task': 'Action Detection', 'Metrics': {'mAP': figures[path.stem]}}]
    return entry


def metafile() -> str:
    """Text of the metafile."""
    figures = read_figures((FOLDER / 'README.md').read_text(encoding='utf-8'))
    models: List[dict] = [describe(path, figures) for path in sorted(FOLDER.glob('*.py'))]
    form = dict(Dumper=Dumper, sort_keys=False, width=119)
    parts = [yaml.dump(dict(Collections=[COLLECTION]), **form), 'Models:\n']
    parts += [yaml.dump(dict(Models=[model]), **form).partition('\n')[2] for model in models]
    return f'# Written by tools/make_metafile.py from the configs.\n{parts[0]}\n{parts[1]}' + '\n'.join(parts[2:])


def main() -> None:
    """Writes or compares."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--check', action='store_true', help='compare only; exit code 1 if the file is out of date')
    args = parser.parse_args()
    text = metafile()
    if not args.check:
        write_text(METAFILE, text)
    elif METAFILE.read_text(encoding='utf-8') != text:
        raise LaunchError(f'{METAFILE.relative_to(ROOT)} is out of date: python tools/make_metafile.py')


if __name__ == '__main__':
    run_tool(main)
