"""Linking of tubelets into tubes and their temporal trimming."""
from .linker import OnlineLinker, link_tubes
from .stride import find_stride
from .trimming import action_segments, viterbi_labels

__all__ = ['OnlineLinker', 'action_segments', 'find_stride', 'link_tubes', 'viterbi_labels']
