"""Necks."""
from .concat_pathways import ConcatPathways

__all__ = ['ConcatPathways']
