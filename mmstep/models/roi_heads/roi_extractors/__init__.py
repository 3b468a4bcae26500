"""RoI extractors."""
from .tube_roi_extractor import TubeRoIExtractor

__all__ = ['TubeRoIExtractor']
