"""Checks of configs, options and data files before anything runs."""
import errno
import logging
import sys

import pytest
from mmaction.registry import METRICS, MODELS
from mmengine.config import Config

from mmstep.engine import config_files, data_check, launch
from mmstep.errors import LaunchError


def write(tmp_path, text, name='a.py'):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


class TestConfig:

    def test_absent(self, tmp_path):
        with pytest.raises(LaunchError, match='b.py does not exist'):
            config_files.load_config(str(tmp_path / 'b.py'))

    @pytest.mark.parametrize('line, near', [
        ('trian_cfg = dict(max_iters=3)', 'train_cfg'),
        ('optim_wraper = dict()', 'optim_wrapper'),
        ('default_hook = dict()', 'default_hooks'),
        ('custom_hook = []', 'custom_hooks'),
    ])
    def test_misspelt_key(self, tmp_path, line, near):
        path = write(tmp_path, f'model = dict(type="A")\n{line}\n')
        with pytest.raises(LaunchError, match=f'a.py:2: unknown key "{line.split()[0]}". Did you mean "{near}"'):
            config_files.load_config(path)

    @pytest.mark.parametrize('line', [
        'data_root = "data/ava"', 'train_pipeline = [dict(type="A")]', 'test_pipeline = []',
        'train_cfg_long = dict(max_iters=9)', 'model2 = dict()', 'num_steps = 3', 'file_client_args = dict()',
        'test_cfg = dict()', 'actions = ["walk"]'
    ])
    def test_variables_pass(self, tmp_path, line):
        config_files.load_config(write(tmp_path, line + '\n'))

    def test_options(self, tmp_path):
        path = write(tmp_path, 'model = dict(a=1)\n')
        cfg = config_files.load_config(path, {'model.a': 2, 'randomness.seed': 3})
        assert cfg.model.a == 2 and cfg.randomness.seed == 3
        with pytest.raises(LaunchError, match=r'--cfg-options modle.a: .*a.py has no key "modle". .*"model"'):
            config_files.load_config(path, {'modle.a': 2})


class TestErrorsOfTheRegistry:

    def check(self, tmp_path, text, build, message):
        path = write(tmp_path, text)
        cfg = Config.fromfile(path)
        with pytest.raises(LaunchError, match=message):
            with config_files.explain_config_errors(cfg, path):
                build(cfg)

    def test_unknown_argument(self, tmp_path):
        self.check(
            tmp_path, 'model = dict(\n    cls_head=dict(\n        type="I3DHead",\n        num_classes=3,\n'
            '        in_channels=4,\n        spatial_typ="avg"))\n', lambda cfg: MODELS.build(cfg.model.cls_head),
            r'a.py:6: unknown argument "spatial_typ" of I3DHead at model.cls_head')

    def test_unknown_argument_of_a_metric_in_a_list(self, tmp_path):
        self.check(tmp_path, 'test_evaluator = [dict(type="AccMetric", tpok=3)]\n',
                   lambda cfg: METRICS.build(cfg.test_evaluator[0]),
                   r'a.py:1: unknown argument "tpok" of AccMetric at test_evaluator.0')

    def test_unknown_type(self, tmp_path):
        self.check(tmp_path, 'model = dict(type="STEPDetectr")\n', lambda cfg: MODELS.build(cfg.model),
                   'a.py: there is no mmaction::model of type "STEPDetectr" .in model.')

    def test_other_errors_pass(self, tmp_path):
        path = write(tmp_path, 'model = dict(type="A")\n')
        with pytest.raises(TypeError, match='f.. got an unexpected'):
            with config_files.explain_config_errors(Config.fromfile(path), path):
                raise TypeError("f() got an unexpected keyword argument 'x'")


