"""Where the lines of JSON of a live session go: standard output, a file or a webhook."""
import base64
import os
import re
import sys
from abc import ABC, abstractmethod
from functools import partial
from http.client import HTTPException
from typing import Callable, Optional
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from mmstep.errors import LaunchError
from mmstep.utils import cannot_write

TIMEOUT = 5.0  # seconds for a webhook's answer
# Answers of the 400s that another attempt may change: timeout, too early, too many requests.
LATER = (408, 425, 429)


class RefusedMessage(Exception):
    """A target does not want a message, and will not want it later."""


class MessageTarget(ABC):
    """Takes lines, one at a time.

    Attributes:
        name (str): For people; without a password.
    """
    name: str

    @abstractmethod
    def send(self, line: bytes) -> None:
        """Hands over a line.

        Args:
            line (bytes): With the end of the line.

        Raises:
            OSError: If that may work later.
            RefusedMessage: If it will not.
        """

    def close(self) -> None:
        """Lets go of what is open."""


class FileTarget(MessageTarget):
    """Appends lines to a file.

    Args:
        path (str): The file.

    Raises:
        LaunchError: If it cannot be written to.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        try:
            # Without a buffer: a line is there as soon as it is sent.
            self._file = open(path, 'ab', buffering=0)
        except OSError as error:
            raise cannot_write(path, error) from error

    def send(self, line: bytes) -> None:
        """See :class:`MessageTarget`; of a line that does not fit on the disk nothing stays."""
        start = os.fstat(self._file.fileno()).st_size
        try:
            _write_all(self._file.write, line)
        except OSError:
            self._file.truncate(start)
            raise

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class StandardOutput(MessageTarget):
    """Writes lines to standard output, and sees to it that nothing else comes there: until it is closed, what the
    program and its libraries print goes to standard error."""

    name = 'standard output'

    def __init__(self) -> None:
        sys.stdout.flush()
        self._number = os.dup(1)
        os.dup2(2, 1)

    def send(self, line: bytes) -> None:
        """See :class:`MessageTarget`."""
        _write_all(partial(os.write, self._number), line)

    def close(self) -> None:
        """Gives standard output back."""
        sys.stdout.flush()
        os.dup2(self._number, 1)
        os.close(self._number)


def _write_all(write: Callable[[memoryview], Optional[int]], line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[write(rest) or 0:]


class WebhookTarget(MessageTarget):
    """Posts each line to an address as ``application/json``.

    Args:
        address (str): ``http://`` or ``https://``; ``//name:password@`` is sent as basic authentication.
        timeout (float): Seconds for an answer. Defaults to 5.
    """

    def __init__(self, address: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(address)
        if not parts.hostname:
            raise LaunchError(f'{address} names no machine to send messages to')
        self._address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition('@')[2]))
        self.name = self._address
        self._headers = {'Content-Type': 'application/json'}
        self._timeout = timeout
        if parts.username is not None:
            login = f'{unquote(parts.username)}:{unquote(parts.password or "")}'
            self._headers['Authorization'] = 'Basic ' + base64.b64encode(login.encode()).decode()

    def send(self, line: bytes) -> None:
        """See :class:`MessageTarget`; any answer of the 200s is a yes."""
        request = Request(self._address, line, self._headers, method='POST')
        try:
            with urlopen(request, timeout=self._timeout) as answer:
                answer.read()
        except HTTPError as error:
            if 400 <= error.code < 500 and error.code not in LATER:
                raise RefusedMessage(f'it answers {error.code} {error.reason}') from error
            raise OSError(f'it answers {error.code} {error.reason}') from error
        except HTTPException as error:
            raise OSError(f'{type(error).__name__}: {error}') from error


def open_target(text: str) -> MessageTarget:
    """Opens what a command line names.

    Args:
        text (str): '-' for standard output, ``http://...`` or ``https://...``, or a file, which grows.

    Returns:
        MessageTarget: The target.

    Raises:
        LaunchError: If there is no such kind of target, or a file cannot be written to.
    """
    scheme: Optional[re.Match] = re.match(r'([a-z][a-z0-9+.-]+)://', text, re.IGNORECASE)
    if scheme is None:
        return StandardOutput() if text == '-' else FileTarget(text)
    if scheme[1].lower() in ('http', 'https'):
        return WebhookTarget(text)
    raise LaunchError(f'messages cannot be sent to {scheme[1]}://: give a file, - for standard output, or http://...')
