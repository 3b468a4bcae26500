"""Metrics."""
from .dump_detections import DumpDetections
from .stepwise_ava_metric import StepwiseAVAMetric
from .tube_metric import TubeMetric

__all__ = ['DumpDetections', 'StepwiseAVAMetric', 'TubeMetric']
