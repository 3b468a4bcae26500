"""Checkpoints: reading, comparing and saving them; other projects' weights and what each becomes here."""
from .checkpoint import (find_resumable, match_weights, read_checkpoint, report_initialisation,
                         require_found_by_runner, require_whole)
from .difference import Match, compare_weights, fill_counters, list_differences
from .foreign_checkpoint import ForeignFile, StandIn, read_foreign
from .i3d_names import i3d_from_file, i3d_kind, i3d_remarks, i3d_settings, is_other_i3d
from .kinds import Kind, describe, identify
from .pretrained import StrictlyPretrained
from .published_names import detector_from_published, published_steps
from .renaming import Renamed, rename, with_rest
from .save_weights import check_output, save_weights
from .unwrapping import found_by_mmengine, unwrap
from .vgg_names import inflate_first_layer, vgg_from_file

__all__ = [
    'ForeignFile', 'Kind', 'Match', 'StandIn', 'check_output', 'compare_weights', 'find_resumable',
    'found_by_mmengine', 'match_weights', 'read_checkpoint', 'read_foreign', 'report_initialisation',
    'require_found_by_runner', 'require_whole', 'save_weights', 'Renamed', 'StrictlyPretrained', 'describe',
    'detector_from_published', 'fill_counters', 'i3d_from_file', 'i3d_kind', 'i3d_remarks', 'i3d_settings', 'identify',
    'inflate_first_layer', 'is_other_i3d', 'list_differences', 'published_steps', 'rename', 'unwrap', 'vgg_from_file',
    'with_rest'
]
