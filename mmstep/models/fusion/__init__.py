"""Fusion of detectors."""
from .late_fusion import fuse_instances, fuse_mean, fuse_union, fused_test_cfg
from .stream_fusion import StreamFusion

__all__ = ['StreamFusion', 'fuse_instances', 'fuse_mean', 'fuse_union', 'fused_test_cfg']
