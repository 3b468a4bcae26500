"""Small files do not unfold without end."""
import pytest

from mmstep.utils.nesting import check_nesting


def test_shared_parts_are_fine():
    size = (400, 400)
    check_nesting([dict(img_shape=size, boxes=[1.5, 'a', {2}, None]) for _ in range(1000)], 20000)
    deep = []
    for _ in range(99):
        deep = [deep]
    check_nesting(deep, 0)


def doubled(levels):
    value = (1, )
    for _ in range(levels):
        value = (value, value)
    return value


def cycle():
    value = {}
    value['a'] = [value]
    return value


def deep():
    value = 1
    for _ in range(5000):
        value = [value]
    return value


@pytest.mark.parametrize(
    'content, reason', [
        (doubled(60), 'more than 1,000,200 parts'),
        (dict(a=doubled(25)), 'more than 1,000,200 parts'),
        (cycle(), 'a container that holds itself'),
        (deep(), 'more than a hundred containers'),
        ([1 << 9999], 'an integer of 10000 bits'),
        ({
            1 << 9999: 1
        }, 'an integer of 10000 bits'),
    ],
    ids=range(6))
def test_what_is_refused(content, reason):
    with pytest.raises(ValueError, match=reason):
        check_nesting(content, 10)
