"""demo/demo_video.py: files it writes, errors, the quickstart beside it."""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import quickstart_report
import torch
from helpers.chromium import needs_chromium, open_chromium, play
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import VideoSource
from mmstep.cli.demo import demo_video
from mmstep.errors import LaunchError
from mmstep.utils import write_image

ROOT = Path(__file__).parents[3]


@pytest.fixture
def files(tmp_path):
    """A video, a config and a checkpoint that fit together."""
    config = square_config()
    config.dump(str(tmp_path / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'model.pth')
    video = write_square_video(tmp_path / 'in put ä.mp4', seconds=2.5)
    return [video, str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')]


@pytest.fixture
def run(monkeypatch):
    """Runs the demo in this process."""

    def run(*args):
        monkeypatch.setattr(sys, 'argv', ['demo_video.py', *args, '--device', 'cpu'])
        monkeypatch.setattr(signal, 'signal', lambda *_: None)
        demo_video.main()

    return run


def test_a_checkpoint_is_needed_and_may_stand_behind_options(files, run, tmp_path):
    out = str(tmp_path / 'out.mp4')
    with pytest.raises(LaunchError, match='config.py needs a checkpoint: give its file after the config'):
        run(*files[:2], '--out', out)
    run(*files[:2], '--out', out, files[2])
    assert json.loads((tmp_path / 'out.json').read_text(encoding='utf-8'))['checkpoint'] == files[2]


@pytest.mark.slow
def test_late_fusion_with_the_checkpoints_of_its_streams(files, run, tmp_path):
    cfg = Config.fromfile(str(ROOT / 'configs/step/step_tiny_mini-ucf_late.py'))
    for number, stream in enumerate(cfg.model.streams):
        stream.model.init_cfg.checkpoint = str(tmp_path / f'{number}.pth')
        state = MODELS.build({**stream.model, 'init_cfg': None}).state_dict()
        torch.save(dict(state_dict=state, meta={}), stream.model.init_cfg.checkpoint)
    cfg.dump(str(tmp_path / 'late.py'))
    out = tmp_path / 'out.mp4'
    run(files[0], str(tmp_path / 'late.py'), '--out', str(out), '--score-thr', '0.05', '--flow-method', 'dis')
    content = json.loads(out.with_suffix('.json').read_text(encoding='utf-8'))
    assert content['complete'] and content['checkpoint'] is None and content['detections'][3]['persons']


def test_video_json_and_picture(files, run, tmp_path, capsys):
    out = tmp_path / 'new' / 'out.mp4'
    image = str(out.with_suffix('.png'))
    run(*files, '--out', str(out), '--out-image', image, '--score-thr', '0.7', '--stride', '0.5')
    source, copy = VideoSource(files[0]), VideoSource(str(out))
    assert (copy.width, copy.height, copy.fps, len(copy.times)) == (256, 128, 24, len(source.times))
    content = json.loads((tmp_path / 'new' / 'out.json').read_text(encoding='utf-8'))
    assert content['complete'] and content['broken_from'] is None
    assert (content['video'], content['config'], content['checkpoint']) == tuple(files)
    assert (content['fps'], content['width'], content['height'], content['duration']) == (24, 256, 128, 2.5)
    assert content['classes'] == ['left', 'right'] and content['class_ids'] == [1, 2]
    assert content['error'] is None and content['stride_seconds'] == 0.5
    assert [entry['time'] for entry in content['detections']] == [0, 0.5, 1, 1.5, 2]
    for entry in content['detections']:
        person, = entry['persons']
        left = square_left(entry['time'])
        np.testing.assert_allclose(person['bbox'], [left, 30, left + 40, 70], atol=4)
        assert person['id'] == 0 and person['actions'] == [dict(label='left', score=0.9)]
    assert cv2.imread(str(tmp_path / 'new' / 'out.png')).shape[0] > 320
    said = capsys.readouterr().out
    assert str(out) in said and 'out.json' in said and 'out.png' in said
    assert not list((tmp_path / 'new').glob('*.part*'))


@pytest.mark.slow
@needs_chromium
def test_video_plays_in_a_browser(files, run, tmp_path):
    run(*files, '--out', str(tmp_path / 'out.mp4'))
    with open_chromium() as driver:
        seen = play(driver, tmp_path / 'out.mp4')
    assert (seen['error'], seen['ready_state'], seen['size']) == (None, 4, [256, 128])
    assert seen['duration'] == pytest.approx(2.5, abs=0.01)


def test_pictures_beside_the_video(files, run, tmp_path, capsys):
    run(*files, '--out', str(tmp_path / 'out.mp4'), '--tubes-3d', '--contact-sheet')
    said = capsys.readouterr().out
    for name in ('out_tubes.png', 'out_sheet.png'):
        assert cv2.imread(str(tmp_path / name)).shape[1] > 400 and name in said
    assert not (tmp_path / 'out_steps.png').exists()


def test_view_of_the_steps(files, run, tmp_path):
    config = str(ROOT / 'configs' / 'step' / 'step_tiny_mini-ava.py')
    weights = MODELS.build(Config.fromfile(config).model).state_dict()
    torch.save(dict(state_dict=weights, meta={}), tmp_path / 'tiny.pth')
    run(files[0], config, str(tmp_path / 'tiny.pth'), '--out', str(tmp_path / 'out.mp4'), '--steps')
    # Four rows: the initial tubes and three steps.
    assert cv2.imread(str(tmp_path / 'out_steps.png')).shape[0] > 4 * 360


def test_view_of_the_steps_of_a_model_without_any(files, run, tmp_path):
    with pytest.raises(LaunchError, match='ProgressiveRoIHead'):
        run(*files, '--out', str(tmp_path / 'out.mp4'), '--steps')
    assert not list(tmp_path.glob('out*'))


def test_error_on_the_way_keeps_what_there_is(files, run, tmp_path, monkeypatch):
    calls = []
    original = SquareDetector.test_step

    def fail_third(self, data):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError('out of memory')
        return original(self, data)

    monkeypatch.setattr(SquareDetector, 'test_step', fail_third)
    with pytest.raises(RuntimeError):
        run(*files, '--out', str(tmp_path / 'out.mp4'))
    content = json.loads((tmp_path / 'out.json').read_text())
    assert not content['complete'] and [entry['time'] for entry in content['detections']] == [0, 1]
    assert VideoSource(str(tmp_path / 'out.mp4')).duration == pytest.approx(1, abs=0.05)


def test_video_without_anybody(files, run, tmp_path):
    files[0] = write_square_video(tmp_path / 'black.mp4', seconds=1, speed=1e4)
    run(*files, '--out', str(tmp_path / 'out.mp4'), '--out-image', str(tmp_path / 'o.png'), '--score-thr', '1')
    assert json.loads((tmp_path / 'out.json').read_text())['detections'] == [dict(time=0, persons=[])]


def test_videos_that_cannot_be_read_leave_no_output(files, run, tmp_path):
    (tmp_path / 'text.mp4').write_text('text')
    for name, said in (('nowhere.mp4', 'does not exist'), ('text.mp4', 'not a video')):
        with pytest.raises(LaunchError, match=said):
            run(str(tmp_path / name), *files[1:], '--out', str(tmp_path / 'out.mp4'))
    assert not list(tmp_path.glob('out*'))


@pytest.mark.parametrize('options', [['--score-thr', '1.5'], ['--stride', '0'], ['--batch-size', '0']])
def test_options_out_of_range(files, run, tmp_path, options, capsys):
    with pytest.raises(SystemExit) as end:
        run(*files, '--out', str(tmp_path / 'out.mp4'), *options)
    assert end.value.code == 2 and options[0] in capsys.readouterr().err


def test_a_file_that_nobody_named_is_not_replaced_unless_it_has_detections(files, run, tmp_path, capsys):
    own, out = tmp_path / 'out.json', str(tmp_path / 'out.mp4')
    own.write_text('{"notes": "mine"}')
    with pytest.raises(SystemExit) as end:
        run(*files, '--out', out)
    assert end.value.code == 2 and 'out.json is there and has no detections' in capsys.readouterr().err
    assert own.read_text() == '{"notes": "mine"}' and not os.path.exists(out)
    own.unlink()
    run(*files, '--out', out)
    run(*files, '--out', out, '--score-thr', '0.9')
    assert json.loads(own.read_text(encoding='utf-8'))['score_thr'] == 0.9


@pytest.mark.parametrize('option', ['--out', '--out-json', '--out-image'])
@pytest.mark.parametrize('number', range(3))
def test_no_input_is_overwritten(files, run, tmp_path, option, number):
    before = [Path(path).read_bytes() for path in files]
    outputs = {'--out': str(tmp_path / 'out.mp4'), option: files[number]}
    with pytest.raises(LaunchError, match='is the file that is read'):
        run(*files, *(word for pair in outputs.items() for word in pair))
    assert [Path(path).read_bytes() for path in files] == before


def test_outputs_with_one_name(files, run, tmp_path):
    with pytest.raises(LaunchError, match='two outputs with one name'):
        run(*files, '--out', str(tmp_path / 'a.mp4'), '--steps', '--out-image', str(tmp_path / 'a_steps.png'))


@pytest.mark.parametrize('count,indices', [(1, [0]), (3, [0, 1, 2]), (5, [0, 1, 2, 3, 4]), (10, [1, 3, 5, 7, 9])])
def test_key_frames_of_the_picture_are_spread(count, indices):
    assert demo_video.strip_indices(count) == indices


@pytest.mark.slow
def test_command_ends_with_a_message_and_no_traceback(tmp_path):
    (tmp_path / 'empty.mp4').touch()
    done = subprocess.run(
        [sys.executable, 'demo/demo_video.py',
         str(tmp_path / 'empty.mp4'), 'c.py', 'm.pth', '--out', 'o.mp4'],
        cwd=ROOT,
        env={
            **os.environ, 'OMP_NUM_THREADS': '1'
        },
        capture_output=True,
        text=True)
    assert done.returncode == 1
    assert 'empty.mp4 is empty (0 bytes)' in done.stderr and 'Traceback' not in done.stderr


def test_score_table_of_the_quickstart(tmp_path):
    for name, overall in (('20260101_000000', 0.1), ('20260102_000000', 0.75)):
        folder = tmp_path / name
        folder.mkdir()
        scores = {'step1/overall': 0.5, 'step2/overall': overall, 'step2/recall@0.5_top3': 0.9, 'time': 1}
        (folder / f'{name}.json').write_text(json.dumps(scores))
        os.utime(folder / f'{name}.json', (0, int(name[7])))
    table = quickstart_report.score_table(quickstart_report.newest_scores(tmp_path))
    assert table[0].split() == ['step', '1', 'step', '2']
    assert table[1].endswith('     50.0     75.0')
    assert table[3].endswith('        -     90.0')


def test_no_scores(tmp_path):
    with pytest.raises(FileNotFoundError, match='tools/test.py has not ended'):
        quickstart_report.newest_scores(tmp_path)


@pytest.mark.slow
def test_quickstart_names_the_stage_that_fails(tmp_path):
    (tmp_path / 'demo').mkdir()
    (tmp_path / 'tools').mkdir()
    (tmp_path / 'demo' / 'quickstart.sh').write_text((ROOT / 'demo' / 'quickstart.sh').read_text())
    (tmp_path / 'tools' / 'setup_env.sh').write_text('echo no compiler >&2; exit 3\n')
    done = subprocess.run(['bash', str(tmp_path / 'demo' / 'quickstart.sh')], capture_output=True, text=True)
    assert done.returncode == 3
    assert 'no compiler' in done.stderr and 'stage 1: set up the environment' in done.stderr


@pytest.fixture
def frames(files, tmp_path):
    """Folder of the video's pictures."""
    source = VideoSource(files[0])
    (tmp_path / 'frames').mkdir()
    for index, time in enumerate(source.times):
        write_image(tmp_path / 'frames' / f'img_{index:05d}.png', source.frames_at([time])[0])
    return str(tmp_path / 'frames')


def test_a_folder_of_pictures_is_one_video(files, run, frames, tmp_path):
    for name, video in (('video', files[0]), ('frames', frames)):
        run(video, *files[1:], '--out', str(tmp_path / f'{name}.mp4'), *['--fps', '24'] * (name == 'frames'),
            '--contact-sheet')
    found = [json.loads((tmp_path / f'{name}.json').read_text()) for name in ('video', 'frames')]
    assert found[0]['detections'] == found[1]['detections'] and found[1]['complete']
    assert len(VideoSource(str(tmp_path / 'frames.mp4')).times) == len(VideoSource(files[0]).times)


def test_a_folder_of_pictures_needs_a_rate_and_a_video_none(files, run, frames, tmp_path, capsys):
    with pytest.raises(LaunchError, match='24 pictures|60 pictures'):
        run(frames, *files[1:], '--out', str(tmp_path / 'out.mp4'))
    for video, rate in ((files[0], '24'), (frames, '0'), (frames, 'nan')):
        with pytest.raises(SystemExit):
            run(video, *files[1:], '--out', str(tmp_path / 'out.mp4'), '--fps', rate)
        assert '--fps' in capsys.readouterr().err


def test_no_picture_is_overwritten(files, run, frames, tmp_path):
    with pytest.raises(LaunchError, match='is the file that is read'):
        run(frames, *files[1:], '--fps', '24', '--out', str(tmp_path / 'out.mp4'), '--out-image',
            f'{frames}/img_00003.png')
