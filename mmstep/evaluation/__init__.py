"""Metrics, linking, and evaluation of tubes on plain arrays."""
from mmstep.structures import ActionTube, TubeGroundTruth, Tubelets
from .error_analysis import analyse_errors, plot_errors
from .evaluate import Evaluation, TubeEvaluator, evaluate_tubelets
from .frame_map import frame_map
from .linking import OnlineLinker, link_tubes, viterbi_labels
from .metrics import *  # noqa: F401,F403
from .metrics import __all__ as _metrics
from .rules import RULES, EvaluationRules, get_rules
from .video_map import video_map

__all__ = [
    'ActionTube', 'Evaluation', 'EvaluationRules', 'OnlineLinker', 'RULES', 'TubeEvaluator', 'TubeGroundTruth',
    'Tubelets', 'analyse_errors', 'evaluate_tubelets', 'frame_map', 'get_rules', 'link_tubes', 'plot_errors',
    'video_map', 'viterbi_labels', *_metrics
]
