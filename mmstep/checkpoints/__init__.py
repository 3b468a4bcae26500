"""Names of other projects' weights, and what each becomes here."""
from .difference import fill_counters, list_differences
from .i3d_names import i3d_from_file, i3d_kind, i3d_remarks, i3d_settings, is_other_i3d
from .kinds import Kind, describe, identify, unwrap
from .pretrained import StrictlyPretrained
from .published_names import detector_from_published, published_steps
from .renaming import Renamed, rename, with_rest
from .vgg_names import inflate_first_layer, vgg_from_file

__all__ = [
    'Kind', 'Renamed', 'StrictlyPretrained', 'describe', 'detector_from_published', 'fill_counters', 'i3d_from_file',
    'i3d_kind', 'i3d_remarks', 'i3d_settings', 'identify', 'inflate_first_layer', 'is_other_i3d', 'list_differences',
    'published_steps', 'rename', 'unwrap', 'vgg_from_file', 'with_rest'
]
