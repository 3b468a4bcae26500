"""The folder of a page that detects in the browser."""
import json
import tarfile
from dataclasses import replace
from io import BytesIO

import pytest

from mmstep.apis.deployment import ExportInfo
from mmstep.apis.deployment.browser_page import write_browser_page
from mmstep.apis.deployment.browser_page.write_page import FILES, PAGE
from mmstep.errors import LaunchError

INFO = ExportInfo(
    kind='window',
    files=dict(window='a.onnx'),
    export_id='1',
    version='1.0',
    input=dict(name='frames', dtype='uint8', shape=[0, 3, 36, 64, 128]),
    outputs=['scores_step1', 'tubes_step1', 'scores_step2', 'tubes_step2', 'kept_scores'],
    num_steps=2,
    window=dict(clip_len=12, num_clips=3, fps=12, temporal_stride=4, height=64, width=128),
    classes=['walk', 'run'],
    class_ids=[1, 2],
    suppressed=['kept_scores'],
    precision='fp32',
    config={})


def write_model(path, **changes):
    """An ONNX file that computes nothing, with the metadata of an export."""
    onnx = pytest.importorskip('onnx')
    value = onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node('Identity', ['x'], ['y'])
    out = onnx.helper.make_tensor_value_info('y', onnx.TensorProto.FLOAT, [1])
    model = onnx.helper.make_model(onnx.helper.make_graph([node], 'nothing', [value], [out]))
    replace(INFO, **changes).attach(model)
    onnx.save(model, str(path))
    return str(path)


def write_package(path, names=FILES):
    """An npm package whose files hold their names."""
    with tarfile.open(path, 'w:gz') as archive:
        for name in names:
            member = tarfile.TarInfo(f'package/dist/{name}')
            member.size = len(name)
            archive.addfile(member, BytesIO(name.encode()))
    return str(path)


@pytest.fixture
def package(tmp_path):
    return write_package(tmp_path / 'ort.tgz')


def test_folder_has_all_that_the_page_asks_for(tmp_path, package):
    video = tmp_path / 'film.webm'
    video.write_bytes(b'film')
    model = write_model(tmp_path / 'a.onnx')
    write_browser_page(model, str(tmp_path / 'new' / 'page'), str(video), package)
    page = tmp_path / 'new' / 'page'
    assert {path.name for path in page.iterdir()} == {*PAGE, 'runtime', 'model.onnx', 'page.json', 'example.webm'}
    assert {path.name: path.read_text() for path in (page / 'runtime').iterdir()} == {name: name for name in FILES}
    assert (page / 'model.onnx').read_bytes() == (tmp_path / 'a.onnx').read_bytes()
    assert (page / 'example.webm').read_bytes() == b'film'
    about = json.loads((page / 'page.json').read_text())
    assert about == dict(
        model='a',
        window=dict(clip_len=12, num_clips=3, fps=12, height=64, width=128),
        input='frames',
        scores='kept_scores',
        tubes='tubes_step2',
        classes=['walk', 'run'],
        example='example.webm')
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['page'], 'nothing is left beside it'


@pytest.mark.parametrize('changes, message', [
    (dict(kind='heads'), 'one of the two files .* --nms --one-file'),
    (dict(suppressed=[]), 'has no kept_scores: export it again with --nms'),
    (dict(input=dict(name='inputs')), 'takes optical flow'),
    (dict(window={
        **INFO.window, 'fps': None
    }), 'takes every frame of a video'),
])
def test_models_that_a_page_cannot_run_are_refused(tmp_path, package, changes, message):
    model = write_model(tmp_path / 'a.onnx', **changes)
    with pytest.raises(LaunchError, match=f'a.onnx .*{message}'):
        write_browser_page(model, str(tmp_path / 'page'), runtime=package)
    assert not (tmp_path / 'page').exists()


def test_a_folder_with_files_is_left_alone(tmp_path, package):
    model = write_model(tmp_path / 'a.onnx')
    with pytest.raises(LaunchError, match='is there and not an empty folder; name a new one'):
        write_browser_page(model, str(tmp_path), runtime=package)


def test_another_package_leaves_no_folder(tmp_path):
    model = write_model(tmp_path / 'a.onnx')
    package = write_package(tmp_path / 'other.tgz', FILES[:1])
    with pytest.raises(LaunchError, match=r'other.tgz is not the npm package onnxruntime-web'):
        write_browser_page(model, str(tmp_path / 'page'), runtime=package)
    (tmp_path / 'text.tgz').write_text('no archive')
    with pytest.raises(LaunchError, match=r'text.tgz is not the npm package onnxruntime-web'):
        write_browser_page(model, str(tmp_path / 'page'), runtime=str(tmp_path / 'text.tgz'))
    assert not (tmp_path / 'page').exists()


@pytest.mark.parametrize('name', ['video', 'runtime'])
def test_a_missing_file_is_named(tmp_path, package, name):
    model = write_model(tmp_path / 'a.onnx')
    with pytest.raises(LaunchError, match='gone.bin: there is no such file'):
        write_browser_page(model, str(tmp_path / 'page'), **{'runtime': package, name: 'gone.bin'})
