"""Results as Parquet files, one a video."""
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmstep.apis.files.parquet_results import ABOUT, SCHEMA, read_video_info, result_table, write_parquet
from mmstep.apis.persons.video_result import empty_result


@pytest.fixture
def result():
    person = dict(id=3, bbox=[1.5, 2, 30, 40], actions=[dict(label='run', score=0.75), dict(label='wave', score=0.5)])
    return empty_result(
        'a/b.mp4',
        fps=25.0,
        classes=['wave', 'run'],
        class_ids=[4, 7],
        detections=[dict(time=0.0, persons=[]),
                    dict(time=0.5, persons=[dict(person, tube=[])])],
        complete=True)


def test_a_row_for_each_action(result):
    rows = result_table(result).to_pylist()
    common = dict(video='a/b.mp4', time=0.5, person=3, x1=1.5, y1=2, x2=30, y2=40)
    assert rows == [
        dict(common, label='run', class_id=7, score=0.75),
        dict(common, label='wave', class_id=4, score=0.5),
    ]


def test_no_detections_keep_the_columns():
    table = result_table(empty_result('x.mp4', error='cut off'))
    assert table.num_rows == 0 and table.schema.equals(SCHEMA)


def test_file_and_what_it_says_of_the_video(result, tmp_path):
    path = str(tmp_path / os.fsdecode(b'caf\xe9.parquet'))
    write_parquet(result, path)
    assert read_video_info(path) == {**{key: result[key] for key in ABOUT}, 'num_detections': 2}


def test_a_folder_reads_as_one_table(result, tmp_path):
    (tmp_path / 'a').mkdir()
    write_parquet(result, str(tmp_path / 'a' / 'b.mp4.parquet'))
    write_parquet(empty_result('c.mp4', error='cut off'), str(tmp_path / 'c.mp4.parquet'))
    table = pq.read_table(tmp_path).to_pydict()
    assert table['video'] == ['a/b.mp4'] * 2 and table['label'] == ['run', 'wave']


@pytest.mark.parametrize('content', [b'', b'PAR1 and no more'])
def test_damaged_file_is_named(content, tmp_path):
    path = tmp_path / 'a.parquet'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r'a\.parquet is not a result .* damaged'):
        read_video_info(str(path))


def test_other_parquet_file_is_named(tmp_path):
    pq.write_table(pa.table(dict(a=[1])), tmp_path / 'a.parquet')
    with pytest.raises(ValueError, match='is not a result of tools/infer_videos.py'):
        read_video_info(str(tmp_path / 'a.parquet'))
    with pytest.raises(FileNotFoundError):
        read_video_info(str(tmp_path / 'b.parquet'))


def test_metadata_is_json(result):
    assert json.loads(result_table(result).schema.metadata[b'mmstep.video'])['fps'] == 25.0
