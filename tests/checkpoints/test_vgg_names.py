"""VGG16 in the namings of torchvision, MMCV and OpenMMLab's classifiers."""
import pytest
import torch
from helpers.weight_names import conv_modules

from mmstep.checkpoints import inflate_first_layer, list_differences, vgg_from_file
from mmstep.models import FrameVGG

NARROW = dict(channels=(4, 4, 8, 8, 8))


@pytest.mark.parametrize('make, classifier', [
    (lambda weights: weights, 'classifier.6.weight'),
    (lambda weights: {
        f'backbone.{name}': weight
        for name, weight in weights.items()
    }, 'backbone.classifier.0.bias'),
    (conv_modules, 'head.fc.weight'),
])
def test_namings(make, classifier):
    model = FrameVGG(**NARROW)
    weights = model.state_dict()
    renamed = vgg_from_file({**make(weights), classifier: torch.zeros(3)})
    assert renamed.left_out == [classifier] and list_differences(weights, renamed) == []
    assert all(torch.equal(renamed.weights[name], weight) for name, weight in weights.items())


def test_conv_modules_load_directly():
    one, two = FrameVGG(**NARROW), FrameVGG(in_channels=10, **NARROW)
    weights = {name.removeprefix('backbone.'): weight for name, weight in conv_modules(one.state_dict()).items()}
    two.load_state_dict(weights)
    assert torch.equal(two.features[28].weight, one.features[28].weight)
    assert torch.equal(two.features[0].weight, inflate_first_layer(one.features[0].weight, 10))


def test_norm_layers_have_no_place():
    renamed = vgg_from_file({'features.0.weight': torch.zeros(1), 'features.1.running_mean': torch.zeros(1)})
    assert renamed.unknown == ['features.1.running_mean']
