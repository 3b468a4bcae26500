"""The showing part of a live session."""
import signal
import threading
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional, Sequence

from .session import LiveSession


def show_live(session: LiveSession, sinks: Sequence, fps: float, max_seconds: Optional[float] = None) -> None:
    """Shows a session that runs until its source ends, somebody stops it or a sink is closed.

    Args:
        session (LiveSession): Started.
        sinks (Sequence): Each has ``show(picture, time)``, which gives False to end the session.
        fps (float): Pictures a second; fewer where drawing and showing take longer.
        max_seconds (float, optional): Ends the session after so many seconds. Defaults to no limit.

    Raises:
        Exception: What capture or detection has run into.
    """
    begin = due = time.monotonic()
    while not session.stop.is_set() and not session.finished:
        now = time.monotonic()
        if max_seconds is not None and now - begin >= max_seconds:
            break
        seen = session.look(now)
        if seen is not None and not all([sink.show(*seen) for sink in sinks]):
            break
        due = max(due + 1 / fps, time.monotonic())
        session.stop.wait(due - time.monotonic())
    session.check()


@contextmanager
def stop_on_signals(stop: threading.Event, signals=(signal.SIGINT, signal.SIGTERM)) -> Iterator[None]:
    """Sets an event instead of breaking off when Ctrl-C is pressed or the program is told to end. A second Ctrl-C
    breaks off.

    Args:
        stop (threading.Event): The event.
        signals (Sequence): The signals.
    """
    before: Dict[signal.Signals, Any] = {}

    def handle(number, _) -> None:
        stop.set()
        signal.signal(number, before[number])

    for number in signals:
        before[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
