"""Drawing of persons and their actions on pictures."""
import warnings

from .comparison import DetectedPerson, draw_comparison, draw_dashed_box
from .draw import draw_persons, number_tag, person_color, style_for
from .filmstrip import filmstrip, scale_to_height
from .sheet import contact_sheet
from .status import draw_status, status_area
from .text import put_text, text_width
from .tube_plot import PersonTube, plot_tubes

__all__ = [
    'DetectedPerson', 'PersonTube', 'contact_sheet', 'draw_comparison', 'draw_dashed_box', 'draw_persons',
    'draw_status', 'filmstrip', 'number_tag', 'person_color', 'plot_tubes', 'put_text', 'scale_to_height',
    'status_area', 'style_for', 'text_width'
]


def __getattr__(name: str) -> object:
    if name == 'person_colour':
        warnings.warn(
            'mmstep.visualization.person_colour is called person_color now', DeprecationWarning, stacklevel=2)
        return person_color
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
