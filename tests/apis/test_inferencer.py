"""STEPInferencer: what users call, the stages of BaseInferencer, and what is left alone."""
import json
import os

import numpy as np
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video
from mmaction.registry import INFERENCERS
from mmengine.infer import BaseInferencer

from mmstep.apis import KeyFrame, STEPInferencer, VideoError, VideoSource, init_detector, list_models, open_source
from mmstep.apis.persons.video_result import VideoResult
from mmstep.errors import LaunchError
from mmstep.utils import write_image


@pytest.fixture
def files(tmp_path):
    """A config and a checkpoint that fit together."""
    square_config().dump(str(tmp_path / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'model.pth')
    return str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')


@pytest.fixture
def inferencer(files):
    return STEPInferencer(*files, device='cpu', show_progress=False)


def check_form(result):
    """Every key is there, of its type, and JSON keeps the result as it is."""
    assert list(result) == list(VideoResult.__annotations__)
    assert json.loads(json.dumps(result)) == result


def test_three_lines(files, tmp_path):
    video = write_square_video(tmp_path / 'ä b.mp4', seconds=2.5)
    inferencer = STEPInferencer(*files, device='cpu')
    assert isinstance(inferencer, BaseInferencer)
    result = inferencer(video, out_dir=str(tmp_path / 'out'), out_formats=('json', 'ava', 'jsonl', 'coco', 'mot'))
    prediction, = result['predictions']
    check_form(prediction)
    assert prediction['video'] == video and prediction['complete'] and prediction['error'] is None
    assert [prediction[key] for key in ('fps', 'width', 'height', 'duration')] == [24, 256, 128, 2.5]
    assert (prediction['config'], prediction['checkpoint']) == files
    assert prediction['classes'] == ['left', 'right'] and prediction['class_ids'] == [1, 2]
    assert [key_time['time'] for key_time in prediction['detections']] == [0, 1, 2]
    for key_time in prediction['detections']:
        person, = key_time['persons']
        left = square_left(key_time['time'])
        np.testing.assert_allclose(person['bbox'], [left, 30, left + 40, 70], atol=4)
        assert person['id'] == 0 and person['actions'] == [
            dict(label='left', score=0.9), dict(label='right', score=0.6)
        ]
        assert len(person['tube']) == 3
    assert result['visualization'] == [str(tmp_path / 'out' / 'ä b.mp4')]
    assert len(VideoSource(result['visualization'][0]).times) == 60
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == [
        'ä b.csv', 'ä b.json', 'ä b.jsonl', 'ä b.mp4', 'ä b_coco.json', 'ä b_mot.txt'
    ]
    with open(tmp_path / 'out' / 'ä b.json', encoding='utf-8') as file:
        assert json.load(file) == prediction


def test_settings(inferencer, tmp_path):
    video = write_square_video(tmp_path / 'a.mp4', seconds=2)
    result = inferencer(video, stride=0.5, batch_size=3, score_thr=dict(right=0.7))
    prediction, = result['predictions']
    assert prediction['stride_seconds'] == 0.5 and prediction['score_thr'] == dict(right=0.7)
    assert [key_time['time'] for key_time in prediction['detections']] == [0, 0.5, 1, 1.5]
    assert all([action['label'] for action in key_time['persons'][0]['actions']] == ['left']
               for key_time in prediction['detections'])
    assert inferencer.model.batch_sizes == [3, 1] and result['visualization'] == [None]
    with pytest.raises(LaunchError, match="no class 'lfet'"):
        inferencer(video, score_thr=dict(lfet=0.5))
    with pytest.raises(LaunchError, match='unknown xml; there are json'):
        inferencer(video, out_formats=['xml'])


def test_broken_videos_are_reported_and_the_rest_goes_on(inferencer, tmp_path):
    good = write_square_video(tmp_path / 'a.mp4', seconds=0)
    (tmp_path / 'empty.mp4').write_bytes(b'')
    (tmp_path / 'text.mp4').write_text('no video ' * 100)
    paths = [str(tmp_path / name) for name in ('empty.mp4', 'a.mp4', 'text.mp4', 'missing.mp4')] + [good]
    result = inferencer(paths, out_dir=str(tmp_path / 'out'), draw=False)
    for prediction in result['predictions']:
        check_form(prediction)
    errors = [prediction['error'] for prediction in result['predictions']]
    assert 'is empty (0 bytes)' in errors[0] and 'is not a video' in errors[2] and 'does not exist' in errors[3]
    assert errors[1] is None and errors[4] is None
    assert [prediction['complete'] for prediction in result['predictions']] == [False, True, False, False, True]
    # The same name twice, and files for those with an error too.
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == [
        'a.json', 'a_2.json', 'empty.json', 'missing.json', 'text.json'
    ]
    with pytest.raises(VideoError, match='empty'):
        inferencer(paths[0])


def test_folder(inferencer, tmp_path):
    folder = tmp_path / 'videos'
    folder.mkdir()
    for name in ('b.mp4', 'a.mp4'):
        write_square_video(folder / name, seconds=0)
    result = inferencer(str(folder))
    assert [prediction['video']
            for prediction in result['predictions']] == [str(folder / 'a.mp4'),
                                                         str(folder / 'b.mp4')]


def test_array_gives_what_its_file_does(inferencer, tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=2))
    frames = np.stack([source.frames_at([time])[0] for time in source.times])
    result = inferencer(frames, fps=24, out_dir=str(tmp_path / 'out'))
    check_form(result['predictions'][0])
    assert result['predictions'][0]['video'] == 'array'
    assert result['predictions'][0]['detections'] == inferencer(source.path)['predictions'][0]['detections']
    assert result['visualization'] == [str(tmp_path / 'out' / 'array.mp4')]
    with pytest.raises(ValueError, match='need fps='):
        inferencer(frames)
    with pytest.raises(ValueError, match='uint8 array'):
        inferencer(frames.astype(float), fps=24)


