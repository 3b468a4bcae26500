"""Picture size, rate and length of a training."""
import numpy as np
import pytest

from mmstep.apis.new_config.choices import choose
from mmstep.datasets.annotation_formats.reading import VideoFacts
from mmstep.engine.config_files import load_config


def facts(*rates):
    return [VideoFacts(64, 48, np.arange(10) / rate, rate) for rate in rates]


def boxes(side):
    return np.array([[0, 0, side, 0.9]] * 4)


@pytest.fixture(scope='module')
def tiny():
    return load_config('step_tiny_mini-ava')


@pytest.mark.parametrize('side, scale', [(.4, None), (.26, (160, 160)), (.05, (256, 256))])
def test_small_boxes_get_larger_pictures(tiny, side, scale):
    assert choose(tiny, boxes(side), 10, facts(25)).scale == scale


@pytest.mark.parametrize('rates, fps', [((25, 30), None), ((12, ), None), ((25, 10), 8), ((2, ), 4)])
def test_the_rate_is_no_higher_than_that_of_the_videos(tiny, rates, fps):
    assert choose(tiny, boxes(.4), 10, facts(*rates)).fps == fps


@pytest.mark.parametrize('windows, iters', [(10, 600), (1440, 1400), (10**6, 20000)])
def test_iterations_follow_the_data(tiny, windows, iters):
    assert choose(tiny, boxes(.4), windows, facts(25)).max_iters == iters


def test_a_base_that_counts_epochs_keeps_its_picture_size():
    base = load_config('step_i3d_ava')
    chosen = choose(base, boxes(.05), 30, facts(25))
    assert chosen.scale is None and chosen.max_iters is None and chosen.max_epochs == 20
    assert choose(base, boxes(.05), 10**5, facts(25)).max_epochs is None


def test_each_choice_has_its_reason(tiny):
    reasons = choose(load_config('step_tiny_mini-ucf'), boxes(.4), 10, facts(25)).reasons
    assert [reason.split()[0] for reason in reasons] == ['pictures', 'windows', '600']
    assert 'windows of 30 frames as they come, 1.2 s at 25 a second' in reasons
