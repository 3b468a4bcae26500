"""What every other package may use."""
from .atomic_file import AtomicFile, cannot_write, write_text
from .images import write_image

__all__ = ['AtomicFile', 'cannot_write', 'write_image', 'write_text']
