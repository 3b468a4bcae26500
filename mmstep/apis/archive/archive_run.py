"""The folder of a run over many videos: what is done, what failed, and with which settings."""
import csv
import hashlib
import json
import logging
import os
import os.path as osp
import re
import shutil
import uuid
from collections import Counter
from contextlib import contextmanager
from glob import escape as glob_escape
from glob import glob
from typing import Dict, Iterator, List, Tuple

from mmengine.logging import print_log

from mmstep.errors import DataError, LaunchError
from mmstep.utils import AtomicFile, hold_lock, printable, shorten_name
from mmstep.utils.file_listing import find_files
from mmstep.video.picture_folder import PICTURE_EXTENSIONS
from mmstep.video.sources import VIDEO_EXTENSIONS
from ..files.parquet_results import read_video_info, write_parquet
from ..persons.detections import KeyFrame
from ..persons.video_result import VideoResult
from .key_frame_journal import KEPT, KeyFrameJournal, read_journal

SETTINGS = 'run.json'
SUMMARY = 'videos.csv'
UNFINISHED = 'unfinished'
LOCK = 'running.txt'
EXTENSIONS = (*VIDEO_EXTENSIONS, '.m4v', '.mpg', '.mpeg', '.ts', '.mts', '.m2ts', '.wmv', '.flv', '.3gp', '.ogv')
# Of the names of journals and of what was being written when a run was killed.
LEFTOVER = re.compile(r'[0-9a-f]{20}\.[0-9a-f]{12}\.jsonl|\..*\.[0-9a-f]{12}\.part(\.\w+)?')
COLUMNS = ('video', 'error', 'broken_from', 'duration', 'fps', 'width', 'height', 'num_detections')


def list_archive(folder: str, pictures: bool = False) -> List[str]:
    """All videos below a folder, see :func:`find_files`; a subfolder that cannot be read counts as a broken one.

    Args:
        folder (str): The folder.
        pictures (bool): Whether a subfolder that holds pictures and no video is one video. Defaults to False.

    Returns:
        list[str]: Paths relative to it with forward slashes, largest file first, so that processes which take turns
        end at about the same time; equally large ones by name.

    Raises:
        LaunchError: If there is no such folder, no video in it, or it cannot be read.
    """
    if not osp.isdir(folder):
        raise LaunchError(f'The folder of videos {folder} does not exist.')
    try:
        sizes = dict(find_files(folder, EXTENSIONS))
        if pictures:
            sizes.update(_picture_folders(folder, sizes))
    except OSError as error:
        raise LaunchError(f'{printable(folder)} cannot be read: {error.strerror}.') from error
    if not sizes:
        raise LaunchError(f'{folder} and its subfolders hold no video ({", ".join(EXTENSIONS)}).')
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def _picture_folders(folder: str, videos: Dict[str, int]) -> Dict[str, int]:
    """The subfolders with pictures and no video, and how many bytes their pictures have."""
    sizes: Counter = Counter()
    for name, size in find_files(folder, PICTURE_EXTENSIONS):
        if name.lower().endswith(PICTURE_EXTENSIONS) and not osp.basename(name).startswith('.'):
            sizes[osp.dirname(name)] += size
    others = {'', *map(osp.dirname, videos)}
    return {place: size for place, size in sizes.items() if place not in others}


def result_path(out: str, video: str) -> str:
    """The file of a video's detections in a folder of results; the folder itself without a video."""
    place, name = osp.split(video)
    return osp.join(out, 'detections', place, f'{shorten_name(name)}.parquet' if name else '')


