"""Which videos are for validation."""
from mmstep.apis.new_config.split import choose_validation


def test_a_fifth_evenly_spread():
    assert choose_validation({f'{i:02d}': {'walk'} for i in range(15)}) == ['04', '09', '14']


def test_every_class_stays_in_training():
    shown = {f'{i:02d}': {'walk', 'sit'} if i == 4 else {'walk'} for i in range(5)}
    assert choose_validation(shown) == ['00']


def test_none_can_be_spared():
    assert choose_validation({'a': {'walk'}, 'b': {'sit'}}) == []
    assert choose_validation({'a': {'walk'}}) == [] and choose_validation({}) == []
