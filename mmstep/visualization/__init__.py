"""Drawing of persons and their actions on pictures."""
from .draw import draw_persons, person_colour, style_for
from .filmstrip import filmstrip, scale_to_height

__all__ = ['draw_persons', 'filmstrip', 'person_colour', 'scale_to_height', 'style_for']
