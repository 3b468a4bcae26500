"""The names in the published weights of STEP on AVA, and what each is in ours.

The file is a dict of dicts: ``base_net`` (backbone), ``context_net`` (scene context) and ``det_net0`` ... (the heads
of the steps), besides training state. Facts about the file only; none of the code that made it.
"""
import re
from typing import Dict, List, Mapping

from torch import Tensor

from .renaming import Renamed, Rules, rename

# Position in the backbone -> our layer; 1, 4 and 7 are poolings.
_BACKBONE = {
    0: 'conv3d_1a_7x7',
    2: 'conv3d_2b_1x1',
    3: 'conv3d_2c_3x3',
    5: 'mixed_3b',
    6: 'mixed_3c',
    8: 'mixed_4b',
    9: 'mixed_4c',
    10: 'mixed_4d',
    11: 'mixed_4e',
    12: 'mixed_4f',
}
_HEAD = {
    r'i3d_conv\.0': 'global_branch.mixed_5b',
    r'i3d_conv\.1': 'global_branch.mixed_5c',
    'downsample': 'global_reduce',
    'global_cls': 'fc_cls',
    # The first bottleneck has a projection, which comes first.
    r'local_conv\.0\.conv1': 'local_branch.blocks.0.shortcut.conv',
    r'local_conv\.0\.conv2': 'local_branch.blocks.0.reduce.conv',
    r'local_conv\.0\.conv3': 'local_branch.blocks.0.conv.conv',
    r'local_conv\.0\.conv4': 'local_branch.blocks.0.expand.conv',
    r'local_conv\.(\d+)\.conv1': r'local_branch.blocks.\1.reduce.conv',
    r'local_conv\.(\d+)\.conv2': r'local_branch.blocks.\1.conv.conv',
    r'local_conv\.(\d+)\.conv3': r'local_branch.blocks.\1.expand.conv',
    'downsample2': 'local_reduce',
    'local_reg': 'fc_reg',
    'neighbor_reg1': 'fc_prev',
    'neighbor_reg2': 'fc_next',
}


def _rules() -> Rules:
    # Wrapped in DataParallel or not.
    base = [(rf'base_net:(?:module\.)?base_model\.{index}\.(.+)', rf'backbone.{layer}.\1')
            for index, layer in _BACKBONE.items()]
    context = [(rf'context_net:(?:module\.)?i3d_conv_context\.{index}\.(.+)',
                rf'roi_head.scene_context.mixed_5{letter}.\1') for index, letter in ((1, 'b'), (2, 'c'))]
    head = []
    for theirs, ours in _HEAD.items():
        ours = ours.replace(r'\1', r'\2')
        head.append((rf'det_net(\d+):(?:module\.)?{theirs}\.(.+)',
                     rf'roi_head.bbox_head.\1.{ours}.' + (r'\3' if r'\2' in ours else r'\2')))
    return base + context + head


_RULES = _rules()


def published_steps(content: Mapping) -> List[str]:
    """Names of the heads that a file in the published form holds.

    Args:
        content (Mapping): What the file holds.

    Returns:
        list[str]: 'det_net0', 'det_net1', ... by number; one alone is classification pre-training. Empty if the file
        is not of this form.
    """
    if not all(isinstance(content.get(part), dict) for part in ('base_net', 'context_net', 'det_net0')):
        return []
    names = [name for name in content if isinstance(name, str) and re.fullmatch(r'det_net\d+', name)]
    return sorted(names, key=lambda name: int(name[len('det_net'):]))


def detector_from_published(content: Mapping[str, Mapping[str, Tensor]]) -> Renamed:
    """Gives the published weights the names and shapes of a :class:`~mmstep.models.STEPDetector`.

    The classifier, a convolution over 1x1x1, becomes the linear layer that it is here; the order of its inputs (256 x
    7 x 7 with the channel first, then the context) is the same.

    Args:
        content (Mapping): What the file holds; parts other than the networks are passed over.

    Returns:
        Renamed: The weights; ``sources`` and ``unknown`` hold names like 'det_net0:downsample.bias'.
    """
    parts = ['base_net', 'context_net', *published_steps(content)]
    flat: Dict[str, Tensor] = {f'{part}:{name}': weight for part in parts for name, weight in content[part].items()}
    renamed = rename(flat, _RULES)
    for name, weight in renamed.weights.items():
        if name.endswith('.fc_cls.weight') and weight.shape[2:] == (1, 1, 1):
            renamed.weights[name] = weight.flatten(1)
    return renamed
