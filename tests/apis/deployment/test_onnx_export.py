"""From a detector to ONNX files."""
import json

import numpy as np
import pytest
from helpers.exported import small_model
from helpers.square_detector import write_square_video

from mmstep.apis import STEPInferencer
from mmstep.apis.deployment import Tolerance, export_onnx, export_paths, read_info
from mmstep.errors import LaunchError

pytestmark = pytest.mark.slow


def test_names_of_the_files():
    assert export_paths('a/b.onnx', pair=False) == dict(window='a/b.onnx')
    assert export_paths('a/b.onnx', pair=True) == dict(heads='a/b.onnx', clips='a/b.clips.onnx')


def test_figures_are_written_beside_the_files(exported):
    path, report = exported
    assert report['files'] == ['small.onnx', 'small.clips.onnx']
    assert [step['step'] for step in report['steps']] == ['step1', 'step2']
    assert all(step['score'] < 1e-4 and step['px'] < 0.05 for step in report['steps'])
    with open(path.replace('.onnx', '.json')) as file:
        assert json.load(file) == report


def test_files_say_what_they_take_and_give(exported):
    heads, clips = (read_info(exported[0].replace('.onnx', end)) for end in ('.onnx', '.clips.onnx'))
    assert heads.export_id == clips.export_id and (heads.kind, clips.kind) == ('heads', 'clips')
    assert clips.input['shape'] == [0, 3, 12, 64, 64] and clips.outputs == ['feats']
    assert heads.outputs == ['scores_step1', 'tubes_step1', 'scores_step2', 'tubes_step2', 'kept_scores']
    assert heads.suppressed == ['kept_scores'] and heads.classes[:2] == ['stand', 'walk']


def test_any_number_of_windows(exported):
    ort = pytest.importorskip('onnxruntime')
    session = ort.InferenceSession(exported[0])
    one = np.random.default_rng(0).random((1, 64, 9, 4, 4), np.float32)
    alone = session.run(None, dict(feats=one))
    three = session.run(None, dict(feats=np.concatenate([one * 0, one, one * 2])))
    for a, b in zip(alone, three):
        assert len(b) == 3 and np.allclose(a[0], b[1], atol=1e-3)


def test_one_file_of_joint_clips(tmp_path):
    pytest.importorskip('onnxscript')
    report = export_onnx(small_model(joint=True), str(tmp_path / 'a.onnx'))
    assert report['files'] == ['a.onnx'] and report['source'] == 'pictures made up'
    info = read_info(str(tmp_path / 'a.onnx'))
    assert info.kind == 'window' and info.input['shape'] == [0, 3, 36, 64, 64]


def test_nothing_is_written_if_it_differs(model, tmp_path):
    pytest.importorskip('onnxscript')
    with pytest.raises(LaunchError, match='a.onnx is not written: step'):
        export_onnx(model, str(tmp_path / 'a.onnx'), tolerance=Tolerance(1e-12, 1e-12))
    assert list(tmp_path.iterdir()) == []


def test_inferencer_runs_the_file_by_itself(model, exported, tmp_path):
    video = write_square_video(tmp_path / 'a.mp4', seconds=2)
    options = dict(score_thr=0.05, draw=False)
    wanted, found = (
        STEPInferencer(what, device='cpu', show_progress=False)(video, **options)['predictions'][0]
        for what in (model, exported[0]))
    assert found['config'] == exported[0] and found['classes'] == wanted['classes']
    assert [len(entry['persons']) for entry in found['detections']] == \
        [len(entry['persons']) for entry in wanted['detections']]
    for ours, theirs in zip(found['detections'], wanted['detections']):
        for mine, other in zip(ours['persons'], theirs['persons']):
            assert np.allclose(mine['bbox'], other['bbox'], atol=0.5)
            assert mine['actions'][0]['score'] == pytest.approx(other['actions'][0]['score'], abs=1e-3)
