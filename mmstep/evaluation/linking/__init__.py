"""Linking of tubelets into tubes and their temporal trimming."""
from .linker import OnlineLinker, link_tubes
from .trimming import action_segments, viterbi_labels

__all__ = ['OnlineLinker', 'action_segments', 'link_tubes', 'viterbi_labels']
