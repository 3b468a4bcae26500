"""Whose files lie in the folder of results: nothing that another program wrote, or that is read, is written over."""
import json
import os.path as osp
from typing import Iterable, Sequence

from mmstep.errors import LaunchError
from mmstep.utils import printable, refuse_overwriting
from .archive_run import COLUMNS, SETTINGS, SUMMARY, result_path

OWN_SETTINGS = {'model', 'weights', 'classes'}  # that every run.json of tools/infer_videos.py has


def refuse_foreign_results(out: str, videos: Sequence[str], inputs: Iterable[str]) -> None:
    """Refuses a folder of results in which a run would write over what is not its own; to be called before any work.

    Args:
        out (str): The folder, which need not exist.
        videos (Sequence[str]): Their paths relative to the folder of videos.
        inputs (Iterable[str]): Files that are read: config, checkpoint, videos.

    Raises:
        LaunchError: Naming the file: one that is read, or one with the name of an output that no such run wrote.
    """
    if not osp.lexists(out):
        return
    if not osp.isdir(out):
        raise LaunchError(f'--out {printable(out)} is a file, and has to be a folder.')
    settings, summary = osp.join(out, SETTINGS), osp.join(out, SUMMARY)
    results = [path for path in (result_path(out, video) for video in videos) if osp.lexists(path)] \
        if osp.isdir(result_path(out, '')) else []
    refuse_overwriting([settings, summary, *results], inputs)
    if osp.lexists(settings):
        _require(_is_settings(settings), settings)
    elif results:  # a run begins with its settings
        _require(False, results[0])
    if osp.lexists(summary):
        _require(_is_summary(summary), summary)


def _require(own: bool, path: str) -> None:
    if not own:
        raise LaunchError(f'{printable(path)} is there already, and tools/infer_videos.py has not written it: nothing '
                          'is written over it. Move it away, or choose another --out.')


def _is_settings(path: str) -> bool:
    """Whether a file is the settings of a run; a damaged one is not."""
    try:
        with open(path, encoding='utf-8') as file:
            content = json.load(file)
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and OWN_SETTINGS <= set(content)


def _is_summary(path: str) -> bool:
    """Whether a file begins as the summary of a run does."""
    head = ','.join(COLUMNS).encode()
    try:
        with open(path, 'rb') as file:
            return file.read(len(head)) == head
    except OSError:
        return False
