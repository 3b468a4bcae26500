"""Drawing of persons and their actions on pictures."""
from .draw import draw_persons, person_colour, style_for
from .filmstrip import filmstrip, scale_to_height
from .text import put_text, text_width
from .tube_plot import PersonTube, plot_tubes

__all__ = [
    'PersonTube', 'draw_persons', 'filmstrip', 'person_colour', 'plot_tubes', 'put_text', 'scale_to_height', 'style_for',
    'text_width'
]
