"""STEPInferencer: settings, names of files, and what is never written over or changed."""
import copy

import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, write_square_video

from mmstep.apis import STEPInferencer, init_detector
from mmstep.errors import LaunchError


@pytest.fixture
def files(tmp_path):
    """A config and a checkpoint that fit together."""
    square_config().dump(str(tmp_path / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'model.pth')
    return str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')


@pytest.fixture
def inferencer(files):
    return STEPInferencer(*files, device='cpu', show_progress=False)


def test_what_is_handed_in_stays_as_it_is(tmp_path):
    config = square_config()
    before = copy.deepcopy(config.to_dict())
    options = {'class_names': ['up', 'down']}
    inferencer = STEPInferencer(config, device='cpu', cfg_options=options, show_progress=False)
    assert inferencer.classes == ['up', 'down']
    assert config.to_dict() == before and options == {'class_names': ['up', 'down']}
    assert init_detector(config, device='cpu', cfg_options=options).cfg.class_names == ['up', 'down']
    assert config.to_dict() == before
    thresholds = dict(up=0.5)
    result = inferencer(write_square_video(tmp_path / 'a.mp4', seconds=0), score_thr=thresholds)['predictions'][0]
    assert result['score_thr'] == thresholds and result['score_thr'] is not thresholds
    model = init_detector(config, device='cpu')
    built = STEPInferencer(model, show_progress=False)
    built.cfg.class_names = ['other', 'names']
    assert model.cfg.class_names == ['left', 'right']
    with pytest.raises(LaunchError, match='come too late'):
        STEPInferencer(model, cfg_options=options)
    with pytest.raises(LaunchError, match='dtype bf16 comes too late'):
        STEPInferencer(model, dtype='bf16')


def test_a_film_is_not_overwritten_by_its_results(inferencer, files, tmp_path):
    own = tmp_path / 'own'
    own.mkdir()
    film = write_square_video(own / 'a.mp4', seconds=0)
    content = (own / 'a.mp4').read_bytes()
    (tmp_path / 'link').symlink_to(own)
    for what, folder in ((film, 'own'), (film, 'link'), (str(own), 'own'), ([film, film], 'own')):
        with pytest.raises(LaunchError, match='a.mp4 is the file that is read'):
            inferencer(what, out_dir=str(tmp_path / folder))
    assert (own / 'a.mp4').read_bytes() == content and [path.name for path in own.iterdir()] == ['a.mp4']
    assert inferencer(film, out_dir=str(own), draw=False)['predictions'][0]['complete']


@pytest.mark.parametrize('option', [
    dict(stride=0),
    dict(stride=-1.0),
    dict(stride=float('nan')),
    dict(batch_size=0),
    dict(model_fps=0.0),
    dict(max_seconds=-1),
    dict(score_thr=float('nan'))
])
def test_options_out_of_range_are_named(inferencer, tmp_path, option):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0)
    for inputs in (video, [video]):
        with pytest.raises(LaunchError, match=next(iter(option))):
            inferencer(inputs, **option)


def test_paths_and_a_single_format(files, tmp_path):
    inferencer = STEPInferencer(tmp_path / 'config.py', weights=tmp_path / 'model.pth', device='cpu')
    video = write_square_video(tmp_path / 'a.mp4', seconds=0)
    inferencer(tmp_path / 'a.mp4', out_dir=tmp_path / 'out', out_formats='ava', draw=False)
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['a.csv'] and video


def test_weights_that_are_not_finite(files, inferencer):
    weights = inferencer.model.state_dict()
    if not weights:
        inferencer.model.register_parameter('weight', torch.nn.Parameter(torch.tensor([1.0, float('nan')])))
    else:
        next(iter(weights.values())).fill_(float('nan'))
    with pytest.raises(LaunchError, match='not finite'):
        STEPInferencer(inferencer.model, device='cpu')
