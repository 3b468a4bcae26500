"""Progressive RoI head and its parts."""
from .bbox_heads import *  # noqa: F401, F403
from .progressive_roi_head import ProgressiveRoIHead
from .roi_extractors import *  # noqa: F401, F403
from .step_output import StepOutput

__all__ = ['ProgressiveRoIHead', 'StepOutput']
