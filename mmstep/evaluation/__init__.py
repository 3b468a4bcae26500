"""Scoring."""
from .metrics import DumpDetections, StepwiseAVAMetric

__all__ = ['DumpDetections', 'StepwiseAVAMetric']
