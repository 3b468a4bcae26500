"""Results of a stream for other programs: a line of JSON each, sent by a thread that nothing waits for."""
import json
import logging
import threading
import time
from collections import deque
from datetime import datetime, timedelta, timezone
from typing import Deque, Optional

from mmengine.logging import print_log

from mmstep.utils.backoff import Backoff
from ..persons.detections import KeyFrame
from .message_targets import MessageTarget, RefusedMessage

ROOM = 256  # messages that wait at most
PATIENCE = 5.0  # seconds given at the end to what still waits


def result_message(key_frame: KeyFrame, source: str, begun: float) -> dict:
    """What other programs are told of a key time.

    Args:
        key_frame (KeyFrame): The result; its time in seconds of ``time.monotonic``.
        source (str): Name of the stream.
        begun (float): When its first picture was captured, by the same clock.

    Returns:
        dict: ``source``; ``time``, seconds from the first picture on, which of a file is its own time; ``clock``, the
        same as date and time (UTC, ISO 8601); ``persons``, each with ``id``, ``bbox`` (x1, y1, x2, y2 in pixels of the
        source) and ``actions`` (``label``, ``score``), best first.
    """
    persons = [person.to_dict(tubes=False) for person in key_frame.persons]
    return dict(
        source=source,
        time=round(max(float(key_frame.time) - begun, 0.0), 3),
        clock=clock_time(key_frame.time),
        persons=[dict(id=person['id'], bbox=person['bbox'], actions=person['actions']) for person in persons])


def clock_time(seconds: float) -> str:
    """The date and time of a moment of ``time.monotonic``, UTC, ISO 8601 with milliseconds."""
    moment = datetime.now(timezone.utc) - timedelta(seconds=time.monotonic() - float(seconds))
    return moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')


class MessageSender:
    """Sends messages to one target, in order, on a thread of its own.

    A target that does not answer is tried again after waits that grow up to half a minute. Meanwhile messages wait, at
    most ``room`` of them; after that the oldest are dropped, so that those that arrive are the newest.

    Args:
        target (MessageTarget): Where they go.
        room (int): Messages that wait at most, at least 1. Defaults to 256.
        backoff (Backoff, optional): Waits between attempts.

    Attributes:
        sent (int): Messages that the target has taken.
        dropped (int): Messages that were lost: pushed out by newer ones, refused, or not sent at the end.
    """

    def __init__(self, target: MessageTarget, room: int = ROOM, backoff: Optional[Backoff] = None) -> None:
        self.target = target
        self.sent = self.dropped = 0
        self._room = room
        self._backoff = backoff or Backoff()
        self._waiting: Deque[bytes] = deque()
        self._changed = threading.Condition()
        self._closing = self._failing = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name='messages', daemon=True)
        self._thread.start()

    def send(self, message: dict) -> None:
        """Takes a message; never waits.

        Args:
            message (dict): Anything that JSON can hold.
        """
        line = json.dumps(message, ensure_ascii=False, separators=(',', ':')).encode() + b'\n'
        with self._changed:
            self._waiting.append(line)
            if len(self._waiting) > self._room:
                self._waiting.popleft()
                self.dropped += 1
                first = self.dropped == 1
            else:
                first = False
            self._changed.notify_all()
        if first:
            self._say(f'{self.target.name} takes no messages fast enough: the oldest are dropped')

    def close(self, patience: float = PATIENCE) -> None:
        """Sends what waits, if that goes fast enough, and ends.

        Args:
            patience (float): Seconds at most. Defaults to 5.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(patience)
        self._ended.set()
        with self._changed:
            self.dropped += len(self._waiting)
            self._waiting.clear()
        if not self._thread.is_alive():
            self.target.close()

    @property
    def report(self) -> str:
        """str: One line for people on what became of the messages."""
        return f'messages to {self.target.name}: {self.sent} sent, {self.dropped} dropped'

    def _work(self) -> None:
        while (line := self._next()) is not None:
            try:
                self.target.send(line)
            except RefusedMessage as error:
                self._done(line, taken=False)
                self._say_failure(error)
            except OSError as error:
                self._say_failure(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, self._backoff.next())
                # At the end a few more attempts, as long as somebody waits for them.
                if self._closing and self._ended.wait(0.2):
                    return
            else:
                self._done(line, taken=True)

    def _next(self) -> Optional[bytes]:
        """The oldest message, which stays where it is; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting[0] if self._waiting and not self._ended.is_set() else None

    def _done(self, line: bytes, taken: bool) -> None:
        with self._changed:
            # It may have been pushed out, and counted, while it was being sent.
            there = bool(self._waiting) and self._waiting[0] is line
            if there:
                self._waiting.popleft()
            if taken:
                self.sent += 1
                self.dropped -= not there
            else:
                self.dropped += there
        if taken:
            self._backoff.reset()
            if self._failing:
                self._failing = False
                self._say(f'{self.target.name} takes messages again')

    def _say_failure(self, error: Exception) -> None:
        """Once until it is better: a target that is down for an hour is not news every half minute."""
        if not self._failing:
            self._failing = True
            self._say(f'no message goes to {self.target.name}: {error}. It is tried again')

    def _say(self, text: str) -> None:
        print_log(text, logger='current', level=logging.WARNING)
