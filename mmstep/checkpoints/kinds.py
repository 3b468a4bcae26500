"""Telling what kind of weights a file holds, and what to do with them."""
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from mmstep.utils.quoting import one_line
from .i3d_names import LOWER, UPPER, i3d_kind
from .published_names import published_steps
from .unwrapping import unwrap

SHOWN_PARTS = 8
PUBLISHED_TOOL = 'python tools/convert/nvlabs_to_mmstep.py {path} OUT.pth'
BACKBONE_TOOL = 'python tools/convert/i3d_to_mmstep.py {path} OUT.pth'
_AS_BACKBONE = "init_cfg=dict(type='Pretrained', checkpoint='{path}', prefix='backbone.')"


class Kind(NamedTuple):
    """A kind of weight file.

    Attributes:
        name (str): Short name.
        what (str): What it is, as the end of "this is ...".
        advice (str): What to do with it; '{path}' stands for the file.
    """
    name: str
    what: str
    advice: str


UNKNOWN = Kind('unknown', 'no kind of weights that is known here', 'Known are: the published STEP weights, I3D '
               'in its two namings, VGG16, checkpoints of OpenMMLab.')
NO_WEIGHTS = Kind('no weights', 'a file without weights', 'Take the file that the training wrote.')


def _published(steps: List[str]) -> Kind:
    if len(steps) == 1:
        return Kind('published pre-training', "STEP's published classification pre-training", PUBLISHED_TOOL)
    return Kind('published detector', f"STEP's published detector with {len(steps)} steps", PUBLISHED_TOOL)


def _i3d(weights: Dict[str, Tensor]) -> Optional[Kind]:
    naming = i3d_kind(weights)
    if naming is None:
        return None
    stem = next((weight for name, weight in weights.items() if name.lower() == 'conv3d_1a_7x7.conv3d.weight'), None)
    channels = 0 if stem is None else stem.shape[1]
    stream = {2: ' of optical flow', 3: ' of RGB'}.get(channels, '')
    style = {LOWER: 'mixed_3b.branch_0', UPPER: 'Mixed_3b.b0'}[naming]
    return Kind('I3D', f'I3D{stream} (layers named {style})', BACKBONE_TOOL)


def _starts(*prefixes: str) -> Callable[[Dict[str, Tensor]], bool]:
    """Whether each of the prefixes begins some name."""
    return lambda weights: all(any(name.startswith(prefix) for name in weights) for prefix in prefixes)


# The first that fits is it. VGG comes before the checkpoints of OpenMMLab, whose prefix it may have.
_BY_NAMES: Tuple[Tuple[Callable, Kind], ...] = (
    (_starts('features.0.weight'), Kind('VGG', 'VGG in the naming of torchvision and MMCV', BACKBONE_TOOL)),
    (_starts('backbone.features.0.'), Kind('VGG', 'VGG in the naming of OpenMMLab', BACKBONE_TOOL)),
    (_starts('backbone.', 'roi_head.bbox_head.0.global_branch.'),
     Kind('mmstep', 'a detector of mmstep', 'It needs no conversion: tools/test.py CONFIG {path}')),
    (_starts('backbone.conv3d_1a_7x7.', 'cls_head.'),
     Kind('recogniser', 'an OpenMMLab recogniser on InceptionI3D', f'It needs no conversion: {_AS_BACKBONE}')),
    (_starts('backbone.', 'cls_head.'),
     Kind('recogniser', 'a recogniser of MMAction2', 'It needs no conversion. For a detector on its backbone: '
          f'{_AS_BACKBONE}')),
    (_starts('backbone.', 'head.'),
     Kind('classifier', 'an image classifier of OpenMMLab', f'No conversion is needed: {_AS_BACKBONE}')),
    (_starts('backbone.'),
     Kind('detector', 'a checkpoint of an OpenMMLab model', 'It needs no conversion. For a detector on its '
          f'backbone: {_AS_BACKBONE}')),
    (_starts('conv1.weight', 'layer1.0.'),
     Kind('ResNet', 'ResNet in the naming of torchvision', "MMAction2's ResNet3d loads it: pretrained='{path}'")),
    (_starts('s1.pathway0_stem.'),
     Kind('PySlowFast', 'a model of PySlowFast', 'MMAction2 has the same networks, with weights.')),
    (_starts('base_model.'),
     Kind('published part', 'a part (base_net) of the published STEP weights',
          f'Convert the whole file: {PUBLISHED_TOOL}')),
)


def identify(content: Any) -> Kind:
    """Tells what kind of weights a file holds.

    Args:
        content (Any): What the file holds.

    Returns:
        Kind: The kind, with advice; :data:`UNKNOWN` or :data:`NO_WEIGHTS` if it is none that is known.
    """
    if isinstance(content, dict) and published_steps(content):
        return _published(published_steps(content))
    weights = unwrap(content)
    if weights is None:
        if isinstance(content, dict) and any(name in content for name in ('base_net', 'context_net', 'det_net0')):
            lacking = [name for name in ('base_net', 'context_net', 'det_net0') if name not in content]
            return Kind('published part', f'a part of the published STEP weights, without {", ".join(lacking)}',
                        f'Convert the whole file: {PUBLISHED_TOOL}')
        return NO_WEIGHTS
    return _i3d(weights) or next((kind for fits, kind in _BY_NAMES if fits(weights)), UNKNOWN)


def describe(content: Any) -> str:
    """What a file holds, part by part, for people.

    Args:
        content (Any): What the file holds.

    Returns:
        str: Such as 'base_net (270 weights), epoch, optimizer'; long lists are cut.
    """
    if not isinstance(content, dict):
        return f'an object of type {type(content).__name__}'
    parts = []
    for name, value in list(content.items())[:SHOWN_PARTS]:
        weights = isinstance(value, dict) and any(isinstance(v, torch.Tensor) for v in value.values())
        parts.append(f'{one_line(name)} ({len(value)} weights)' if weights else one_line(name))
    more = len(content) - SHOWN_PARTS
    return ', '.join(parts) + (f' and {more} more' if more > 0 else '') if parts else 'nothing'


def describe_first(content: Any) -> str:
    """The number of weights in a file and the first of them, for people.

    Args:
        content (Any): What the file holds.

    Returns:
        str: Such as '270 weights is conv1.weight 64x3x7x7'.
    """
    weights = unwrap(content) or {}
    name, weight = next(iter(weights.items()), ('nothing', torch.zeros(0)))
    return f'{len(weights)} weights is {one_line(name)} {"x".join(map(str, weight.shape))}'
