"""Annotations of AVA become arrays."""
import numpy as np
import pytest

from mmstep.evaluation.ava import read_ava_truth

LINES = ('b,902,.1,.2,.3,.4,1,0', 'a,903,.1,.2,.3,.4,2,1', 'b,902,.5,.5,1,1,2,7', 'a,904,0,0,1,1,3,0',
         'b,902,.1,.2,.3,.4,2,0')


def test_frames_in_the_order_of_the_file_and_persons_as_mmaction_orders_them(tmp_path):
    (tmp_path / 'truth.csv').write_text('\n'.join(LINES))
    (tmp_path / 'excluded.csv').write_text('a,0903\n')
    truth = read_ava_truth(str(tmp_path / 'truth.csv'), {1: 'walk', 2: 'run'}, str(tmp_path / 'excluded.csv'))
    assert truth.keys == ['b,0902', 'a,0903'] and truth.excluded == {'a,0903'}  # class 3 is not scored
    assert truth.frame.tolist() == [0, 0, 0, 1] and truth.label.tolist() == [2, 1, 2, 2]  # person 7 comes first
    np.testing.assert_array_equal(truth.boxes[:2], [[.5, .5, 1, 1], [.2, .1, .4, .3]])  # y1, x1, y2, x2
    assert truth.counted.tolist() == [True, True, True, False]


def test_nothing_that_is_scored(tmp_path):
    (tmp_path / 'truth.csv').write_text(LINES[0])
    with pytest.raises(ValueError, match='truth.csv has no row of a class that is scored: run'):
        read_ava_truth(str(tmp_path / 'truth.csv'), {2: 'run'})
