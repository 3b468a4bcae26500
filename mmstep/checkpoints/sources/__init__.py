"""Weights of other projects: where they are, under which licence, what makes them ours, and fetching them."""
from .catalog import SOURCES, Source, find_source, rst_table
from .fetch import cache_folder, download

__all__ = ['SOURCES', 'Source', 'cache_folder', 'download', 'find_source', 'rst_table']
