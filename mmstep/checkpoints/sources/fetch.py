"""Fetching a file of weights: it is there whole and as it was published, or not at all; what has arrived is kept.

Neither ``torch.hub`` nor ``pooch`` goes on where a broken download stopped; the files are of some hundred megabytes.
"""
import hashlib
import http.client
import os
import os.path as osp
import re
import time
import urllib.error
import urllib.request
from typing import BinaryIO, Callable, Optional, Tuple

import torch
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from mmstep.errors import LaunchError
from mmstep.utils import cannot_write, hold_lock
from mmstep.utils.backoff import Backoff
from .catalog import Source

CHUNK = 1 << 18  # bytes
TIMEOUT = 30  # seconds without a byte
ATTEMPTS = 5  # in a row that bring nothing
BROKEN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


def cache_folder() -> str:
    """Where fetched files lie: where PyTorch and MMEngine keep what they download, so that configs find it there.

    Returns:
        str: ``$TORCH_HOME/hub/checkpoints``, by default below ``~/.cache/torch``.
    """
    return osp.join(torch.hub.get_dir(), 'checkpoints')


def download(source: Source, folder: Optional[str] = None, backoff: Optional[Backoff] = None) -> str:
    """Fetches a file; one that is there already is only checked.

    What has arrived lies beside it as ``NAME.part``; the next attempt goes on there, in this call or in a later one.

    Args:
        source (Source): An entry of the table that has an address.
        folder (str, optional): Where to put it; it is made. Defaults to :func:`cache_folder`.
        backoff (Backoff, optional): How long to wait after a broken connection. Defaults to 0.5, 1, 2 ... s.

    Returns:
        str: Path of the file.

    Raises:
        LaunchError: If it has no address, cannot be reached or written, or is not the one that was published.
    """
    if source.address is None:
        raise LaunchError(source.explain())
    path = osp.join(folder or cache_folder(), source.file_name)
    if osp.isfile(path):
        _check(path, source, 'Remove it and start this again.')
        return path
    part = f'{path}.part'
    try:
        os.makedirs(osp.dirname(path), exist_ok=True)
        with hold_lock(f'{path}.lock', path):
            _fetch(source, part, backoff or Backoff())
            try:
                _check(part, source, 'What had arrived is removed; start this again.')
            except LaunchError:
                os.remove(part)
                raise
            os.replace(part, path)
    except OSError as error:
        raise cannot_write(path, error, 'What has arrived is kept.') from error
    return path


def _fetch(source: Source, part: str, backoff: Backoff) -> None:
    """Fills the partial file, with as many attempts as bring something."""
    columns = (TextColumn('{task.description}'), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())
    failures = 0
    with Progress(*columns) as progress:
        task = progress.add_task(source.name, total=None)

        def show(done: int, total: Optional[int]) -> None:
            progress.update(task, completed=done, total=total)

        while True:
            before = osp.getsize(part) if osp.isfile(part) else 0
            try:
                if _attempt(source.address or '', part, before, show):
                    return
                reason = 'the connection ended early'
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code not in (408, 429):
                    raise LaunchError(f'{source.address} cannot be fetched: the server says {error.code} '
                                      f'{error.reason}. Its page: {source.page}') from error
                reason = f'the server says {error.code} {error.reason}'
            except BROKEN as error:
                reason = str(getattr(error, 'reason', None) or error) or type(error).__name__
            grown = osp.isfile(part) and osp.getsize(part) > before
            failures = 1 if grown else failures + 1
            if failures >= ATTEMPTS:
                raise LaunchError(f'{source.address} cannot be fetched: {reason}, {ATTEMPTS} times in a row. What has '
                                  f'arrived is kept in {part}; start this again to go on there. Behind a proxy: '
                                  f'export HTTPS_PROXY=... first. Its page: {source.page}')
            if grown:
                backoff.reset()
            time.sleep(backoff.next())


def _attempt(address: str, part: str, have: int, show: Callable[[int, Optional[int]], None]) -> bool:
    """Asks for what is missing and appends it; says whether the file is whole."""
    headers = {'User-Agent': 'mmstep'}
    if have:
        headers['Range'] = f'bytes={have}-'
    try:
        answer = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is missing; the checksum tells whether it is too much
            return True
        raise
    with answer, open(part, 'ab') as file:
        start, total = _extent(answer)
        if start != have:  # a server that knows no ranges begins anew
            file.truncate(start)
        _copy(answer, file, start, total, show)
        file.flush()
        os.fsync(file.fileno())
    return total is None or osp.getsize(part) >= total


def _copy(answer: BinaryIO, file: BinaryIO, done: int, total: Optional[int], show: Callable[[int, Optional[int]],
                                                                                            None]) -> None:
    show(done, total)
    while True:
        chunk = answer.read(CHUNK)
        if not chunk:
            return
        file.write(chunk)
        done += len(chunk)
        show(done, total)


def _extent(answer: http.client.HTTPResponse) -> Tuple[int, Optional[int]]:
    """First byte of an answer, and size of the whole file if the server says it."""
    found = re.match(r'bytes (\d+)-\d+/(\d+|\*)', answer.headers.get('Content-Range') or '')
    if answer.status == 206 and found:
        return int(found[1]), None if found[2] == '*' else int(found[2])
    length = answer.headers.get('Content-Length')
    return 0, int(length) if length else None


def _check(path: str, source: Source, advice: str) -> None:
    """Compares a file with its checksum."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for chunk in iter(lambda: file.read(1 << 20), b''):
            digest.update(chunk)
    if not source.sha256 or not digest.hexdigest().startswith(source.sha256):
        raise LaunchError(f'{path} is not the file that was published: its SHA-256 is {digest.hexdigest()}, that of '
                          f'{source.name} begins with {source.sha256 or "(unknown)"}. {advice}')
