"""What an exported file says of itself."""
import json

import pytest

from mmstep.apis.deployment import ExportInfo, read_info
from mmstep.errors import LaunchError

INFO = ExportInfo(
    kind='window',
    files=dict(window='a.onnx'),
    export_id='1',
    version='1.0',
    input=dict(name='frames', dtype='uint8', shape=[0, 3, 36, 64, 128]),
    outputs=['scores_step1', 'tubes_step1'],
    num_steps=1,
    window=dict(clip_len=12, num_clips=3, fps=12, temporal_stride=4, height=64, width=128),
    classes=['walk', 'run'],
    class_ids=[1, 2],
    suppressed=[],
    precision='fp32',
    config=dict(test_pipeline=[dict(type='Resize', scale=(128, 64))], model=dict(extend_at=[3], big=float('inf'))))


def test_comes_back_as_it_was_tuples_too():
    again = ExportInfo.from_text(INFO.to_text(), 'a.onnx')
    assert again == INFO and again.size == (64, 128)
    assert isinstance(again.config['test_pipeline'][0]['scale'], tuple)


def test_config_has_names_of_classes_and_the_files_own():
    cfg = INFO.to_config('a.onnx')
    assert cfg.class_names == ['walk', 'run'] and cfg.filename == 'a.onnx'
    assert cfg.test_pipeline[0].scale == (128, 64)


@pytest.mark.parametrize('text, message', [
    ('{', 'a.onnx: its metadata cannot be read'),
    ('[]', 'a.onnx: its metadata cannot be read'),
    (json.dumps(dict(format=1, kind='window')), 'a.onnx: its metadata cannot be read'),
    (json.dumps(dict(format=9)), 'a.onnx: metadata of format 9, and this version of mmstep reads 1'),
])
def test_what_another_program_wrote_is_refused(text, message):
    with pytest.raises(LaunchError, match=message):
        ExportInfo.from_text(text, 'a.onnx')


class TestFiles:

    @pytest.fixture
    def graph(self):
        onnx = pytest.importorskip('onnx')
        value = onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT, ['batch'])
        return onnx.helper.make_model(onnx.helper.make_graph([], 'empty', [value], [value]))

    def test_round_trip(self, graph, tmp_path):
        graph.metadata_props.add(key='other', value='left over')
        INFO.attach(graph)
        (tmp_path / 'a.onnx').write_bytes(graph.SerializeToString())
        assert read_info(str(tmp_path / 'a.onnx')) == INFO
        assert [entry.key for entry in graph.metadata_props] == ['mmstep']

    def test_files_of_others(self, graph, tmp_path):
        path = tmp_path / 'a.onnx'
        with pytest.raises(LaunchError, match='a.onnx does not exist'):
            read_info(str(path))
        path.write_bytes(graph.SerializeToString())
        with pytest.raises(LaunchError, match='was not written by tools/deployment/export_onnx.py'):
            read_info(str(path))
        path.write_bytes(b'no graph at all')
        with pytest.raises(LaunchError, match='a.onnx is no ONNX file, or not whole'):
            read_info(str(path))
