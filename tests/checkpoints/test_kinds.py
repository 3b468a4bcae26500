"""Telling weight files apart."""
import pytest
import torch

from mmstep.checkpoints import describe, identify

PART = {'a': torch.zeros(2)}


def weights(*names, channels=3):
    return {name: torch.zeros(4, channels, 1, 1, 1) for name in names}


@pytest.mark.parametrize('content, name, what', [
    (dict(base_net=PART, context_net=PART, det_net0=PART), 'published pre-training', 'classification pre-training'),
    (dict(base_net=PART, context_net=PART, det_net0=PART, det_net1=PART, det_net2=PART,
          epoch=3), 'published detector', 'with 3 steps'),
    (dict(base_net=PART, det_net0=PART), 'published part', 'without context_net'),
    (weights('module.base_model.0.conv3d.weight'), 'published part', 'base_net'),
    (weights('conv3d_1a_7x7.conv3d.weight'), 'I3D', r'I3D of RGB \(layers named mixed_3b.branch_0'),
    (weights('Conv3d_1a_7x7.conv3d.weight', channels=2), 'I3D', r'I3D of optical flow \(layers named Mixed_3b.b0'),
    (dict(state_dict=weights('module.mixed_5b.branch_0.conv3d.weight')), 'I3D', 'I3D'),
    (weights('features.0.weight', 'classifier.0.weight'), 'VGG', 'torchvision and MMCV'),
    (weights('backbone.features.0.conv.weight', 'head.fc.weight'), 'VGG', 'OpenMMLab'),
    (dict(state_dict=weights('backbone.conv1.conv.weight', 'cls_head.fc_cls.weight'),
          meta={}), 'recogniser', 'recogniser of MMAction2'),
    (dict(state_dict=weights('backbone.conv3d_1a_7x7.conv3d.weight', 'cls_head.fc_cls.weight')), 'recogniser',
     'InceptionI3D'),
    (dict(state_dict=weights('backbone.x', 'roi_head.bbox_head.0.global_branch.x'),
          message_hub={}), 'mmstep', 'detector of mmstep'),
    (dict(state_dict=weights('backbone.x', 'rpn_head.x')), 'detector', 'OpenMMLab'),
    (weights('backbone.x', 'head.fc.weight'), 'classifier', 'image classifier'),
    (weights('conv1.weight', 'layer1.0.conv1.weight'), 'ResNet', 'torchvision'),
    (dict(model_state=weights('s1.pathway0_stem.conv.weight'), cfg='...'), 'PySlowFast', 'PySlowFast'),
    (weights('encoder.weight'), 'unknown', 'no kind'),
    (dict(figures=[1, 2]), 'no weights', 'without weights'),
    ([1, 2], 'no weights', 'without weights'),
    ({}, 'no weights', 'without weights'),
])
def test_kinds(content, name, what):
    kind = identify(content)
    assert kind.name == name and what.replace('\\', '') in kind.what
    assert '{' not in kind.advice.format(path='x.pth')


def test_each_kind_names_the_converter_that_fits():
    published = dict(base_net=PART, context_net=PART, det_net0=PART)
    assert 'tools/convert/nvlabs_to_mmstep.py x.pth' in identify(published).advice.format(path='x.pth')
    for name in ('Mixed_3b.b0.bn.weight', 'features.0.weight'):
        assert 'tools/convert/i3d_to_mmstep.py' in identify(weights(name)).advice
    assert 'needs no conversion' in identify(weights('backbone.x', 'cls_head.x')).advice


def test_describe():
    assert describe(dict(base_net=PART, epoch=3)) == 'base_net (1 weights), epoch'
    assert describe({str(i): 0 for i in range(10)}) == '0, 1, 2, 3, 4, 5, 6, 7 and 2 more'
    assert describe([]) == 'an object of type list' and describe({}) == 'nothing'
