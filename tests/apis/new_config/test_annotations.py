"""Annotations of a folder as training reads them."""
import pickle

import numpy as np
import pytest

from mmstep.apis.new_config.annotations import read_own_annotations
from mmstep.apis.new_config.data_folder import find_data
from mmstep.datasets import read_annotations, read_label_map, read_tube_annotations
from mmstep.errors import DataError


def read(folder, tmp_path):
    out = tmp_path / 'out'
    out.mkdir(exist_ok=True)
    found = read_own_annotations(find_data(folder), out)
    assert not list(out.iterdir())  # nothing is written before it is asked for
    for path, write in found.writes.items():
        write(str(path))
    return found


def test_named_actions_become_halves_and_a_label_map(actions, tmp_path):
    found = read(actions, tmp_path)
    assert found.classes == ['sit', 'walk'] and found.custom_classes is None and not found.tubes
    assert [row.video_id for row in read_annotations(str(found.train_file))] == ['hall', 'hall']
    assert [row[1:3] for row in read_annotations(str(found.val_file))] == [('yard', 1)]
    assert read_label_map(str(found.label_map)) == {1: 'sit', 2: 'walk'}
    assert found.num_windows == 2 and found.videos == dict(hall=1, yard=1) and found.rare == []
    assert found.split == '1 video for training, 1 for validation; no split was given'


def test_videos_that_nobody_can_spare_are_for_both(actions, tmp_path):
    (actions / 'own.csv').write_text('hall,0,.1,.2,.3,.9,walk,0\nyard,0,.1,.2,.3,.9,sit,0\n')
    found = read(actions, tmp_path)
    assert found.train_file.read_text() == found.val_file.read_text()
    assert 'for training and for validation alike' in found.split and 'the only one of some class' in found.split


def test_a_label_map_with_gaps_and_given_halves(mine, tmp_path):
    (mine / 'actions.pbtxt').write_text('item {\n  name: "sit"\n  id: 3\n}\nitem {\n  name: "walk"\n  id: 7\n}\n')
    (mine / 'train.csv').write_text('hall,0,.1,.2,.3,.9,7,0\n')
    (mine / 'val.csv').write_text('yard,2,.1,.2,.3,.9,3,0\n')
    found = read(mine, tmp_path)
    assert (found.classes, found.custom_classes, found.rare) == (['sit', 'walk'], [3, 7], ['sit'])
    assert found.writes == {} and found.train_file == mine / 'train.csv'
    np.testing.assert_allclose(found.boxes, [[.1, .2, .3, .9]])


def test_one_csv_with_ids_is_split(mine, tmp_path):
    (mine / 'actions.pbtxt').write_text('item {\n  name: "walk"\n  id: 1\n}\n')
    (mine / 'all.csv').write_text('hall,0,.1,.2,.3,.9,1,0\nyard,2,.1,.2,.3,.9,1,0\n')
    found = read(mine, tmp_path)
    assert found.train_file.read_text() + found.val_file.read_text() == (
        'yard,2,.1,.2,.3,.9,1,0\nhall,0,.1,.2,.3,.9,1,0\n')
    (mine / 'all.csv').write_text('hall,0,.1,.2,.3,.9,2,0\n')
    with pytest.raises(DataError, match='all.csv:1: action_id 2'):
        read(mine, tmp_path)


def test_a_csv_of_tubes_becomes_a_pickle(tubes, tmp_path):
    found = read(tubes, tmp_path)
    assert found.tubes and found.classes == ['sit', 'walk'] and found.train_file == found.val_file
    assert read_tube_annotations(str(found.train_file), subset='train').videos == ['hall']
    assert read_tube_annotations(str(found.train_file), subset='test').videos == ['yard']
    np.testing.assert_allclose(found.boxes[0], [0, 0, 30 / 64, 40 / 48])


def test_a_pickle_is_taken_as_it_is(tubes, tmp_path):
    path = read(tubes, tmp_path).train_file.rename(tmp_path / 'moved.pkl')
    content = pickle.loads(path.read_bytes())
    (tubes / 'own.csv').unlink()
    (tubes / 'own.pkl').write_bytes(pickle.dumps({**content, 'labels': ['sit', 'walk', 'run']}))
    found = read(tubes, tmp_path)
    assert found.writes == {} and found.rare == ['run'] and found.split.endswith('as the file has them')


def test_videos_with_nobody_are_for_training(actions, tmp_path):
    (actions / 'own.csv').write_text('hall,0,.1,.2,.3,.9,walk,0\nhall,1.5,,,,,,\nyard,1,,,,,,\n')
    found = read(actions, tmp_path)
    assert found.train_file.read_text().splitlines()[1:] == ['hall,1.5,,,,,,', 'yard,1,,,,,,']
    assert found.num_windows == 3 and len(found.boxes) == 1 and found.videos == dict(hall=1.5, yard=1)


def test_tubes_with_nobody_are_background(tubes, tmp_path):
    (tubes / 'own.csv').write_text('yard,,,,,,,\n' + '\n'.join(f'hall,0,walk,{i},0,0,30,40' for i in range(1, 5)))
    found = read(tubes, tmp_path)
    assert found.background and 'clips with nobody' in found.split
    assert read_tube_annotations(str(found.train_file), subset='train').videos == ['hall', 'yard']