class TestDataFiles:

    def config(self, root):
        dataset = dict(
            type='A',
            data_root=root,
            ann_file='train.csv',
            label_file=f'{root}/labels.pbtxt',
            data_prefix=dict(video='videos'),
            pipeline=[dict(type='X', label_file='unused')])
        return Config(
            dict(
                train_dataloader=dict(dataset=dict(type='RepeatDataset', times=2, dataset=dataset)),
                val_evaluator=[dict(type='M', ann_file=f'{root}/val.csv')],
                test_dataloader=None))

    def test_all_that_is_missing_at_once(self, tmp_path):
        with pytest.raises(LaunchError) as error:
            data_check.check_data_files(self.config('data/ava'), 'a.py', ['train', 'val', 'test'])
        message = str(error.value)
        for file in ('train.csv', 'labels.pbtxt', 'val.csv', 'videos'):
            assert message.count(f'  data/ava/{file}  (') == 1
        assert 'train_dataloader.data_prefix.video' in message and 'val_evaluator.ann_file' in message
        assert 'unused' not in message
        for hint in ('ava_v2.1.zip', 'data/ava/annotations/', 'tools/data/ava/README.md'):
            assert hint in message
        assert 'make_mini' not in message

    def test_mini_data_set_is_made_not_downloaded(self):
        with pytest.raises(LaunchError, match='python tools/data/mini/make_mini.py') as error:
            data_check.check_data_files(self.config('data/mini-ava'), 'a.py', ['train'])
        assert 'ava_v2.1.zip' not in str(error.value)

    @pytest.mark.parametrize('file, hint', [
        ('no/ucf101_24/annotations/pyannot.pkl', 'tools/data/ucf101_24/README.md says what to download'),
        ('no/jhmdb/videos', 'python tools/data/prepare_tubes.py jhmdb '),
        ('no/mini/flow', 'python tools/data/extract_flow.py no/mini/videos no/mini/flow'),
        ('elsewhere/a.pkl', 'The formats are in tools/data/README.md'),
    ])
    def test_page_of_the_data_set(self, file, hint):
        loader = dict(dataset=dict(type='A', test_list=file))
        with pytest.raises(LaunchError) as error:
            data_check.check_data_files(Config(dict(train_dataloader=loader)), 'a.py', ['train'])
        assert file in str(error.value) and hint in str(error.value) and 'ava_v2.1.zip' not in str(error.value)

    def test_initial_weights(self, tmp_path):
        init_cfg = dict(type='Pretrained', checkpoint='work_dirs/none.pth')
        cfg = Config(dict(model=dict(neck=[dict(init_cfg=init_cfg)])))
        data_check.check_data_files(cfg, 'a.py', ['test'])
        with pytest.raises(
                LaunchError, match=r'work_dirs/none.pth  \(model.neck.0.init_cfg\)\nInitial weights') as error:
            data_check.check_data_files(cfg, 'a.py', ['train'])
        assert 'ava' not in str(error.value)

    def test_checkpoints_of_streams_are_trained_first(self):
        streams = [
            dict(model=dict(init_cfg=dict(type='Pretrained', checkpoint=f'work_dirs/{name}/epoch_3.pth')))
            for name in ('rgb', 'flow')
        ]
        with pytest.raises(LaunchError) as error:
            data_check.check_data_files(
                Config(dict(model=dict(type='StreamFusion', streams=streams))), 'a.py', ['test'])
        assert str(error.value).splitlines()[1:] == [
            '  work_dirs/rgb/epoch_3.pth  (model.streams.0.model.init_cfg)',
            '  work_dirs/flow/epoch_3.pth  (model.streams.1.model.init_cfg)',
            'Train first:  python tools/train.py configs/step/rgb.py',
            'Train first:  python tools/train.py configs/step/flow.py'
        ]

    def test_only_the_splits_in_use(self, tmp_path):
        data_check.check_data_files(self.config('data/ava'), 'a.py', ['test'])

    def test_whole(self, tmp_path):
        for name in ('train.csv', 'labels.pbtxt', 'val.csv'):
            (tmp_path / name).write_text('x')
        (tmp_path / 'videos').mkdir()
        cfg = self.config(str(tmp_path))
        with pytest.raises(LaunchError, match='videos'):  # an empty folder holds no data
            data_check.check_data_files(cfg, 'a.py', ['train', 'val'])
        (tmp_path / 'videos' / 'a.mp4').write_text('x')
        data_check.check_data_files(cfg, 'a.py', ['train', 'val'])


