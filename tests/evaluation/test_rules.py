"""The rules by name, and what differs from them."""
import pytest
from mmengine.config import ConfigDict

from mmstep.evaluation import RULES, get_rules


def test_constants_of_the_two_programs():
    act, moc = RULES['act'], RULES['moc']
    assert (act.frame_nms_thr, act.tubelet_nms_thr, act.link_iou) == (.3, .3, .2)
    assert (act.gap(7), act.min_tube_score) == (5, .01)
    assert (moc.frame_nms_thr, moc.tubelet_nms_thr, moc.link_iou) == (.6, .6, .5)
    assert (moc.gap(7), moc.min_tube_score) == (7, .005)
    for rules in (act, moc):
        assert (rules.tubelets_kept, rules.min_tube_length, rules.tube_nms_thr, rules.plus_one) == (10, 15, .3, True)
    assert moc.soft_nms and not act.soft_nms


def test_rules_by_name_and_by_what_differs():
    assert get_rules('moc').link_iou == 0.5 and get_rules() == RULES['act']
    assert get_rules(dict(type='moc', min_tube_length=6)).min_tube_length == 6
    assert get_rules(ConfigDict(max_gap=9)).gap(6) == 9
    assert get_rules(RULES['moc']) is RULES['moc']


def test_rules_of_multisports():
    rules = RULES['multisports']
    assert (rules.plus_one, rules.nms_plus_one, rules.temporal_plus_one) == (False, True, False)
    assert rules.is_excluded(['volleyball serve', 'basketball save']).tolist() == [False, True]
    means = dict(rules.thresholds_of_means())
    assert means['0.1:0.9'] == [.1, .2, .3, .4, .5, .6, .7, .8, .9]
    assert (len(means['0.05:0.45']), len(means['0.5:0.95'])) == (9, 10)


def test_nms_follows_the_boxes_unless_told():
    assert not get_rules(dict(plus_one=False)).nms_plus_one and get_rules().nms_plus_one


def test_wrong_rules():
    with pytest.raises(ValueError, match="'ucf' are unknown; choose act, moc, multisports"):
        get_rules('ucf')
    with pytest.raises(ValueError, match='have no min_length; they have'):
        get_rules(dict(min_length=3))
    with pytest.raises(ValueError, match='average_precision'):
        get_rules(dict(average_precision='11 points'))
    with pytest.raises(ValueError, match="link_ties='first' is unknown"):
        get_rules(dict(link_ties='first'))
    with pytest.raises(ValueError, match='at least 1'):
        get_rules(dict(tubelets_kept=0))
