"""Backbones."""
from .frame_vgg import FrameVGG, inflate_first_layer
from .inception_i3d import InceptionI3D

__all__ = ['FrameVGG', 'InceptionI3D', 'inflate_first_layer']
