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

What is known of the video as a whole (``ABOUT``, fields of :class:`VideoResult`, the reason of an error among them)
stands in the file's metadata under ``mmstep.video`` as JSON. A whole folder reads as one table:
``pyarrow.parquet.read_table('out/detections')``, or pandas' ``read_parquet``.
"""
import json

import pyarrow as pa
import pyarrow.parquet as pq

from mmstep.errors import DataError
from mmstep.utils import AtomicFile, printable
from ..persons.video_result import VideoResult

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
ABOUT = ('video', 'error', 'broken_from', 'duration', 'fps', 'width', 'height', 'stride_seconds', 'complete')


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
    about = {key: value for key, value in result.items() if key in ABOUT}
    return table.replace_schema_metadata({KEY: json.dumps(about).encode()})


def write_parquet(result: VideoResult, path: str, **options) -> None:
    """Writes a video's result, whole or not at all.

    Args:
        result (VideoResult): Result of a video.
        path (str): The file; its folder is made.
        **options: Of :class:`AtomicFile`.

    Raises:
        LaunchError: If it cannot be written.
    """
    with AtomicFile(path, make_folder=True, **options) as name, open(name, 'wb') as file:
        # A file, not a name: pyarrow wants UTF-8, a file system takes any bytes.
        pq.write_table(result_table(result), file, compression='zstd')


def read_video_info(path: str) -> dict:
    """Reads what a file of :func:`write_parquet` says of its video, without its rows.

    Args:
        path (str): The file.

    Returns:
        dict: ``ABOUT``, and ``num_detections``, the number of rows.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged; the message names it.
        DataError: If it is a Parquet file of another kind.
    """
    try:
        with open(path, 'rb') as file:
            metadata = pq.read_metadata(file)
        if KEY not in (metadata.metadata or {}):
            raise DataError(f'{printable(path)} is a table that is not a result of tools/infer_videos.py: nothing is '
                            'written over it. Move it away, or choose another output.')
        about = json.loads(metadata.metadata[KEY])
    except DataError:
        raise
    except (pa.ArrowException, ValueError) as error:
        raise ValueError(f'{path} is not a result of tools/infer_videos.py, or is damaged ({error})') from error
    return dict(about, num_detections=metadata.num_rows)
