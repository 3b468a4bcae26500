"""The command lines of tools/train.py, tools/test.py and eval_dump.py, without starting a process."""
import importlib.util
import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmstep.errors import LaunchError
from mmstep.evaluation import DumpDetections

TOOLS = Path(__file__).parents[2] / 'tools'


def load(name):
    """The module behind a tool: of the package, or the tool itself."""
    own = (TOOLS / name).resolve().relative_to(TOOLS.parent).with_suffix('')
    own = own if own.parts[0] == 'demo' else own.relative_to('tools')
    if (TOOLS.parent / 'mmstep/cli' / own).with_suffix('.py').is_file():
        return importlib.import_module('.'.join(['mmstep.cli', *own.parts]))
    spec = importlib.util.spec_from_file_location('tool_' + Path(name).stem, TOOLS / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def train():
    return load('train.py')


def arguments(**kwargs):
    defaults = dict(
        config='configs/a.py',
        work_dir=None,
        resume=None,
        load_from=None,
        amp=False,
        no_validate=False,
        auto_scale_lr=False,
        seed=None,
        diff_rank_seed=False,
        deterministic=False)
    return Namespace(**{**defaults, **kwargs})


class TestTrain:

    def test_defaults_come_from_the_config(self, train):
        cfg = Config(dict(randomness=dict(seed=7), val_cfg=dict(type='ValLoop')))
        train.merge_args(cfg, arguments())
        assert cfg.randomness == dict(seed=7) and cfg.work_dir == './work_dirs/a' and cfg.val_cfg.type == 'ValLoop'

    @pytest.mark.parametrize('seed', [0, 5])
    def test_command_line_wins(self, train, seed):
        cfg = Config(dict(randomness=dict(seed=7), val_cfg=dict(type='ValLoop'), work_dir='here'))
        train.merge_args(cfg, arguments(seed=seed, deterministic=True, no_validate=True, work_dir='there'))
        assert cfg.randomness == dict(seed=seed, deterministic=True) and cfg.work_dir == 'there'
        assert cfg.val_cfg is cfg.val_dataloader is cfg.val_evaluator is None

    def test_amp_without_a_gpu_is_bfloat16(self, train, monkeypatch):
        monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
        cfg = Config(dict(optim_wrapper=dict(type='AmpOptimWrapper', loss_scale='dynamic')))
        train.merge_args(cfg, arguments(amp=True))
        assert cfg.optim_wrapper == dict(type='BF16OptimWrapper')

    def test_amp_on_a_gpu_is_mmengines(self, train, monkeypatch):
        monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
        cfg = Config(dict(optim_wrapper=dict(clip_grad=None)))
        train.merge_args(cfg, arguments(amp=True))
        assert cfg.optim_wrapper == dict(type='AmpOptimWrapper', loss_scale='dynamic', clip_grad=None)

    def test_auto_scale_lr_needs_a_base(self, train):
        with pytest.raises(LaunchError, match='base_batch_size'):
            train.merge_args(Config(dict()), arguments(auto_scale_lr=True))

    def test_load_from(self, train, tmp_path):
        cfg = Config(dict(load_from='i3d.pth', resume=True, work_dir=str(tmp_path)))
        train.merge_args(cfg, arguments(load_from='mine.pth'))
        train.choose_checkpoint(cfg, None)
        assert cfg.load_from == 'mine.pth' and cfg.resume is False
        # Started again after an interruption: what the run has comes before what it started from.
        work_dir = Path(cfg.work_dir)
        train.choose_checkpoint(cfg, 'auto')
        assert cfg.load_from == 'mine.pth' and cfg.resume is False
        torch.save(dict(state_dict=dict(w=torch.ones(1)), optimizer={}), work_dir / 'iter_1.pth')
        train.choose_checkpoint(cfg, 'auto')
        assert cfg.load_from == str(work_dir / 'iter_1.pth') and cfg.resume is True

    def test_resuming_a_checkpoint_and_loading_another(self, train, monkeypatch, capsys):
        monkeypatch.setattr(sys, 'argv', ['train.py', 'a.py', '--resume', 'x.pth', '--load-from', 'y.pth'])
        with pytest.raises(SystemExit):
            train.parse_args()
        assert 'one of the two' in capsys.readouterr().err

    def test_nothing_to_resume_keeps_the_initialisation(self, train, tmp_path):
        cfg = Config(dict(load_from='i3d.pth', work_dir=str(tmp_path)))
        train.choose_checkpoint(cfg, 'auto')
        assert cfg.resume is False and cfg.load_from == 'i3d.pth'

    def test_resume(self, train, tmp_path):
        cfg = Config(dict(load_from='i3d.pth', work_dir=str(tmp_path)))
        train.choose_checkpoint(cfg, 'x.pth')
        assert cfg.resume is True and cfg.load_from == 'x.pth'
        torch.save(dict(state_dict=dict(w=torch.ones(1)), optimizer={}), tmp_path / 'iter_1.pth')
        train.choose_checkpoint(cfg, 'auto')
        assert cfg.resume is True and cfg.load_from == str(tmp_path / 'iter_1.pth')


class TestTest:

    def merge(self, cfg, **kwargs):
        defaults = dict(config='a.py', checkpoint='x.pth', work_dir=None, dump=None, show_dir=None, interval=1)
        load('test.py').merge_args(cfg, Namespace(**{**defaults, **kwargs}))

    def test_dump_is_one_more_metric(self):
        cfg = Config(dict(test_evaluator=dict(type='A')))
        self.merge(cfg, dump='out.pkl')
        assert cfg.test_evaluator == [dict(type='A'), dict(type='DumpDetections', out_file_path='out.pkl')]
        assert cfg.load_from == 'x.pth' and cfg.resume is False

    def test_bad_arguments(self):
        with pytest.raises(LaunchError, match='--dump out.json: the name must end with .pkl'):
            self.merge(Config(dict(test_evaluator=[])), dump='out.json')

    @pytest.mark.parametrize('given, kept', [
        (None, {}),
        (dict(timer=dict(type='IterTimerHook')), {}),
        (dict(visualization=dict(type='VisualizationHook', enable=False)), {}),
        (dict(visualization=dict(type='STEPVisualizationHook', out_dir='there', score_thr=.1)), dict(score_thr=.1)),
        (dict(visualization=dict(score_thr=.1)), dict(score_thr=.1)),
    ])
    def test_pictures_come_from_a_hook_whatever_the_config_has(self, given, kept):
        cfg = Config({} if given is None else dict(default_hooks=given))
        self.merge(cfg, show_dir='here', interval=5)
        assert cfg.default_hooks.visualization == dict(
            type='STEPVisualizationHook', out_dir='here', interval=5, **kept)
        assert cfg.default_hooks.get('timer') == (given or {}).get('timer')

    def test_no_pictures_unless_asked_for(self):
        cfg = Config(dict(default_hooks=dict()))
        self.merge(cfg)
        assert 'visualization' not in cfg.default_hooks


class TestEvalDump:

    def run(self, monkeypatch, *words):
        monkeypatch.setattr(sys, 'argv', ['eval_dump.py', *map(str, words)])
        load('analysis_tools/eval_dump.py').main()

    def test_scores_a_dump(self, tmp_path, monkeypatch, capsys):
        (tmp_path / 'truth.csv').write_text('v,0902,0,0,.5,1,1,0\n')
        (tmp_path / 'labels.pbtxt').write_text('item {\n  name: "walk"\n  id: 1\n}\n')
        evaluator = dict(
            type='StepwiseAVAMetric',
            num_steps=1,
            num_classes=2,
            ann_file=str(tmp_path / 'truth.csv'),
            label_file=str(tmp_path / 'labels.pbtxt'),
            exclude_file=None)
        (tmp_path / 'a.py').write_text(f'test_evaluator = {evaluator}\n')
        instances = dict(bboxes=torch.tensor([[0, 0, .5, 1]]), scores=torch.tensor([[0, .9]], dtype=torch.bfloat16))
        dump = DumpDetections(str(tmp_path / 'out.pkl'))
        dump.process(None, [dict(video_id='v', timestamp=902, pred_instances_step1=instances)])
        dump.evaluate(1)
        self.run(monkeypatch, tmp_path / 'a.py', tmp_path / 'out.pkl', '--out', tmp_path / 'figures.json')
        figures = json.loads((tmp_path / 'figures.json').read_text())
        assert figures['step1/overall'] == figures['step1/AP/walk'] == figures['step1/recall@0.5_top3'] == 1
        assert '"step1/overall": 1.0' in capsys.readouterr().out

    def test_odd_windows_are_said(self, tmp_path, monkeypatch, capsys):
        (tmp_path / 'truth.csv').write_text('v,0902,0,0,.5,1,1,0\nv,0903,0,0,.5,1,1,0\n')
        (tmp_path / 'labels.pbtxt').write_text('item {\n  name: "walk"\n  id: 1\n}\n')
        files = dict(
            ann_file=str(tmp_path / 'truth.csv'), label_file=str(tmp_path / 'labels.pbtxt'), exclude_file=None)
        evaluator = dict(type='StepwiseAVAMetric', num_steps=1, num_classes=2, **files)
        (tmp_path / 'a.py').write_text(f'test_evaluator = {evaluator}\n')
        instances = dict(bboxes=torch.tensor([[0, 0, .5, 1]]), scores=torch.tensor([[0, .9]]))
        dump = DumpDetections(str(tmp_path / 'out.pkl'))
        dump.process(None, [dict(video_id='v', timestamp=902, pred_instances_step1=instances)] * 2)
        dump.evaluate(2)
        self.run(monkeypatch, tmp_path / 'a.py', tmp_path / 'out.pkl')
        err = capsys.readouterr().err
        assert '1 windows come more than once, for instance v,0902' in err
        assert '1 windows are missing, and their annotations count as missed, for instance v,0903' in err

    @pytest.mark.parametrize('content, message', [
        (None, 'does not exist'),
        (b'cos\nsystem\n(S"true"\ntR.', 'asks for (os|posix).system'),
        (b'\x80\x04]\x94.', 'holds no list of predictions'),
    ])
    def test_bad_file(self, tmp_path, monkeypatch, content, message):
        (tmp_path / 'a.py').write_text('test_evaluator = dict(type="A")\n')
        if content is not None:
            (tmp_path / 'out.pkl').write_bytes(content)
        with pytest.raises(LaunchError, match=message):
            self.run(monkeypatch, tmp_path / 'a.py', tmp_path / 'out.pkl')


# Tool, what stands before the config on its command line, and what comes after it.
WITH_CONFIG = [
    ('tools/train.py', [], []),
    ('tools/test.py', [], ['x.pth']),
    ('tools/infer_videos.py', ['videos'], ['x.pth', '--out', 'out']),
    ('tools/fuse_results.py', [], ['a.pkl', 'b.pkl', '--out', 'c.pkl']),
    ('tools/analysis_tools/eval_dump.py', [], ['x.pkl']),
    ('tools/deployment/export_onnx.py', [], ['x.pth', 'x.onnx']),
    ('tools/analysis_tools/benchmark_step.py', [], []),
    ('tools/analysis_tools/benchmark_inference.py', [], []),
    ('tools/analysis_tools/benchmark_stream.py', [], ['x.mp4']),
    ('demo/demo_video.py', ['x.mp4'], ['x.pth', '--out', 'y.mp4']),
    ('demo/webcam_demo.py', [], ['x.pth']),
]


@pytest.mark.parametrize('tool, before, after', WITH_CONFIG, ids=[row[0] for row in WITH_CONFIG])
class TestNameOfAModel:

    def parse(self, monkeypatch, tool, *words):
        monkeypatch.setattr(sys, 'argv', [tool, *words])
        return load(f'../{tool}').parse_args()

    def test_works_wherever_a_config_does(self, monkeypatch, tool, before, after):
        args = self.parse(monkeypatch, tool, *before, 'step_tiny_mini-ava', *after)
        assert Path(args.config) == TOOLS.parent / 'configs/step/step_tiny_mini-ava.py'

    def test_path_stays_a_path(self, monkeypatch, tool, before, after):
        assert self.parse(monkeypatch, tool, *before, 'mine/a.py', *after).config == 'mine/a.py'

    def test_unknown_name(self, monkeypatch, tool, before, after):
        with pytest.raises(LaunchError, match='Did you mean step_tiny_mini-ava'):
            self.parse(monkeypatch, tool, *before, 'step_tiny_mini-avs', *after)


@pytest.mark.parametrize('tool, before, after', [WITH_CONFIG[2], *WITH_CONFIG[8:]], ids=lambda part: str(part))
def test_what_runs_a_model_takes_the_same_arguments(monkeypatch, tool, before, after):
    given = ['--device', 'cpu', '--dtype', 'bf16', '--model-fps', '25', '--cfg-options', 'model.num_clips=1']
    monkeypatch.setattr(sys, 'argv', [tool, *before, 'a.py', *after, *given])
    args = load(f'../{tool}').parse_args()
    assert (args.device, args.dtype, args.model_fps) == ('cpu', 'bf16', 25)
    assert args.cfg_options == {'model.num_clips': 1}


def test_old_name_of_rules_warns(monkeypatch, capsys):
    tool = load('evaluate_tubes.py')
    monkeypatch.setattr(sys, 'argv', ['evaluate_tubes.py', 'gt.npz', 'd.npz', '--preset', 'moc'])
    assert tool.parse_args().rules == 'moc'
    assert capsys.readouterr().err == '--preset is deprecated, its name is --rules now\n'
    monkeypatch.setattr(sys, 'argv', ['evaluate_tubes.py', 'gt.npz', 'd.npz', '--rules', 'moc'])
    assert tool.parse_args().rules == 'moc' and capsys.readouterr().err == ''
