"""Finding the files of a data set, and saying all at once which of them are not there."""
import os
import os.path as osp
from typing import Collection, Dict, Optional

VIDEO_EXTENSIONS = ('.mp4', '.mkv', '.webm', '.avi', '.mov')


def require_files(ann_file: str,
                  folder: str,
                  exclude_file: Optional[str] = None,
                  label_file: Optional[str] = None,
                  proposal_file: Optional[str] = None) -> None:
    """Checks that the files and the folder of a data set exist.

    Args:
        ann_file (str): Annotation file.
        folder (str): Folder of the videos.
        exclude_file (str, optional): File of excluded timestamps.
        label_file (str, optional): Label map.
        proposal_file (str, optional): Proposals.

    Raises:
        FileNotFoundError: One for everything that is not there.
    """
    files = {
        'annotation file (ann_file)': ann_file,
        'label map (label_file)': label_file,
        'file of excluded timestamps (exclude_file)': exclude_file,
        'proposals (proposal_file)': proposal_file,
    }
    missing = [f'  {what}: {path}' for what, path in files.items() if path is not None and not osp.isfile(path)]
    if not osp.isdir(folder):
        missing.append(f'  folder of videos (data_prefix.img): {folder}')
    if missing:
        raise FileNotFoundError(
            '\n'.join(['the data set is not complete, these are missing:', *missing]) +
            '\ntools/data/ava/README.md says what to download for AVA and where it goes, tools/data/README.md how to '
            'lay out your own data. Paths are relative to the working directory ' + os.getcwd())


def find_videos(folder: str, video_ids: Collection[str], use_frames: bool, ann_file: str) -> Dict[str, str]:
    """Finds the file, or the folder of frames, of every video by listing folders, each once.

    A name with a folder, as UCF101's ``Basketball/v_Basketball_g01_c01``, is looked for there and then without it.

    Args:
        folder (str): The folder.
        video_ids (Collection[str]): Names of the wanted videos, without extension.
        use_frames (bool): Folders of frames rather than files. Of files of one name and several
            :data:`VIDEO_EXTENSIONS` the alphabetically first is taken.
        ann_file (str): Where the names come from, for messages.

    Returns:
        dict[str, str]: Path by video id, of all videos of the folder.

    Raises:
        FileNotFoundError: If any is missing.
    """
    flat = _list_videos(folder, use_frames)
    nested: Dict[str, Dict[str, str]] = {}
    there: Dict[str, str] = {}
    for video_id in video_ids:
        parent, name = osp.split(video_id)
        if parent and parent not in nested:
            subfolder = osp.join(folder, parent)
            nested[parent] = _list_videos(subfolder, use_frames) if osp.isdir(subfolder) else {}
        path = nested[parent].get(name) if parent else None
        path = path or flat.get(name)
        if path is not None:
            there[video_id] = path
    missing = [video_id for video_id in video_ids if video_id not in there]
    if missing:
        what = 'folders of frames' if use_frames else f'video files ({", ".join(VIDEO_EXTENSIONS)})'
        shown = ', '.join(missing[:5]) + (', ...' if len(missing) > 5 else '')
        other = 'video files' if use_frames else 'folders of frames'
        raise FileNotFoundError(f'{len(missing)} of the {len(video_ids)} videos of {ann_file} are not in {folder}: '
                                f'{shown}. Put {what} of these names there, or delete their lines from the '
                                f'annotation file; use_frames={not use_frames} reads {other} instead')
    return there


def _list_videos(folder: str, use_frames: bool) -> Dict[str, str]:
    """Path by name, without extension, of what lies in a folder."""
    there: Dict[str, str] = {}
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda item: item.name):
            stem, extension = osp.splitext(entry.name)
            if use_frames:
                there[entry.name] = entry.path
            elif extension.lower() in VIDEO_EXTENSIONS:
                there.setdefault(stem, entry.path)
    return there
