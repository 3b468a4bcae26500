"""Metrics."""
from .dump_detections import DumpDetections
from .stepwise_ava_metric import StepwiseAVAMetric

__all__ = ['DumpDetections', 'StepwiseAVAMetric']
