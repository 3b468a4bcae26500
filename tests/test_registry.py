"""Names in the scope ``mmstep``, which MMEngine gives to what it reads from ``mmstep::...``."""
import pytest
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import MODELS as ROOT
from mmengine.registry import DefaultScope

from mmstep.registry import REGISTRIES


@pytest.mark.parametrize('kind, name, module', [
    ('MODELS', 'STEPDetector', 'mmstep'),
    ('MODELS', 'ResNet3d', 'mmaction'),
    ('MODELS', 'mmdet.SmoothL1Loss', 'mmdet'),
    ('TASK_UTILS', 'TubeAssigner', 'mmstep'),
    ('DATASETS', 'AVAWindowDataset', 'mmstep'),
    ('TRANSFORMS', 'FormatShape', 'mmaction'),
    ('HOOKS', 'CheckpointHook', 'mmengine'),
    ('METRICS', 'StepwiseAVAMetric', 'mmstep'),
])
def test_scope_finds_own_names_and_those_of_the_stack(kind, name, module):
    assert REGISTRIES[kind].get(name).__module__.split('.')[0] == module


def test_scope_in_a_config_holds_for_what_is_built_inside():
    head = dict(
        type='TwoBranchHead',
        _scope_='mmstep',
        num_classes=3,
        in_channels=8,
        global_branch=dict(type='Conv3dGlobalBranch', in_channels=8, channels=8),
        local_branch=dict(type='BottleneckLocalBranch', channels=8, inner_channels=4, num_blocks=1),
        loss_bbox=dict(type='mmdet.SmoothL1Loss', loss_weight=5.))
    with DefaultScope.overwrite_default_scope('mmengine'):
        built = ROOT.build(head)
    assert type(built).__module__.startswith('mmstep.')
    assert type(built.local_branch).__module__.startswith('mmstep.')
    assert type(built.loss_bbox).__module__.startswith('mmdet.')


def test_mmengine_reads_configs_of_the_package():
    assert MODULE2PACKAGE['mmstep'] == 'mmstep'
