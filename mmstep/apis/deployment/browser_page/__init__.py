"""A page that detects in the visitor's own browser: plain files for any web server."""
from .write_page import RUNTIME, write_browser_page

__all__ = ['RUNTIME', 'write_browser_page']