def test_key_frames_one_by_one(inferencer, tmp_path):
    source = open_source(write_square_video(tmp_path / 'a.mp4', seconds=2))
    key_frames = inferencer.iterate(source, stride=1.0)
    first = next(key_frames)
    assert first.time == 0 and first.persons[0].person_id == 0 and len(first.steps) == 2
    assert [key_frame.time for key_frame in key_frames] == [1]


def test_a_model_that_is_there_already(files, tmp_path):
    first = STEPInferencer(*files, device='cpu', show_progress=False)
    again = STEPInferencer(first.model, show_progress=False)
    assert again.model is first.model and again.classes == ['left', 'right']
    config = STEPInferencer(square_config(), device='cpu', show_progress=False)
    check_form(config(write_square_video(tmp_path / 'a.mp4', seconds=0))['predictions'][0])
    assert config.weights is None
    with pytest.raises(LaunchError, match='init_detector'):
        STEPInferencer(SquareDetector())


def test_names_of_the_metafile():
    assert 'step_i3d_ava' in STEPInferencer.list_models() == list_models()
    with pytest.raises(LaunchError, match="'step_i3d_avaa' is neither.*Did you mean step_i3d_ava"):
        STEPInferencer('step_i3d_avaa')
    with pytest.raises(
            LaunchError, match='no weights of step_tiny_mini-ucf are published.*weights=.*come with step_tiny_'):
        STEPInferencer('step_tiny_mini-ucf')
    with pytest.raises(LaunchError, match='no/such/config.py does not exist'):
        STEPInferencer('no/such/config.py')
    # The weights of a fusion are those of its streams.
    with pytest.raises(LaunchError, match='nowhere.pth does not exist'):
        STEPInferencer(
            'step_tiny_mini-ucf_late',
            device='cpu',
            cfg_options={'model.streams.0.model.init_cfg.checkpoint': 'nowhere.pth'})


def test_flow_method(files):
    with pytest.raises(LaunchError, match="sees no optical flow: leave flow method 'dis' out"):
        STEPInferencer(*files, flow_method='dis')
    with pytest.raises(LaunchError, match="'farneback' is unknown; choose one of pyramid"):
        STEPInferencer('step_tiny_mini-ucf_flow', weights='a.pth', flow_method='farneback')
    model = init_detector('step_tiny_mini-ucf_flow', device='cpu', flow_method='pyramid')
    assert model.cfg.optical_flow.method == 'pyramid'
    assert STEPInferencer(model, device='cpu').cfg.optical_flow.method == 'pyramid'
    with pytest.raises(LaunchError, match='flow_method come too late'):
        STEPInferencer(model, flow_method='dis')


