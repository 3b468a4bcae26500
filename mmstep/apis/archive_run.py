"""The folder of a run over many videos: what is done, what failed, and with which settings."""
import csv
import json
import os
import os.path as osp
from pathlib import Path
from typing import Dict, List

from mmstep.datasets.data_files import VIDEO_EXTENSIONS
from mmstep.engine.errors import LaunchError
from .parquet_results import read_video_info, write_parquet
from .results import VideoResult

SETTINGS = 'run.json'
SUMMARY = 'videos.csv'
COLUMNS = ('video', 'error', 'broken_from', 'duration', 'fps', 'width', 'height', 'num_detections')


def list_archive(folder: str) -> List[str]:
    """All videos below a folder.

    Args:
        folder (str): The folder.

    Returns:
        list[str]: Paths relative to it with forward slashes, largest file first, so that processes which take turns
        end at about the same time; equally large ones by name.

    Raises:
        LaunchError: If there is no such folder, or no video in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise LaunchError(f'The folder of videos {folder} does not exist.')
    found = [path for path in root.rglob('*') if path.suffix.lower() in VIDEO_EXTENSIONS and path.is_file()]
    if not found:
        raise LaunchError(f'{folder} and its subfolders hold no video ({", ".join(VIDEO_EXTENSIONS)}).')
    sizes = {path.relative_to(root).as_posix(): path.stat().st_size for path in found}
    return sorted(sizes, key=lambda name: (-sizes[name], name))


class ArchiveRun:
    """Keeps a file for each video that is done; nothing else says how far a run got.

    A file appears whole or not at all, so that a run which is killed at any time goes on with the videos that have
    none. Videos with an error are tried again by the next run.

    Args:
        out (str): Folder of the results: ``detections/VIDEO.parquet``, ``run.json``, and at the end ``videos.csv``.
        settings (dict): What the results depend on, JSON.

    Raises:
        LaunchError: If the folder holds results with other settings.
    """

    def __init__(self, out: str, settings: Dict) -> None:
        self.out = out
        path = osp.join(out, SETTINGS)
        if not osp.isfile(path):
            os.makedirs(out, exist_ok=True)
            # Processes that start at the same time write the same; each name is one process's.
            draft = f'{path}.{os.getpid()}.part'
            with open(draft, 'w', encoding='utf-8') as file:
                json.dump(settings, file, indent=1)
            os.replace(draft, path)
            return
        with open(path, encoding='utf-8') as file:
            try:
                before = json.load(file)
            except ValueError as error:
                raise LaunchError(f'{path} is damaged ({error}). Give another --out.') from error
        differing = [key for key in {**before, **settings} if before.get(key) != settings.get(key)]
        if differing:
            changes = '; '.join(f'{key} was {before.get(key)}, now {settings.get(key)}' for key in differing)
            raise LaunchError(f'{out} holds results of another run: {changes}. Give the same settings to go on with '
                              'it, or another --out.')

    def path(self, video: str) -> str:
        """The file of a video's detections."""
        return osp.join(self.out, 'detections', f'{video}.parquet')

    def is_done(self, video: str) -> bool:
        """Whether a video's result is there and no error.

        Raises:
            LaunchError: If its file is damaged.
        """
        path = self.path(video)
        return osp.isfile(path) and _info(path)['error'] is None

    def add(self, video: str, result: VideoResult) -> None:
        """Keeps a video's result.

        Args:
            video (str): Its path relative to the folder.
            result (VideoResult): The result, which gets this path as its name.
        """
        write_parquet({**result, 'video': video}, self.path(video))

    def summarise(self, videos: List[str]) -> List[dict]:
        """Writes ``videos.csv``, a line a video by name.

        Args:
            videos (list[str]): All videos, each of them done or failed.

        Returns:
            list[dict]: Of each video what :func:`read_video_info` says.

        Raises:
            LaunchError: If a video has no result, or its file is damaged.
        """
        missing = [video for video in videos if not osp.isfile(self.path(video))]
        if missing:
            raise LaunchError(f'{len(missing)} videos have no result yet, for instance {missing[0]}: run the same '
                              'command again.')
        infos = [_info(self.path(video)) for video in sorted(videos)]
        path = osp.join(self.out, SUMMARY)
        with open(f'{path}.part', 'w', encoding='utf-8', newline='') as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction='ignore')
            writer.writeheader()
            writer.writerows(infos)
        os.replace(f'{path}.part', path)
        return infos


def _info(path: str) -> dict:
    try:
        return read_video_info(path)
    except ValueError as error:
        raise LaunchError(str(error)) from error
