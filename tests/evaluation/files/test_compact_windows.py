"""Stored windows hold no zeros and the last step once, and give all back."""
import pickle

import numpy as np
import pytest

from mmstep.errors import LaunchError
from mmstep.evaluation.files import StoredWindows, compact_window, expand_window, read_dump, write_windows


def prediction(seed, rows=30, classes=81, found=40):
    rng = np.random.default_rng(seed)
    scores = np.zeros((rows, classes), dtype=np.float32)
    if rows:
        scores.ravel()[rng.choice(scores.size, found, replace=False)] = rng.random(found)
    return dict(bboxes=rng.random((rows, 4)), scores=scores, tubes=rng.random((rows, 9, 4)).astype(np.float32))


def window(last=2, **kwargs):
    """A window of two steps; ``pred_instances`` are those of a step, or else ones that equal none."""
    steps = {f'pred_instances_step{step}': prediction(step, **kwargs) for step in (1, 2)}
    final = {name: array.copy() for name, array in steps.get(f'pred_instances_step{last}', prediction(9)).items()}
    return dict(video_id='v', timestamp=902, pred_instances=final, **steps)


def assert_same(found, expected):
    assert set(found) == set(expected)
    for key, value in expected.items():
        if isinstance(value, dict):
            assert_same(found[key], value)
        elif isinstance(value, np.ndarray):
            assert found[key].dtype == value.dtype and np.array_equal(found[key], value)
        else:
            assert found[key] == value


@pytest.mark.parametrize(
    'case',
    [
        window(),
        window(last=1),
        window(last=0),
        window(rows=0),
        window(rows=900, found=5000),  # more places than 16 bits count
        window(rows=4, classes=3, found=12),  # dense scores are smaller
        dict(video_id='v', pred_instances=prediction(0)),
        dict(video_id='v', pred_instances_step1=prediction(0)),
    ])
def test_round_trip(case, tmp_path):
    assert_same(expand_window(compact_window(case)), case)
    path = str(tmp_path / 'folder' / 'dump.pkl')
    write_windows(path, [compact_window(case)] * 2)
    found = read_dump(path)
    assert len(found) == 2
    for item in (*found, found[-1], *found[1:]):
        assert_same(item, case)


def test_a_prediction_without_scores_stays_as_it_is():
    case = dict(video_id='v', pred_instances=dict(bboxes=np.zeros((2, 4))))
    assert_same(expand_window(compact_window(case)), case)


def test_zeros_and_the_second_copy_take_no_place(tmp_path):
    case = window()
    dense, compact = (len(pickle.dumps(item, 4)) for item in (case, compact_window(case)))
    assert compact < dense / 3
    assert compact_window(case)['pred_instances'] == 'pred_instances_step2'
    scores = compact_window(case)['pred_instances_step1']['scores']
    assert scores['index'].dtype == np.uint16 and len(scores['value']) == 40
    assert isinstance(case['pred_instances']['scores'], np.ndarray)  # the caller's window stays as it is


def test_files_of_before_are_read(tmp_path):
    """Dense scores, and the last step in full."""
    (tmp_path / 'dump.pkl').write_bytes(pickle.dumps([window(), window(last=0)]))
    first, second = read_dump(str(tmp_path / 'dump.pkl'))
    assert_same(first, window())
    assert_same(second, window(last=0))


def damaged(**parts):
    return dict(
        pred_instances=dict(
            scores=dict(dict(shape=(2, 3), index=np.array([5], np.uint16), value=np.ones(1)), **parts)))


@pytest.mark.parametrize('case, message', [
    (dict(pred_instances='pred_instances_step2'), 'said to be pred_instances_step2, which it lacks'),
    (dict(pred_instances='video_id'), 'said to be video_id, which it lacks'),
    (damaged(shape=None), 'have no shape'),
    (damaged(shape=(2, -3)), 'have no shape'),
    (damaged(shape=(2**40, 2**40)), 'lies outside'),
    (damaged(shape=(2, 2)), r'lies outside of their shape \(2, 2\)'),
    (damaged(index=np.array([-1])), 'lies outside'),
    (damaged(index=np.array([0, 1], np.uint16)), 'do not fit together'),
    (damaged(value=None), 'do not fit together'),
])
def test_damage_is_named(case, message):
    windows = StoredWindows([window(), dict(case, video_id='v')], 'out.pkl')
    with pytest.raises(LaunchError, match=rf'out.pkl: window 1 \(video v\): .*{message}.*test again'):
        list(windows)
