"""Settings per step."""
import pytest

from mmstep.models.roi_heads.per_step import per_step


@pytest.mark.parametrize('value, expected', [
    (0.5, [0.5] * 3),
    ([1, 2, 3], [1, 2, 3]),
    ((1, 2, 3), [1, 2, 3]),
    (dict(type='A'), [dict(type='A')] * 3),
])
def test_one_or_one_each(value, expected):
    assert per_step(value, 3, 'x') == expected


def test_another_length_is_named():
    with pytest.raises(ValueError, match='train_cfg.assigner has 2 entries for num_steps=3'):
        per_step([1, 2], 3, 'train_cfg.assigner')
