"""Checkpoints: reading, comparing and saving them; other projects' weights and what each becomes here."""
from .checkpoint import match_weights, read_checkpoint, report_initialisation, require_found_by_runner, require_whole
from .difference import Match, compare_weights, fill_counters, list_differences
from .finite import list_nonfinite, require_finite
from .foreign_checkpoint import ForeignFile, StandIn, read_foreign
from .i3d_names import i3d_from_file, i3d_kind, i3d_remarks, i3d_settings, is_other_i3d
from .kinds import Kind, describe, identify
from .pretrained import StrictlyPretrained
from .published_names import detector_from_published, published_steps
from .renaming import Renamed, rename, with_rest
from .resumable import find_resumable, read_resumable
from .save_weights import check_output, save_weights
from .unwrapping import found_by_mmengine, unwrap
from .vgg_names import inflate_first_layer, vgg_from_file

__all__ = [
    'check_output', 'compare_weights', 'describe', 'detector_from_published', 'fill_counters', 'find_resumable',
    'ForeignFile', 'found_by_mmengine', 'i3d_from_file', 'i3d_kind', 'i3d_remarks', 'i3d_settings', 'identify',
    'inflate_first_layer', 'is_other_i3d', 'Kind', 'list_differences', 'list_nonfinite', 'Match', 'match_weights',
    'published_steps', 'read_checkpoint', 'read_foreign', 'read_resumable', 'rename', 'Renamed',
    'report_initialisation', 'require_finite', 'require_found_by_runner', 'require_whole', 'save_weights', 'StandIn',
    'StrictlyPretrained', 'unwrap', 'vgg_from_file', 'with_rest'
]
