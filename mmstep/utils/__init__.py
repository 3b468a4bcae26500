"""What every other package may use."""
from .atomic_file import AtomicFile, write_text

__all__ = ['AtomicFile', 'write_text']
