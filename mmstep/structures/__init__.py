"""Pure functions on tubes; imports no other part of mmstep."""
from .tube_arrays import ActionTube, TubeGroundTruth, Tubelets, select_tubelets, tubelets_by_video
from .tube_coding import decode_tubes, encode_tubes
from .tube_geometry import clip_tubes, flip_tubes, repair_tubes
from .tube_iou import tube_iou
from .tube_nms import multiclass_tube_nms

__all__ = [
    'ActionTube', 'TubeGroundTruth', 'Tubelets', 'clip_tubes', 'decode_tubes', 'encode_tubes', 'flip_tubes',
    'multiclass_tube_nms', 'repair_tubes', 'select_tubelets', 'tube_iou', 'tubelets_by_video'
]
