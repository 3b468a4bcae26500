"""Batches of video paths in, tables of detections out, as Ray Data, Spark and Dask hand them over."""
import os
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, write_square_video

from mmstep.apis.archive import BATCH_SCHEMA, VideoBatchDetector, detect_batch, result_table

PAGE = (Path(__file__).parents[3] / 'docs' / 'large_archives.rst').read_text(encoding='utf-8')
OPTIONS = dict(device='cpu', stride=0.5, score_thr=0.3)


@pytest.fixture
def model(tmp_path):
    square_config().dump(str(tmp_path / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'model.pth')
    return str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')


@pytest.fixture
def paths(tmp_path):
    """A video, a file that is none, and one that breaks off in its middle."""
    good, cut = (write_square_video(tmp_path / name, seconds=4) for name in ('good ü.mp4', 'cut.mp4'))
    with open(cut, 'r+b') as file:  # the index at the end stays
        file.seek(os.path.getsize(cut) // 3)
        file.write(bytes(os.path.getsize(cut) // 3))
    (tmp_path / 'none.mp4').write_bytes(b'no video')
    return [good, str(tmp_path / 'none.mp4'), cut]


def test_every_kind_of_batch_gives_the_detections_of_each_video(model, paths):
    detector = VideoBatchDetector(*model, column='file', **OPTIONS)
    table = detector(pa.table(dict(file=paths, size=[1, 2, 3])))
    assert table.schema == BATCH_SCHEMA
    frame = table.to_pandas()
    alone = result_table(detector.inferencer.pipeline(paths[0], stride=0.5, score_thr=0.3).finish())
    found = frame[(frame.video == paths[0])]
    assert len(found) == len(alone) > 4 and found.error.isna().all()
    pd.testing.assert_frame_equal(found.drop(columns='error'), alone.to_pandas(), check_dtype=False)
    none = frame[frame.video == paths[1]]
    assert len(none) == 1 and 'none.mp4' in none.error.item() and none.label.isna().item()
    cut = frame[(frame.video == paths[2])]
    assert re.search(r'damaged from second [\d.]+ on', cut.error.dropna().item())
    assert cut.error.isna().sum() > 4  # beside what is found
    for batch in (dict(file=np.array(paths)), pd.DataFrame(dict(file=paths)), pa.record_batch(dict(file=paths))):
        assert detector(batch).equals(table)


def test_an_empty_batch_and_one_without_a_find(model, tmp_path):
    inferencer = VideoBatchDetector(*model, **OPTIONS).inferencer
    assert detect_batch(inferencer, []).equals(BATCH_SCHEMA.empty_table())
    assert len(detect_batch(inferencer, [write_square_video(tmp_path / 'a.mp4', seconds=1)], score_thr=1.)) == 0


def test_what_spark_sends_to_its_workers_can_be_pickled():
    assert pickle.loads(pickle.dumps(VideoBatchDetector)) is VideoBatchDetector
    assert pickle.loads(pickle.dumps(detect_batch)) is detect_batch


def test_the_functions_of_the_page_for_spark_and_dask(model, paths, monkeypatch):
    """Spark gives an iterator of record batches and wants one back, Dask a DataFrame for a DataFrame."""
    block = re.search(r'\.\. code-block:: python\n   :name: engines\n\n(.*?)\n\S', PAGE, re.DOTALL).group(1)
    source = re.sub('^    ', '', block, flags=re.MULTILINE).replace("'CONFIG', 'CHECKPOINT'", repr(model)[1:-1])
    names: dict = {}
    exec(compile(source, 'large_archives.rst', 'exec'), names)
    batches = [pa.record_batch(dict(path=paths[:2])), pa.record_batch(dict(path=paths[2:]))]
    spark = pa.Table.from_batches(names['for_spark'](iter(batches)))
    dask = names['for_dask'](pd.DataFrame(dict(path=paths)))
    assert spark.schema == BATCH_SCHEMA and len(spark) > 0
    pd.testing.assert_frame_equal(spark.to_pandas(types_mapper=pd.ArrowDtype), dask)
    pd.testing.assert_frame_equal(names['META'], dask[:0])
    assert 'ray' not in sys.modules and 'pyspark' not in sys.modules
