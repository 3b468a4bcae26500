"""Linking of tubelets into tubes and their temporal trimming."""
from .linker import OnlineLinker, in_order, link_paths, link_tubes, tubes_of_paths
from .path import lay_paths, tubes_of_laid
from .stride import find_stride
from .trimming import action_segments, viterbi_labels

__all__ = [
    'OnlineLinker', 'action_segments', 'find_stride', 'in_order', 'lay_paths', 'link_paths', 'link_tubes',
    'tubes_of_laid', 'tubes_of_paths', 'viterbi_labels'
]