@pytest.fixture
def openings(monkeypatch):
    """The files that were opened, one entry an opening."""
    opened, original = [], VideoSource.__init__

    def count(self, path, *args, **kwargs):
        opened.append(str(path))
        original(self, path, *args, **kwargs)

    monkeypatch.setattr(VideoSource, '__init__', count)
    return opened


def test_every_file_is_opened_once_to_read_and_once_to_draw(inferencer, openings, tmp_path):
    videos = [write_square_video(tmp_path / name, seconds=0.5) for name in ('a.mp4', 'b.mp4')]
    inferencer(videos[0])
    assert openings == [videos[0]]
    openings.clear()
    inferencer(videos, out_dir=str(tmp_path / 'out'))
    assert openings == [videos[0], videos[0], videos[1], videos[1]]
    openings.clear()
    inferencer(videos, out_dir=str(tmp_path / 'out'), draw=False)
    assert openings == videos


def test_stages_one_by_one_and_by_the_base_class_give_the_same(inferencer, tmp_path):
    videos = [write_square_video(tmp_path / name, seconds=1.5) for name in ('a.mp4', 'b.mp4')]
    settings = dict(stride=0.5, out_dir=str(tmp_path / 'out'))
    whole = inferencer(videos, batch_size=2, out_formats=['json', 'mot'], **settings)
    runs = [run for run in inferencer.preprocess(videos, batch_size=2, **settings)]
    assert [run.result['detections'] for run in runs] == [[], []]
    preds = [pred for run in runs for pred in inferencer.forward(run)]
    drawn = inferencer.visualize(videos, preds)
    assert inferencer.postprocess(preds, drawn, out_formats=['json']) == whole
    assert BaseInferencer.__call__(inferencer, videos, batch_size=2, out_formats=['mot'], **settings) == whole
    assert whole['visualization'] == [str(tmp_path / 'out' / name) for name in ('a.mp4', 'b.mp4')]
    with pytest.raises(ValueError, match='unknown argument.*colour'):
        BaseInferencer.__call__(inferencer, videos, colour='red')


def test_pipeline_makes_the_run_of_one_input(inferencer, tmp_path):
    video = write_square_video(tmp_path / 'a.mp4', seconds=1)
    result = inferencer.pipeline(video, stride=0.5).finish()
    assert result == inferencer(video, stride=0.5)['predictions'][0]


def test_data_samples_are_key_frames(inferencer, tmp_path):
    video = write_square_video(tmp_path / 'a.mp4', seconds=2)
    samples, = inferencer(video, return_datasamples=True)['predictions']
    assert [type(sample) for sample in samples] == [KeyFrame] * 2
    assert [sample.to_dict() for sample in samples] == inferencer(video)['predictions'][0]['detections']


def test_registered_in_mmaction(files, tmp_path):
    for name in ('STEPInferencer', 'spatio-temporal-detection'):
        built = INFERENCERS.build(dict(type=name, model=files[0], weights=files[1], device='cpu'))
        assert type(built) is STEPInferencer


def test_a_folder_of_pictures_is_one_video(inferencer, tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=2))
    (tmp_path / 'frames').mkdir()
    for index, time in enumerate(source.times):
        write_image(tmp_path / 'frames' / f'img_{index:05d}.png', source.frames_at([time])[0])
    result = inferencer(str(tmp_path / 'frames'), fps=24, out_dir=str(tmp_path / 'out'))
    assert result['predictions'][0]['detections'] == inferencer(source.path)['predictions'][0]['detections']
    assert len(VideoSource(str(tmp_path / 'out' / 'frames.mp4')).times) == 48
    with pytest.raises(VideoError, match='give fps='):
        inferencer(str(tmp_path / 'frames'))


def test_names_that_are_not_utf8_do_not_end_a_list(inferencer, tmp_path):
    odd = os.path.join(tmp_path, os.fsdecode(b'caf\xe9.mp4'))
    os.rename(write_square_video(tmp_path / 'b.mp4', seconds=0), odd)
    good = write_square_video(tmp_path / 'a.mp4', seconds=0)
    first, second = inferencer([odd, good], out_dir=str(tmp_path / 'out'), draw=False)['predictions']
    assert second['complete']
    check_form(first)