class TestRunTool:

    def fail(self, error, capsys):

        def main():
            raise error

        with pytest.raises(SystemExit) as end:
            launch.run_tool(main)
        assert end.value.code == 1
        return capsys.readouterr().err

    def test_message_for_people(self, capsys, monkeypatch):
        assert self.fail(LaunchError('no such thing'), capsys) == '\nError: no such thing\n'
        monkeypatch.setenv('LOCAL_RANK', '1')
        assert self.fail(LaunchError('no such thing'), capsys) == ''

    def test_one_process_alone_speaks(self, capsys, monkeypatch):
        monkeypatch.setenv('LOCAL_RANK', '1')
        monkeypatch.setattr('time.sleep', lambda seconds: None)
        with monkeypatch.context() as patch:
            patch.setattr('torch.distributed.is_initialized', lambda: True)
            assert self.fail(LaunchError('loss is nan'), capsys) == '\nError in process 1: loss is nan\n'
        # Before the processes have met, too.
        monkeypatch.setenv('TORCHELASTIC_RUN_ID', 'none')
        assert self.fail(LaunchError('no such file'), capsys) == '\nError in process 1: no such file\n'

    @pytest.mark.parametrize('error, said', [
        (ValueError('class `AVAWindowDataset` in mmstep/datasets/a.py: train.csv:3: the box ends'),
         'Error: train.csv:3: the box ends\n'),
        (KeyError('scores'), 'Error: KeyError: scores\n'),
        (AssertionError(), 'Error: AssertionError\n'),
    ])
    def test_message_alone(self, error, said, capsys):
        text = self.fail(error, capsys)
        assert said in text and 'Traceback (most' not in text

    def test_errors_of_data_workers(self):
        wrapped = ValueError('Caught ValueError in DataLoader worker process 0.\nOriginal Traceback (most recent call '
                             'last):\n  File "x.py", line 3, in f\n    raise y\nValueError: a.mp4: cannot be read\n')
        assert launch.describe_error(wrapped) == 'a.mp4: cannot be read'

    def test_traceback_is_in_the_log_file(self, capsys, tmp_path, monkeypatch):
        log = tmp_path / 'run.log'
        logger = logging.Logger('x')
        logger.addHandler(logging.FileHandler(log))
        monkeypatch.setattr(launch.MMLogger, 'get_current_instance', lambda: logger)
        assert f'(The traceback is in {log}.)' in self.fail(ValueError('bad'), capsys)
        assert 'Traceback (most recent call last)' in log.read_text() and 'ValueError: bad' in log.read_text()

    def test_debug_shows_it(self, monkeypatch):
        monkeypatch.setattr('sys.argv', ['tool', '--debug', 'x'])

        def main():
            assert sys.argv == ['tool', 'x']
            raise ValueError('bad')

        with pytest.raises(ValueError, match='bad'):
            launch.run_tool(main)

    def test_a_log_that_cannot_be_written_is_said_once(self, capsys, tmp_path):

        def fill_the_disk(_):
            raise OSError(errno.ENOSPC, 'No space left on device')

        def main():
            handler = logging.FileHandler(tmp_path / 'run.log')
            handler.stream.write = fill_the_disk
            logger = logging.Logger('full')
            logger.addHandler(handler)
            for _ in range(3):
                logger.warning('a line that does not fit')
            raise LaunchError('no such thing')

        said = self.fail_in(main, capsys)
        assert said.count('run.log cannot be written: the disk is full.') == 1
        assert 'Traceback' not in said and said.endswith('Error: no such thing\n')

    def fail_in(self, main, capsys):
        with pytest.raises(SystemExit) as end:
            launch.run_tool(main)
        assert end.value.code == 1
        return capsys.readouterr().err
