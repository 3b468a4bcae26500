"""Finding the files of a data set, and saying all at once which of them are not there."""
import os
import os.path as osp
from typing import Collection, Dict, List, Mapping, Optional

from mmstep.errors import MissingDataError
from mmstep.utils.file_listing import ask
from mmstep.video.reading.container import PICTURE_EXTENSIONS
from mmstep.video.sources import VIDEO_EXTENSIONS
from .flow_files import INFO


def require_files(files: Mapping[str, Optional[str]], folders: Mapping[str, Optional[str]], page: str) -> None:
    """Checks that the files and folders of a data set exist.

    Args:
        files (Mapping[str, str]): Path by what it is, for the message; those without a path are passed over.
        folders (Mapping[str, str]): The same for folders.
        page (str): The page that explains where these files come from.

    Raises:
        FileNotFoundError: One for everything that is not there.
    """
    missing = [f'  {what}: {path}' for what, path in files.items() if path and not osp.isfile(path)]
    missing += [f'  {what}: {path}' for what, path in folders.items() if path and not osp.isdir(path)]
    if missing:
        raise MissingDataError(
            '\n'.join(['the data set is not complete, these are missing:', *missing]) +
            f'\n{page} says what to download and where it goes, tools/data/README.md how to make the mini data set '
            'and how to lay out your own data. Paths are relative to the working directory ' + os.getcwd())


def find_videos(folder: str, video_ids: Collection[str], use_frames: bool, ann_file: str) -> Dict[str, str]:
    """Finds the file, or the folder of frames, of every video by listing folders, each once.

    A name with a folder, as UCF101's ``Basketball/v_Basketball_g01_c01``, is looked for there and then without it.

    Args:
        folder (str): The folder.
        video_ids (Collection[str]): Names of the wanted videos, without extension.
        use_frames (bool): Folders of frames of any content, rather than files and folders of numbered pictures. Of
            files of one name and several :data:`VIDEO_EXTENSIONS` the alphabetically first is taken.
        ann_file (str): Where the names come from, for messages.

    Returns:
        dict[str, str]: Path by video id.

    Raises:
        FileNotFoundError: If any is missing.
    """
    there = locate_videos(folder, video_ids, use_frames)
    missing = [video_id for video_id in video_ids if video_id not in there]
    if missing:
        what = 'folders of frames' if use_frames else f'video files ({", ".join(VIDEO_EXTENSIONS)})'
        other = 'video files' if use_frames else 'folders of frames'
        raise MissingDataError(f'{len(missing)} of the {len(video_ids)} videos of {ann_file} are not in {folder}: '
                               f'{_some(missing)}. Put {what} of these names there, or delete their lines from the '
                               f'annotation file; use_frames={not use_frames} reads {other} instead')
    return there


def find_flow(folder: str, video_ids: Collection[str]) -> Dict[str, str]:
    """Finds the folder of the optical flow of every video, as :func:`find_videos` does.

    Args:
        folder (str): The folder that ``tools/data/extract_flow.py`` filled.
        video_ids (Collection[str]): Names of the videos, without extension.

    Returns:
        dict[str, str]: Path by video id.

    Raises:
        FileNotFoundError: If the flow of any video is missing or unfinished.
    """
    there = locate_videos(folder, video_ids, use_frames=True)
    finished = {video_id for video_id, path in there.items() if osp.isfile(osp.join(path, INFO))}
    missing = [video_id for video_id in video_ids if video_id not in finished]
    if missing:
        raise MissingDataError(
            f'the optical flow of {len(missing)} of {len(video_ids)} videos is missing in {folder} or unfinished: '
            f'{_some(missing)}. Run  python tools/data/extract_flow.py VIDEOS {folder} ; it goes on where it stopped')
    return there


def _some(names: List[str]) -> str:
    return ', '.join(names[:5]) + (', ...' if len(names) > 5 else '')


def locate_videos(folder: str, video_ids: Collection[str], use_frames: bool = False) -> Dict[str, str]:
    """Finds those videos that are there.

    Args:
        folder (str): The folder.
        video_ids (Collection[str]): Names of the wanted videos, without extension.
        use_frames (bool): Folders rather than files. Defaults to False.

    Returns:
        dict[str, str]: Path by video id, see :func:`find_videos`.
    """
    flat = list_videos(folder, use_frames)
    nested: Dict[str, Dict[str, str]] = {}
    there: Dict[str, str] = {}
    for video_id in video_ids:
        parent, name = osp.split(video_id)
        if parent and parent not in nested:
            subfolder = osp.join(folder, parent)
            nested[parent] = list_videos(subfolder, use_frames) if osp.isdir(subfolder) else {}
        path = nested[parent].get(name) if parent else None
        path = path or flat.get(name)
        if path is not None:
            there[video_id] = path
    return there


def list_videos(folder: str, use_frames: bool = False) -> Dict[str, str]:
    """Path by name of the videos in a folder.

    Args:
        folder (str): The folder.
        use_frames (bool): All folders in it, rather than video files and folders that hold pictures. Defaults to
            False.

    Returns:
        dict[str, str]: Names are without extension; of a file and a folder of one name the file is taken.
    """
    there: Dict[str, str] = {}
    pictures: Dict[str, str] = {}
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda item: item.name):
            stem, extension = osp.splitext(entry.name)
            # Links to what is no longer there, and in circles, count as missing.
            if use_frames and ask(entry.is_dir):
                there[entry.name] = entry.path
            elif not use_frames and extension.lower() in VIDEO_EXTENSIONS and ask(entry.is_file):
                there.setdefault(stem, entry.path)
            elif not use_frames and ask(entry.is_dir) and _holds_picture(entry.path):
                pictures[entry.name] = entry.path
    return {**pictures, **there}


def _holds_picture(folder: str) -> bool:
    """Whether there is a numbered picture among the files of a folder; the first one is enough."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.lower().endswith(PICTURE_EXTENSIONS) and any(map(str.isdigit, entry.name))
                       for entry in entries)
    except OSError:  # which nobody may read
        return False
