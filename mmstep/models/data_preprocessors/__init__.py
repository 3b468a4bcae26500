"""Data preprocessors."""
from .two_stream_preprocessor import TwoStreamPreprocessor
from .window_preprocessor import WindowPreprocessor

__all__ = ['TwoStreamPreprocessor', 'WindowPreprocessor']
