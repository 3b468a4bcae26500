"""Results of many videos as Parquet files, one a video.

One row a detection, that is an action of a person at a key time:

=========== ========= ==================================================================
column      type      meaning
=========== ========= ==================================================================
video       string    path of the video below the folder that was run
time        double    seconds from the video's first frame, a key time
person      int32     number of the person, the same over time within a video
x1 y1 x2 y2 float     box at the key time in pixels of the video
label       string    name of the action
class_id    int32     its number in the label map
score       float     0..1
=========== ========= ==================================================================

What is known of the video as a whole (:class:`VideoResult` without its detections, the reason of an error included)
stands in the file's metadata under ``mmstep.video`` as JSON. A whole folder reads as one table:
``pyarrow.parquet.read_table('out/detections')``, or pandas' ``read_parquet``.
"""
import json
import os
import os.path as osp

import pyarrow as pa
import pyarrow.parquet as pq

from .results import VideoResult

SCHEMA = pa.schema([
    ('video', pa.string()),
    ('time', pa.float64()),
    ('person', pa.int32()),
    ('x1', pa.float32()),
    ('y1', pa.float32()),
    ('x2', pa.float32()),
    ('y2', pa.float32()),
    ('label', pa.string()),
    ('class_id', pa.int32()),
    ('score', pa.float32()),
])
KEY = b'mmstep.video'


def result_table(result: VideoResult) -> pa.Table:
    """A video's detections as a table.

    Args:
        result (VideoResult): Result of a video; of a broken one, without detections, too.

    Returns:
        pyarrow.Table: Columns of ``SCHEMA``, by time and person, with the rest of the result in its metadata.
    """
    numbers = dict(zip(result['classes'], result['class_ids']))
    rows = [(result['video'], entry['time'], person['id'], *person['bbox'], action['label'],
             numbers.get(action['label']), action['score']) for entry in result['detections']
            for person in entry['persons'] for action in person['actions']]
    columns = list(zip(*rows)) if rows else [()] * len(SCHEMA)
    table = pa.table([pa.array(column, field.type) for column, field in zip(columns, SCHEMA)], schema=SCHEMA)
    about = {key: value for key, value in result.items() if key != 'detections'}
    return table.replace_schema_metadata({KEY: json.dumps(about).encode()})


def write_parquet(result: VideoResult, path: str) -> None:
    """Writes a video's result; the file appears whole or not at all.

    Args:
        result (VideoResult): Result of a video.
        path (str): The file; its folder is made.

    Raises:
        OSError: If it cannot be written.
    """
    folder, name = osp.split(path)
    os.makedirs(folder or '.', exist_ok=True)
    draft = osp.join(folder, f'.{name}.part')  # Parquet readers pass over names with a dot in front
    pq.write_table(result_table(result), draft, compression='zstd')
    os.replace(draft, path)


def read_video_info(path: str) -> dict:
    """Reads what a file of :func:`write_parquet` says of its video, without its rows.

    Args:
        path (str): The file.

    Returns:
        dict: :class:`VideoResult` without ``detections``, and ``num_detections``, the number of rows.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or not of this form; the message names it.
    """
    if not osp.isfile(path):
        raise FileNotFoundError(f'{path} does not exist')
    try:
        metadata = pq.read_metadata(path)
        about = json.loads(metadata.metadata[KEY])
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ValueError(f'{path} is not a result of tools/infer_videos.py or is damaged ({error}). Delete it and run '
                         'the tool again') from error
    return dict(about, num_detections=metadata.num_rows)
