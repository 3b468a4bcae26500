"""The page of ``demo/web_demo.py``: what it does with a video, and how it looks."""
from .blocks import build_page
from .visit import Detected, Shown, VideoPage

__all__ = ['Detected', 'Shown', 'VideoPage', 'build_page']
