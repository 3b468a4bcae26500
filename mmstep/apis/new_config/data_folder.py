"""What lies in the folder of a data set: videos and annotations, recognised by their names and content."""
from pathlib import Path
from typing import List, NamedTuple, Optional

from mmstep.datasets.annotation_formats import is_tube_csv
from mmstep.datasets.data_files import list_videos
from mmstep.errors import DataError, MissingDataError

EXPECTED = """A data set is a folder with a folder of videos and one of these:
  a csv, a line for each action of a person at a second, without or with the first line
      video,second,x1,y1,x2,y2,action,person
  a csv, a line for each box of a tube: video,tube,action,frame,x1,y1,x2,y2
  AVA's csv (one, or train.csv and val.csv) and its label map .pbtxt
  a .pkl of tubes in ACT's layout
tools/data/README.md shows each of them"""


class DataFolder(NamedTuple):
    """The files of a data set.

    Attributes:
        kind (str): 'actions', a csv of named actions; 'ava', AVA's csv and label map; 'tube-csv'; 'tubes', a pickle.
        videos (Path): The folder of the videos.
        annotations (list[Path]): One file, or for AVA's csv those of training and validation.
        label_map (Path, optional): Of AVA's csv.
    """
    kind: str
    videos: Path
    annotations: List[Path]
    label_map: Optional[Path] = None


def find_data(folder: Path) -> DataFolder:
    """Looks for videos and annotations in a folder and in its folder ``annotations``.

    Args:
        folder (Path): The folder of the data set.

    Returns:
        DataFolder: What is there.

    Raises:
        MissingDataError: If something is missing.
        DataError: If there is more than one candidate.
    """
    if not folder.is_dir():
        raise MissingDataError(f'{folder} is no folder. {EXPECTED}')
    places = [place for place in (folder, folder / 'annotations') if place.is_dir()]
    tables = [path for path in _files(places, '.csv') if 'exclude' not in path.stem]
    maps, pickles = _files(places, '.pbtxt'), _files(places, '.pkl')
    videos = find_video_folder(folder)
    if len(maps) > 1:
        raise DataError(f'{folder} holds several label maps: {_names(maps)}. Leave one')
    if maps:
        return DataFolder('ava', videos, _halves(folder, tables), maps[0])
    if len(tables) == 1:
        return DataFolder('tube-csv' if is_tube_csv(str(tables[0])) else 'actions', videos, tables)
    if tables:
        raise DataError(
            f'{folder} holds several csv files and no label map: {_names(tables)}. Leave one, in which all '
            f'videos are; it is split into training and validation. {EXPECTED}')
    if len(pickles) == 1:
        return DataFolder('tubes', videos, pickles)
    raise MissingDataError(f'{folder} holds ' +
                           (f'several pickles: {_names(pickles)}. Leave one. ' if pickles else 'no annotation. ') +
                           EXPECTED)


def find_video_folder(folder: Path) -> Path:
    """The folder of the videos: ``videos``, the folder itself, or the only one in it that holds videos.

    Raises:
        MissingDataError: If there is none.
        DataError: If there are several.
    """
    candidates = [folder / 'videos', folder]
    for place in candidates:
        if place.is_dir() and list_videos(str(place), use_frames=False):
            return place
    others = [
        place for place in sorted(folder.iterdir())
        if place.is_dir() and not place.name.startswith('.') and list_videos(str(place), use_frames=False)
    ]
    if len(others) > 1:
        raise DataError(f'{folder} holds several folders of videos: {_names(others)}. Call the right one "videos"')
    if not others:
        raise MissingDataError(f'{folder} holds no video (.mp4 .mkv .webm .avi .mov). {EXPECTED}')
    return others[0]


def _halves(folder: Path, tables: List[Path]) -> List[Path]:
    """AVA's csv: the one that is there, or that of training and that of validation."""
    if len(tables) == 1:
        return tables
    train = [path for path in tables if 'train' in path.stem]
    val = [path for path in tables if 'val' in path.stem]
    if len(train) == 1 and len(val) == 1:
        return [train[0], val[0]]
    if not tables:
        raise MissingDataError(f'{folder} holds a label map and no csv. {EXPECTED}')
    raise DataError(f'{folder} holds the csv files {_names(tables)}: which are for training and for validation? Call '
                    'them train.csv and val.csv')


def _files(places: List[Path], suffix: str) -> List[Path]:
    return [
        path for place in places for path in sorted(place.iterdir())
        if path.suffix.lower() == suffix and not path.name.startswith('.')
    ]


def _names(paths: List[Path]) -> str:
    return ', '.join(path.name for path in paths)
