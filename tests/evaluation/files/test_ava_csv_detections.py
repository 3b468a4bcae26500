"""Detections in AVA's csv form."""
import pytest

from mmstep.evaluation.files import read_ava_detections


def test_best_first_and_scored_classes_only(tmp_path):
    path = tmp_path / 'found.csv'
    path.write_text('v,902,.1,.2,.3,.4,1,.5\nv,0902,.5,.5,1,1,2,.75\nv,902,.1,.2,.3,.4,3,.9\n')
    boxes, labels, scores = read_ava_detections(str(path), {1, 2})
    assert boxes == {'v,0902': [(.5, .5, 1, 1), (.2, .1, .4, .3)]}
    assert labels == {'v,0902': [2, 1]} and scores == {'v,0902': [.75, .5]}


@pytest.mark.parametrize('line, message', [
    ('v,902,.1,.2,.3,.4,1', '7 columns, 8 are needed'),
    ('v,902,.1,.2,.3,.4,one,.5', "'one'; the columns are video_id"),
    ('v,902,.1,.2,.3,nan,1,.5', 'a box or score is not a finite number'),
])
def test_bad_lines_are_named(tmp_path, line, message):
    path = tmp_path / 'found.csv'
    path.write_text(f'v,902,.1,.2,.3,.4,1,.5\n{line}\n')
    with pytest.raises(ValueError, match=f'found.csv:2: .*{message}'):
        read_ava_detections(str(path), {1})
