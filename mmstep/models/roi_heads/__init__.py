"""Progressive RoI head and its parts."""
from .bbox_heads import (BottleneckLocalBranch, Conv3dGlobalBranch, HeadOutput, I3DGlobalBranch, I3DSceneContext,
                         TubeTargets, TwoBranchHead, build_tube_targets)
from .progressive_roi_head import ProgressiveRoIHead
from .roi_extractors import TubeRoIExtractor
from .step_records import StepOutput

__all__ = [
    'BottleneckLocalBranch', 'Conv3dGlobalBranch', 'HeadOutput', 'I3DGlobalBranch', 'I3DSceneContext',
    'ProgressiveRoIHead', 'StepOutput', 'TubeRoIExtractor', 'TubeTargets', 'TwoBranchHead', 'build_tube_targets'
]