class ArchiveRun:
    """The Parquet files of finished videos are the only record of progress.

    A file appears whole or not at all, so a run that is killed at any time goes on with the videos that have none.
    Videos with an error are tried again by the next run. Unfinished files lie in ``unfinished/`` under names of this
    process alone; :meth:`lock` keeps a second run out of the folder.

    Args:
        out (str): Folder of the results: ``detections/VIDEO.parquet``, ``run.json``, and at the end ``videos.csv``.
        settings (dict): What the results depend on, JSON.

    Raises:
        LaunchError: If the folder holds results with other settings.
    """

    def __init__(self, out: str, settings: Dict) -> None:
        self.out = out
        self._own = uuid.uuid4().hex[:12]
        self._settings = json.loads(json.dumps(settings))
        if osp.isfile(osp.join(out, SETTINGS)):
            self._check_settings()
        # Of earlier runs; listed once, for the folder may be large in a run of many processes.
        self._journals = glob(osp.join(glob_escape(out), UNFINISHED, '*.jsonl'))

    def _check_settings(self) -> None:
        path, settings = osp.join(self.out, SETTINGS), self._settings
        with open(path, encoding='utf-8') as file:
            try:
                before = json.load(file)
            except ValueError as error:
                raise LaunchError(f'{path} is damaged ({error}). Give another --out.') from error
        if not isinstance(before, dict):
            raise LaunchError(f'{path} holds no settings. Give another --out.')
        differing = [key for key in {**before, **settings} if before.get(key) != settings.get(key)]
        if differing:
            changes = '; '.join(f'{key} was {before.get(key)}, now {settings.get(key)}' for key in differing)
            raise LaunchError(f'{self.out} holds results of another run: {changes}. Give the same settings to go on '
                              'with it, or another --out.')

    def path(self, video: str) -> str:
        """The file of a video's detections."""
        return result_path(self.out, video)

    def is_done(self, video: str) -> bool:
        """Whether a video's result is there and no error; one that is damaged does not count, which is logged.

        Raises:
            DataError: If it is a Parquet file of another kind, which is not written over.
        """
        try:
            return read_video_info(self.path(video))['error'] is None
        except FileNotFoundError:
            return False
        except DataError:
            raise
        except ValueError as error:
            print_log(f'{error}: done again', logger='current', level=logging.WARNING)
            return False

    def journal(self, video: str, header: dict) -> Tuple[List[KeyFrame], KeyFrameJournal]:
        """Begins a video, or goes on with it.

        Args:
            video (str): Its path relative to the folder.
            header (dict): What tells the file from others of this name, JSON.

        Returns:
            tuple[list[KeyFrame], KeyFrameJournal]: The key frames that earlier runs have found, and where to add the
            next ones.
        """
        name = _short(video)
        header = dict(header, video=printable(video))
        earlier = [read_journal(path, header) for path in self._journals if osp.basename(path).startswith(name)]
        before = max(earlier, key=len, default=[])
        return before, KeyFrameJournal(self._temporary(f'{name}.{self._own}.jsonl'), header, before)

    def add(self, video: str, result: VideoResult) -> None:
        """Keeps a video's result.

        Args:
            video (str): Its path relative to the folder.
            result (VideoResult): The result, which gets this path as its name.

        Raises:
            LaunchError: If it cannot be written.
        """
        write_parquet({
            **result, 'video': printable(video)
        },
                      self.path(video),
                      hint=KEPT,
                      temporary_folder=self._temporary(''))
        own = self._temporary(f'{_short(video)}.{self._own}.jsonl')
        for path in [own, *(path for path in self._journals if osp.basename(path).startswith(_short(video)))]:
            if osp.isfile(path):
                os.remove(path)

    def summarise(self, videos: List[str]) -> Dict[str, str]:
        """Writes ``videos.csv``, a line a video by name, and removes what runs that were killed have left.

        Args:
            videos (list[str]): All videos, each of them done or failed.

        Returns:
            dict[str, str]: The reason of each video that failed.

        Raises:
            LaunchError: If a video has no result, or its file is damaged.
        """
        errors = {}
        with self._whole_file(osp.join(self.out, SUMMARY)) as name, \
                open(name, 'w', encoding='utf-8', newline='') as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction='ignore')
            writer.writeheader()
            for video in sorted(videos):
                try:
                    info = read_video_info(self.path(video))
                except (FileNotFoundError, ValueError) as error:
                    raise LaunchError(f'{printable(video)} has no result: {error}. Run the same command '
                                      'again.') from error
                writer.writerow(info)
                if info['error'] is not None:
                    errors[info['video']] = info['error']
        self._remove_unfinished()
        return errors

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other runs out of the folder for the length of a context; writes the settings if there are none.

        Raises:
            LaunchError: If another run works in it, and which process on which machine; if one with other settings
                has begun meanwhile; if the folder cannot be written to.
        """
        path = osp.join(self.out, SETTINGS)
        with hold_lock(self._temporary(LOCK), self.out):
            if not osp.isfile(path):  # of two runs that begin at once, that of the one who has the lock
                with self._whole_file(path) as name, open(name, 'w', encoding='utf-8') as file:
                    json.dump(self._settings, file, indent=1)
            self._check_settings()
            yield

    def _remove_unfinished(self) -> None:
        """Removes what killed runs have left; whatever else somebody keeps in a folder of this name stays."""
        folder = self._temporary('')
        for name in os.listdir(folder) if osp.isdir(folder) else ():
            if LEFTOVER.fullmatch(name):
                os.remove(osp.join(folder, name))
        if osp.isdir(folder) and not set(os.listdir(folder)) - {LOCK}:
            shutil.rmtree(folder)

    def _temporary(self, name: str) -> str:
        return osp.join(self.out, UNFINISHED, name)

    def _whole_file(self, path: str) -> AtomicFile:
        return AtomicFile(path, make_folder=True, hint=KEPT, temporary_folder=self._temporary(''))


def _short(video: str) -> str:
    return hashlib.sha1(os.fsencode(video)).hexdigest()[:20]
