"""Heads of a step: branches, scene context, classification, regression."""
from .global_branches import Conv3dGlobalBranch, I3DGlobalBranch
from .local_branch import BottleneckLocalBranch
from .scene_context import I3DSceneContext, RoIPooledSceneContext
from .tube_targets import TubeTargets, build_tube_targets
from .two_branch_head import HeadOutput, TwoBranchHead

__all__ = [
    'BottleneckLocalBranch', 'Conv3dGlobalBranch', 'HeadOutput', 'I3DGlobalBranch', 'I3DSceneContext',
    'RoIPooledSceneContext', 'TubeTargets', 'TwoBranchHead', 'build_tube_targets'
]
