"""What a run must not write over in its folder: configs that people wrote, and weights that it reads."""
import pytest
from mmengine.config import Config

from mmstep.engine.work_dir import check_work_dir, is_dumped_config
from mmstep.errors import LaunchError

OWN = '# Mine.\n_base_ = []\nmodel = dict(type="A")\nlr = 0.1\n'


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'configs' / 'a.py'
    path.parent.mkdir()
    path.write_text(OWN)
    return path


def check(config, work_dir, **settings):
    cfg = Config.fromfile(str(config))
    cfg.work_dir = str(work_dir)
    cfg.merge_from_dict(settings)
    check_work_dir(cfg, str(config))


def test_a_folder_of_its_own_and_one_of_earlier_runs_pass(config, tmp_path):
    check(config, tmp_path / 'new')
    Config.fromfile(str(config)).dump(str(tmp_path / 'a.py'))
    check(config, tmp_path)
    check(tmp_path / 'a.py', tmp_path)  # the copy itself, trained again


@pytest.mark.parametrize('work_dir', ['configs', 'configs/../configs', 'link'])
def test_no_config_is_written_over(config, tmp_path, work_dir):
    (tmp_path / 'link').symlink_to(tmp_path / 'configs')
    with pytest.raises(LaunchError, match='a.py was written by hand'):
        check(config, tmp_path / work_dir)


def test_another_config_of_this_name(config, tmp_path):
    (tmp_path / 'a.py').write_text('model = 1\nlr = 2\n')
    with pytest.raises(LaunchError, match='was written by hand'):
        check(config, tmp_path)


@pytest.mark.parametrize('name, resume, lost', [('iter_4.pth', False, True), ('best_mAP_epoch_3.pth', False, True),
                                                ('iter_4.pth', True, False), ('pretrained.pth', False, False)])
def test_weights_to_start_from(config, tmp_path, name, resume, lost):
    (tmp_path / 'run').mkdir()
    (tmp_path / 'run' / name).touch()
    settings = dict(load_from=str(tmp_path / 'run' / name), resume=resume)
    check(config, tmp_path / 'other', **settings)
    if lost:
        with pytest.raises(LaunchError, match=f'{name} lie where this training would write'):
            check(config, tmp_path / 'run', **settings)
    else:
        check(config, tmp_path / 'run', **settings)


@pytest.mark.parametrize('text, dumped', [('a = 1\nb = dict(c=[2])\n', True), ('b = 1\na = 2\n', False),
                                          ('a = 1  # why\n', False), ('import os\n', False), ('a = (', False),
                                          ("_base_ = 'x.py'\n", False), ("a = '#1'\n", True)])
def test_what_looks_dumped(tmp_path, text, dumped):
    (tmp_path / 'a.py').write_text(text)
    assert is_dumped_config(str(tmp_path / 'a.py')) == dumped
