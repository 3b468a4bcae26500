"""Drawing of persons and their actions on pictures."""
from .draw import draw_persons, person_colour, style_for
from .filmstrip import filmstrip, scale_to_height
from .status import draw_status, status_area
from .text import put_text, text_width
from .tube_plot import PersonTube, plot_tubes

__all__ = [
    'PersonTube', 'draw_persons', 'draw_status', 'filmstrip', 'person_colour', 'plot_tubes', 'put_text',
    'scale_to_height', 'status_area', 'style_for', 'text_width'
]
