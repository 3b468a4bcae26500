"""tools/convert/nvlabs_to_mmstep.py as a user runs it, on small models; once at full size."""
import argparse
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.published_model import random_published
from helpers.small_released import CONFIG, small_model
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import init_detector
from mmstep.checkpoints.checkpoint import read_checkpoint

TOOL = 'nvlabs_to_mmstep.py'
ROOT = Path(__file__).parents[3]
PRETRAINING = CONFIG.with_name('step_i3d_ava_released_cls-pretrain.py')


@pytest.fixture(scope='module')
def published():
    state = dict(epoch=14, optimizer=dict(state={}, param_groups=[dict(lr=1e-4)]), cfg=argparse.Namespace(lr=1e-4))
    return {**random_published(divide=8), **state}


@pytest.fixture
def files(tmp_path, published):
    """IN.pth, config.py of the small model, and where OUT goes."""
    torch.save(published, tmp_path / 'in.pth')
    Config(dict(model=small_model())).dump(str(tmp_path / 'config.py'))
    return tmp_path / 'in.pth', tmp_path / 'config.py', tmp_path / 'out.pth'


def refuse(run, files, *message):
    """Converting has to fail, say why, and leave nothing behind."""
    before = sorted(files[0].parent.iterdir())
    code, said = run(TOOL, files[0], files[2], '--config', files[1])
    assert code == 1 and 'Traceback' not in said
    for part in message:
        assert part in said
    assert sorted(files[0].parent.iterdir()) == before


def test_the_whole_way(run, files, published):
    source, config, out = files
    code, said = run(TOOL, source, out, '--config', config)
    assert code == 0, said
    for line in ("is STEP's published detector with 3 steps; all of its 624 weights are used",
                 'left out: epoch, optimizer, cfg (argparse.Namespace, not loaded)',
                 f'{out} fills all 624 parameters and buffers of {config}', 'CC BY-NC-SA 4.0',
                 f'python tools/test.py {config} {out}', 'python demo/demo_video.py'):
        assert line in said
    # The model that a user builds loads it whole, and runs.
    model = init_detector(str(config), str(out), device='cpu')
    theirs = published['det_net2']['neighbor_reg2.weight']
    assert torch.equal(model.roi_head.bbox_head[2].fc_next.weight, theirs)
    assert read_checkpoint(str(out))['meta']['licence'].startswith('CC BY-NC-SA')


def test_classification_pretraining(run, tmp_path, published):
    content = {part: published[part] for part in ('base_net', 'context_net', 'det_net0')}
    torch.save(content, tmp_path / 'in.pth', _use_new_zipfile_serialization=False)  # as torch 1.0 wrote it
    model = small_model(config=PRETRAINING)
    Config(dict(model=model)).dump(str(tmp_path / 'config.py'))
    code, said = run(TOOL, tmp_path / 'in.pth', tmp_path / 'out.pth', '--config', tmp_path / 'config.py')
    assert code == 0 and 'classification pre-training; all of its 436 weights are used' in said
    # As in step_i3d_ava.py, its one head starts every step of a detector.
    detector = small_model()
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'out.pth'))
    detector.backbone.init_cfg = dict(init_cfg, prefix='backbone.')
    detector.roi_head.scene_context.init_cfg = dict(init_cfg, prefix='roi_head.scene_context.')
    detector.roi_head.bbox_head.init_cfg = dict(init_cfg, prefix='roi_head.bbox_head.0.')
    detector = MODELS.build(detector)
    detector.init_weights()
    for head in detector.roi_head.bbox_head:
        assert torch.equal(head.fc_next.bias, published['det_net0']['neighbor_reg2.bias'])


def test_counters_of_an_old_file(run, files, published):
    torch.save(
        {
            part: {
                name: value
                for name, value in weights.items() if not name.endswith('num_batches_tracked')
            }
            for part, weights in published.items() if part.endswith(('net', 'net0', 'net1', 'net2'))
        }, files[0])
    code, said = run(TOOL, files[0], files[2], '--config', files[1])
    assert code == 0 and '93 counters of batch norm, which the file lacks' in said


