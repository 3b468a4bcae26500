"""Linking of tubelets into tubes and their temporal trimming."""
from .linker import OnlineLinker, link_paths, link_tubes, tubes_of_paths
from .stride import find_stride
from .trimming import action_segments, viterbi_labels

__all__ = [
    'OnlineLinker', 'action_segments', 'find_stride', 'link_paths', 'link_tubes', 'tubes_of_paths', 'viterbi_labels'
]
