"""What every other package may use."""
from .ahead import ahead
from .atomic_file import AtomicFile, cannot_write, write_text, writing_into
from .file_lock import hold_lock
from .images import write_image
from .overwriting import printable, refuse_overwriting, shorten_name

__all__ = [
    'AtomicFile', 'ahead', 'cannot_write', 'hold_lock', 'printable', 'refuse_overwriting', 'shorten_name',
    'write_image', 'write_text', 'writing_into'
]
