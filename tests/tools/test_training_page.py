"""The commands of docs/training.rst train, and do what the page says."""
import json
import re
import runpy
import shlex
import sys

import pytest
import torch
from helpers.mini_forms import ROOT, make_mini

pytestmark = pytest.mark.slow
PAGE = (ROOT / 'docs' / 'training.rst').read_text(encoding='utf-8')
COMMANDS = re.findall(r'^    python (tools/train\.py .*)$', PAGE, re.MULTILINE)
CONFIGS = re.findall(r"^    (_base_ = \['CONFIG'\]\n(?:    .*\n)+)", PAGE, re.MULTILINE)
SMALL = '''
_base_ = ['{root}/configs/step/step_tiny_mini-ava.py']
ann, labels, video = '{mini}/annotations/mini_', '{mini}/annotations/mini_action_list.pbtxt', '{mini}/videos'
files = dict(label_file=labels, data_prefix=dict(img=video))
train_dataloader = dict(
    batch_size=1, num_workers=0, persistent_workers=False, dataset=dict(ann_file=ann + 'train.csv', **files))
val_dataloader = dict(
    batch_size=1, num_workers=0, persistent_workers=False, dataset=dict(ann_file=ann + 'val.csv', **files))
val_evaluator = dict(ann_file=ann + 'val.csv', label_file=labels)
train_cfg = dict(max_iters=4, val_interval=4)
param_scheduler = []
auto_scale_lr = dict(base_batch_size=1)
'''


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A mini data set and a config that trains on it for four iterations."""
    folder = tmp_path_factory.mktemp('training')
    make_mini(folder / 'mini')
    (folder / 'CONFIG').with_suffix('.py').write_text(SMALL.format(root=ROOT, mini=folder / 'mini'))
    return folder


@pytest.fixture
def train(folder, monkeypatch):
    """Runs a command of the page; gives the checkpoint, the config that was trained and the last line of figures."""

    def train_(command, config='CONFIG.py', validate=False):
        monkeypatch.chdir(folder)
        words = [config if word == 'CONFIG' else word for word in shlex.split(command)]
        name = f'out{len(list(folder.glob("out*")))}'
        words += ['--work-dir', name, *([] if validate else ['--no-validate'])]
        monkeypatch.setattr(sys, 'argv', words)
        runpy.run_path(str(ROOT / words[0]), run_name='__main__')
        logs = (folder / name).glob('*/vis_data/scalars.json')  # of a validation; four iterations alone log nothing
        lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
        config, = (folder / name).glob('*.py')
        figures = lines[-1] if lines else {}
        return torch.load(folder / name / 'iter_4.pth', weights_only=False), config.read_text(), figures

    return train_


def command_with(word):
    found, = (command for command in COMMANDS if word in command)
    return found


@pytest.fixture(scope='module')
def plain():
    """The weights that a training without any option gives, once it has been run."""
    return {}


def weights_without_options(train, plain):
    if not plain:
        plain.update(train('tools/train.py CONFIG')[0]['state_dict'])
    return plain


def same(first, second):
    return all(torch.allclose(first[name].float(), second[name].float(), atol=1e-5) for name in second)


def test_amp(train):
    assert "type='BF16OptimWrapper'" in train(command_with('--amp'))[1] or torch.cuda.is_available()


def test_accumulation_makes_one_update_of_four_iterations(train):
    checkpoint, _, _ = train(command_with('accumulative_counts'))
    assert {int(state['step']) for state in checkpoint['optimizer']['state'].values()} == {1}


def test_averaged_weights_are_the_model_and_the_trained_ones_beside_it(train, plain):
    expected = weights_without_options(train, plain)
    checkpoint, _, _ = train(command_with('EMAHook'))
    trained = {
        name.removeprefix('module.'): value
        for name, value in checkpoint['ema_state_dict'].items() if name.startswith('module.')
    }
    parameters = {name: value for name, value in expected.items() if name.endswith(('weight', 'bias'))}
    assert same(trained, parameters) and not same(checkpoint['state_dict'], parameters)


def test_activation_checkpointing_changes_no_result(train, plain):
    expected = weights_without_options(train, plain)
    checkpoint, config, _ = train(command_with('activation_checkpointing'))
    assert 'activation_checkpointing' in config and same(checkpoint['state_dict'], expected)


def test_short_validations_are_scored_as_such(train, folder):
    """With the first seconds alone, and with some of them: persons of other seconds do not count."""
    every, = (text for text in CONFIGS if 'val_dataloader' in text)
    source = re.sub('^    ', '', every, flags=re.MULTILINE).replace("'CONFIG'", "'CONFIG.py'")
    (folder / 'every.py').write_text(source.replace('50000, 25', '2, 2'))
    few = train('tools/train.py CONFIG', config='every.py', validate=True)[2]
    first = train(command_with('indices').replace('=200', '=1'), validate=True)[2]
    for figures in (few, first):
        assert figures['step3/recall@0.5_top3'] <= 1 and 'step3/overall' in figures
    logs = ''.join(path.read_text() for path in folder.glob('out*/*/*.log'))
    assert len(re.findall(r'A subset is scored: 1 of the \d+ annotated key seconds', logs)) >= 2


def test_rare_classes_are_repeated(train, folder):
    balanced, = (text for text in CONFIGS if 'ClassBalanced' in text)
    (folder / 'balanced.py').write_text(
        re.sub('^    ', '', balanced, flags=re.MULTILINE).replace("'CONFIG'", "'CONFIG.py'"))
    assert 'ClassBalancedDataset' in train('tools/train.py CONFIG', config='balanced.py')[1]