def test_missing_weight(run, files, published):
    published = {**published, 'det_net1': {k: v for k, v in published['det_net1'].items() if k != 'downsample.bias'}}
    torch.save(published, files[0])
    refuse(run, files, "1 of the model's 624 parameters and buffers are not in the file:",
           'roi_head.bbox_head.1.global_reduce.bias', 'Nothing is written')


def test_extra_weights(run, files, published):
    extra = {**published['base_net'], 'module.base_model.13.branch_0.conv3d.weight': torch.zeros(1)}
    torch.save({**published, 'base_net': extra, 'det_net3': published['det_net2']}, files[0])
    refuse(run, files, '95 weights of the file have no place in the model:', 'base_net:module.base_model.13.branch_0',
           'with 4 steps', '... and 87 more')


def test_other_classes(run, files, published):
    head = {**published['det_net0'], 'global_cls.bias': torch.zeros(80)}
    torch.save({**published, 'det_net0': head}, files[0])
    refuse(run, files, 'det_net0:global_cls.bias 80: roi_head.bbox_head.0.fc_cls.bias has 60', '--config')


def test_pretraining_in_place_of_the_detector(run, files, published):
    torch.save({part: published[part] for part in ('base_net', 'context_net', 'det_net0')}, files[0])
    refuse(run, files, "164 of the model's 624", 'classification pre-training, but does not fit')


@pytest.mark.parametrize('content, what, advice', [
    (dict(state_dict={
        'backbone.conv1.conv.weight': torch.zeros(1),
        'cls_head.fc_cls.bias': torch.zeros(1)
    }, meta={}), 'a recogniser of MMAction2', 'It needs no conversion'),
    ({
        'conv3d_1a_7x7.conv3d.weight': torch.zeros(64, 3, 7, 7, 7)
    }, 'I3D of RGB', 'tools/convert/i3d_to_mmstep.py'),
    ({
        'Mixed_3b.b0.bn.weight': torch.zeros(1)
    }, 'I3D', 'tools/convert/i3d_to_mmstep.py'),
    ({
        'features.0.weight': torch.zeros(1)
    }, 'VGG', 'tools/convert/i3d_to_mmstep.py'),
    (dict(state_dict={
        'backbone.x': torch.zeros(1),
        'roi_head.bbox_head.0.global_branch.x': torch.zeros(1)
    }), 'a detector of mmstep', 'needs no conversion'),
    (dict(base_net={}), 'without context_net, det_net0', 'Convert the whole file'),
    (dict(figures=[1, 2]), 'a file without weights', 'It holds: figures'),
])
def test_wrong_files_say_what_they_are(run, files, content, what, advice):
    torch.save(content, files[0])
    refuse(run, files, f'{files[0]} is', what, advice, 'not the published STEP weights')


def test_entries_that_are_no_weights(run, files, published):
    torch.save({**published, 'context_net': {**published['context_net'], 'note': 'x'}}, files[0])
    refuse(run, files, 'entries among its weights that are none: context_net:note')


def test_damaged_and_absent_files(run, files):
    whole = files[0].read_bytes()
    for content, message in ((whole[:len(whole) // 2], 'cut off'), (b'', 'is empty'), (b'<html>', 'another kind')):
        files[0].write_bytes(content)
        refuse(run, files, message)
    files[0].unlink()
    refuse(run, files, 'does not exist')


def test_bad_output_is_seen_before_reading(run, files):
    code, said = run(TOOL, files[0], files[0])
    assert code == 1 and 'is the file that is read' in said
    code, said = run(TOOL, files[0], files[0].parent / 'absent' / 'out.pth')
    assert code == 1 and 'mkdir -p' in said


@pytest.mark.slow
def test_full_size_from_the_command_line(tmp_path):
    torch.save(random_published(), tmp_path / 'in.pth')
    command = [sys.executable, f'tools/convert/{TOOL}', tmp_path / 'in.pth', tmp_path / 'out.pth']
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert 'fills all 624 parameters and buffers of configs/step/step_i3d_ava_released.py' in result.stdout
    model = init_detector(str(CONFIG), str(tmp_path / 'out.pth'), device='cpu')
    assert model.roi_head.bbox_head[0].fc_cls.weight.shape == (60, 13568)
