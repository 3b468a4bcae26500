"""Results as files.

Parquet files are written by :mod:`mmstep.apis.files.parquet_results`, which needs pyarrow and is not imported here.
"""
from .detection_log import DetectionLog
from .result_writers import WRITERS, read_ava_csv, read_mot_csv, write_result, write_results

__all__ = ['WRITERS', 'DetectionLog', 'read_ava_csv', 'read_mot_csv', 'write_result', 'write_results']
