"""Which files of a folder are the data set."""
import pytest

from mmstep.apis.new_config.data_folder import find_data, find_video_folder
from mmstep.errors import DataError, MissingDataError


def test_a_csv_is_told_by_its_content(actions, tubes):
    assert find_data(tubes).kind == 'tube-csv'
    (tubes / 'own.csv').write_text('hall,0,.1,.2,.3,.9,walk,0\n')
    found = find_data(actions)
    assert (found.kind, found.videos, found.annotations) == ('actions', actions / 'videos', [actions / 'own.csv'])


def test_halves_and_label_map_in_the_folder_of_annotations(mine):
    folder = mine / 'annotations'
    folder.mkdir()
    for name in ('my_train.csv', 'my_val.csv', 'train_excluded.csv', 'actions.pbtxt'):
        (folder / name).touch()
    found = find_data(mine)
    assert found.kind == 'ava' and found.label_map == folder / 'actions.pbtxt'
    assert found.annotations == [folder / 'my_train.csv', folder / 'my_val.csv']


def test_a_pickle(mine):
    (mine / 'tubes.pkl').touch()
    assert find_data(mine).kind == 'tubes'


def test_nothing_and_too_much(mine, tmp_path):
    with pytest.raises(MissingDataError, match='holds no annotation'):
        find_data(mine)
    with pytest.raises(MissingDataError, match='is no folder'):
        find_data(tmp_path / 'nowhere')
    (mine / 'a.csv').touch()
    (mine / 'b.csv').touch()
    with pytest.raises(DataError, match='several csv files and no label map: a.csv, b.csv'):
        find_data(mine)
    (mine / 'x.pbtxt').touch()
    with pytest.raises(DataError, match='which are for training and for validation'):
        find_data(mine)


def test_the_only_folder_with_videos(mine):
    (mine / 'videos').rename(mine / 'films')
    assert find_video_folder(mine) == mine / 'films'
    assert find_video_folder(mine / 'films') == mine / 'films'
    (mine / 'more').mkdir()
    (mine / 'films' / 'yard.mp4').rename(mine / 'more' / 'yard.mp4')
    with pytest.raises(DataError, match='several folders of videos: films, more'):
        find_video_folder(mine)
