"""Functions on tubes and on the data samples that carry them; imports no other part of mmstep."""
from .step_predictions import add_step_predictions, prediction_keys, step_key, step_predictions
from .tube_arrays import ActionTube, TubeGroundTruth, Tubelets, select_tubelets, tubelets_by_video
from .tube_coding import decode_tubes, encode_tubes
from .tube_geometry import clip_tubes, flip_tubes, middle_frames, middle_slice, repair_tubes
from .tube_iou import tube_iou
from .tube_nms import multiclass_tube_nms

__all__ = [
    'ActionTube', 'TubeGroundTruth', 'Tubelets', 'add_step_predictions', 'clip_tubes', 'decode_tubes', 'encode_tubes',
    'flip_tubes', 'middle_frames', 'middle_slice', 'multiclass_tube_nms', 'prediction_keys', 'repair_tubes',
    'select_tubelets', 'step_key', 'step_predictions', 'tube_iou', 'tubelets_by_video'
]
