"""Backbones."""
from .frame_cache import FrameCache
from .frame_vgg import FrameVGG, inflate_first_layer
from .inception_i3d import InceptionI3D

__all__ = ['FrameCache', 'FrameVGG', 'InceptionI3D', 'inflate_first_layer']
