"""Data preprocessors."""
from .window_preprocessor import WindowPreprocessor

__all__ = ['WindowPreprocessor']
