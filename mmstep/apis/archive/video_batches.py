"""Detection in batches of video paths, for engines that share out work: Ray Data, Spark, Dask.

Batches are pyarrow tables, which all of them know; docs/large_archives.rst has a program for each.
"""
from typing import Any, Dict, List, Optional, Sequence

import pyarrow as pa

from ..files.parquet_results import SCHEMA, result_table
from ..inferencer import STEPInferencer
from ..persons.video_result import VideoResult

BATCH_SCHEMA = SCHEMA.append(pa.field('error', pa.string()))


class VideoBatchDetector:
    """Detects in the videos of a batch: a table of paths in, a table of detections out.

    The model is built when the object is, so make one object for each worker process: ``map_batches`` of Ray Data does
    so when it is given the class.

    Example:
        >>> import ray                                                                 # doctest: +SKIP
        >>> paths = ray.data.from_items([dict(path=path) for path in paths])
        >>> found = paths.map_batches(VideoBatchDetector, fn_constructor_args=('step_i3d_ava', 'step_i3d_ava.pth'),
        ...                           batch_size=1, batch_format='pyarrow', concurrency=8, num_gpus=1)
        >>> found.write_parquet('detections')

    Args:
        model (str): As of :class:`STEPInferencer`: name of a model, a config's file or an exported file.
        weights (str, optional): File or address of the weights. Defaults to those that the metafile names.
        device (str): 'cpu', 'cuda:0' ...; 'auto' takes the first GPU that the process sees. Defaults to 'auto'.
        column (str): Column of the batch that holds the paths. Defaults to 'path'.
        inferencer (dict, optional): Further arguments of :class:`STEPInferencer`: ``cfg_options``, ``backend``,
            ``dtype``.
        **options: Of :class:`VideoRun`, for every video: ``stride``, ``score_thr``, ``batch_size``, ``fps``,
            ``model_fps``.

    Raises:
        LaunchError: If model, weights or device cannot be found or used.
    """

    def __init__(self,
                 model: str,
                 weights: Optional[str] = None,
                 device: str = 'auto',
                 column: str = 'path',
                 inferencer: Optional[Dict[str, Any]] = None,
                 **options: Any) -> None:
        self.inferencer = STEPInferencer(model, weights, device, show_progress=False, **(inferencer or {}))
        self.column = column
        self.options = options

    def __call__(self, batch: Any) -> pa.Table:
        """Detects in a batch of videos.

        Args:
            batch (pyarrow.Table | pyarrow.RecordBatch | pandas.DataFrame | dict): With the column of paths.

        Returns:
            pyarrow.Table: Columns of ``BATCH_SCHEMA``, see :func:`detect_batch`.
        """
        column = batch[self.column]
        paths = column.to_pylist() if hasattr(column, 'to_pylist') else list(column)
        return detect_batch(self.inferencer, [str(path) for path in paths], **self.options)


def detect_batch(inferencer: STEPInferencer, paths: Sequence[str], **options: Any) -> pa.Table:
    """Detects in some videos, one after the other.

    Args:
        inferencer (STEPInferencer): Its model is used.
        paths (Sequence[str]): The files.
        **options: Of :class:`VideoRun`.

    Returns:
        pyarrow.Table: Columns of ``BATCH_SCHEMA``: a row a detection, as in the files of ``tools/infer_videos.py``,
        ``video`` being the path. A video that cannot be read, or not to its end, has a row with the reason in
        ``error`` and nothing else; the others go on. A video in which nothing is found has no row.

    Raises:
        LaunchError: If no video can go on, as with a full disk.
    """
    tables: List[pa.Table] = [BATCH_SCHEMA.empty_table()]
    for path in paths:
        result = inferencer.pipeline(path, keep='boxes', **options).finish()
        found = result_table(result).replace_schema_metadata(None)
        tables.append(found.append_column(BATCH_SCHEMA.field('error'), pa.nulls(len(found), pa.string())))
        error = _error(result)
        if error is not None:
            row = dict.fromkeys(BATCH_SCHEMA.names, None)
            tables.append(pa.Table.from_pylist([{**row, 'video': result['video'], 'error': error}], BATCH_SCHEMA))
    return pa.concat_tables(tables)


def _error(result: VideoResult) -> Optional[str]:
    """What is wrong with a video, in a line."""
    if result['error'] is None and result['broken_from'] is not None:
        return f'{result["video"]} is damaged from second {result["broken_from"]} on'
    return result['error']
