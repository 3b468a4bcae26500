"""Detectors."""
from .step_detector import STEPDetector

__all__ = ['STEPDetector']
