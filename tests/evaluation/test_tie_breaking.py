"""Tests of mmstep.evaluation.tie_breaking: an order of detections that depends on nothing but the detections."""
import numpy as np

from mmstep.evaluation.tie_breaking import content_keys, descending, name_keys


def test_content_keys_follow_the_rows():
    values = np.random.default_rng(0).random((50, 4))
    order = np.random.default_rng(1).permutation(50)
    assert (content_keys(values)[order] == content_keys(values[order])).all()
    assert len(set(content_keys(values).tolist())) == 50
    assert content_keys(np.array([[0.]])) == content_keys(np.array([[-0.]]))
    assert content_keys(values[:1], name='a') != content_keys(values[:1], name='b')
    assert content_keys(np.zeros((0, 4))).shape == (0, )


def test_columns_are_told_apart():
    assert content_keys(np.array([[1., 2.]])) != content_keys(np.array([[2., 1.]]))
    assert content_keys(np.array([1.]), np.array([2.])) == content_keys(np.array([[1., 2.]]))


def test_each_row_may_have_a_name_of_its_own():
    values = np.random.default_rng(0).random((2, 4))
    together = content_keys(values, name=name_keys(['a', 'b']))
    assert together.tolist() == [content_keys(values[:1], name='a')[0], content_keys(values[1:], name='b')[0]]


def test_descending_breaks_ties_by_key():
    assert descending(np.array([.5, .9, .5, .5]), np.array([3, 9, 1, 2], dtype=np.uint64)).tolist() == [1, 2, 3, 0]
