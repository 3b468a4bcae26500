"""Folders of videos, and going on where a run was broken off.

Needs pyarrow.
"""
from .archive_run import ArchiveRun, list_archive
from .key_frame_journal import KeyFrameJournal, read_journal
from .resumable_inference import infer_file

__all__ = ['ArchiveRun', 'KeyFrameJournal', 'infer_file', 'list_archive', 'read_journal']
