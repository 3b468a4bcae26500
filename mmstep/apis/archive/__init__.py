"""Folders of videos, and going on where a run was broken off.

Needs pyarrow.
"""
from ..files.parquet_results import result_table
from .archive_run import ArchiveRun, list_archive
from .key_frame_journal import KeyFrameJournal, read_journal
from .resumable_inference import infer_file
from .video_batches import BATCH_SCHEMA, VideoBatchDetector, detect_batch

__all__ = [
    'BATCH_SCHEMA', 'ArchiveRun', 'KeyFrameJournal', 'VideoBatchDetector', 'detect_batch', 'infer_file',
    'list_archive', 'read_journal', 'result_table'
]
