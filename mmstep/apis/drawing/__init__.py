"""Results drawn: videos, contact sheets, the steps."""
from .contact_sheet import paint_contact_sheet
from .dataset_view import browse_dataset
from .step_view import has_steps, paint_steps, require_steps, step_pictures, trace_steps
from .video_painter import VideoPainter, paint_run, paint_strip
from .visualization_hook import STEPVisualizationHook

__all__ = [
    'STEPVisualizationHook', 'VideoPainter', 'browse_dataset', 'has_steps', 'paint_contact_sheet', 'paint_run',
    'paint_steps', 'paint_strip', 'require_steps', 'step_pictures', 'trace_steps'
]
