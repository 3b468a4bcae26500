"""Frame-mAP on AVA, on arrays of all detections at once."""
from .as_tubes import AVA_RULES, ava_as_tubes
from .ava_detections import AVADetections, gather_windows, pack_window
from .average_precisions import average_precisions, both_average_precisions, mean_average_precisions
from .recall import class_agnostic_recall
from .truth import AVATruth, read_ava_truth

__all__ = [
    'AVADetections', 'AVATruth', 'AVA_RULES', 'ava_as_tubes', 'average_precisions', 'both_average_precisions',
    'class_agnostic_recall', 'gather_windows', 'mean_average_precisions', 'pack_window', 'read_ava_truth'
]
