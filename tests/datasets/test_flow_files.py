"""Optical flow as pairs of JPEGs."""
import json

import numpy as np
import pytest

from mmstep.datasets.flow_files import (FlowInfo, dequantise, quantise, read_info, read_pair, stored_flow, write_info,
                                        write_pair)
from mmstep.errors import LaunchError

INFO = FlowInfo(range=20., method='dis', num_frames=7, width=32, height=24, quality=95)


def test_bytes_and_back():
    flow = np.linspace(-20, 20, 1001, dtype=np.float32)
    values = quantise(flow, 20)
    assert values.dtype == np.uint8 and values.min() == 1 and values.max() == 255
    assert np.abs(dequantise(values, 20) - flow).max() <= 20 / 254 + 1e-6
    assert dequantise(values, 20).dtype == np.float32


def test_no_motion_is_exact_and_signs_are_alike():
    assert quantise(np.zeros(1), 20)[0] == 128 and dequantise(np.array([128], np.uint8), 20)[0] == 0
    flow = np.array([-3.3, 3.3])
    assert dequantise(quantise(flow, 20), 20).sum() == 0


def test_beyond_the_range_is_clipped():
    np.testing.assert_allclose(dequantise(quantise(np.array([-50., 50.]), 10), 10), [-10, 10], rtol=1e-6)


def test_pair_through_the_files(tmp_path):
    y, x = np.mgrid[:24, :32].astype(np.float32)
    flow = np.stack([(x - 16) / 2, (y - 12) / 3], axis=2)
    write_pair(str(tmp_path), 12, flow, 20, 95)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['flow_x_00012.jpg', 'flow_y_00012.jpg']
    read = read_pair(str(tmp_path), 12)
    assert read.shape == (24, 32, 2) and read.dtype == np.uint8
    assert np.abs(dequantise(read, 20) - flow).max() < 0.5
    kept = stored_flow(flow, 20, 95)
    assert kept.dtype == np.float32 and (kept == dequantise(read, 20)).all()
    assert np.abs(stored_flow(flow, 20, 30) - flow).mean() > np.abs(kept - flow).mean()


def test_info(tmp_path):
    write_info(str(tmp_path), INFO)
    assert read_info(str(tmp_path)) == INFO
    assert [path.name for path in tmp_path.iterdir()] == ['flow.json']
    assert json.loads((tmp_path / 'flow.json').read_text())['range'] == 20


def test_unfinished(tmp_path):
    write_pair(str(tmp_path), 1, np.zeros((8, 8, 2)), 20, 95)
    with pytest.raises(FileNotFoundError, match='flow.json does not exist: .* missing or unfinished.*extract_flow.py'):
        read_info(str(tmp_path))


@pytest.mark.parametrize('content', ['', '{"range": 20', '[]', '{"range": 20}', '{"width": 1, "colour": 2}'])
def test_damaged_info(tmp_path, content):
    (tmp_path / 'flow.json').write_text(content)
    with pytest.raises(ValueError, match='flow.json is damaged'):
        read_info(str(tmp_path))


def test_missing_and_damaged_pictures(tmp_path):
    write_pair(str(tmp_path), 1, np.zeros((8, 8, 2)), 20, 95)
    (tmp_path / 'flow_y_00001.jpg').write_bytes(b'broken')
    with pytest.raises(FileNotFoundError, match='flow_y_00001.jpg is missing or damaged. Delete .*flow.json'):
        read_pair(str(tmp_path), 1)


def test_no_room(tmp_path):
    with pytest.raises(LaunchError, match='flow_x_00001.jpg cannot be written'):
        write_pair(str(tmp_path / 'no'), 1, np.zeros((8, 8, 2)), 20, 95)
