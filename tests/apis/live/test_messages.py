"""Results for other programs: what they are told, and that a slow target holds nothing up."""
import json
import threading
import time
from datetime import datetime, timezone

import numpy as np
import pytest

from mmstep.apis import Detection, KeyFrame
from mmstep.apis.live import MessageSender, result_message
from mmstep.apis.live.message_targets import RefusedMessage
from mmstep.utils.backoff import Backoff


class Target:
    """Takes lines while ``gate`` is open; fails as often as it is told to."""
    name = 'the target'

    def __init__(self, failures=()):
        self.lines, self.failures, self.closed = [], list(failures), False
        self.gate = threading.Event()
        self.gate.set()

    def send(self, line):
        self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.lines.append(json.loads(line)['number'])

    def close(self):
        self.closed = True


@pytest.fixture
def said(monkeypatch):
    said = []
    monkeypatch.setattr('mmstep.apis.live.messages.print_log', lambda text, **_: said.append(text))
    return said


def numbers(sender, count):
    for number in range(count):
        sender.send(dict(number=number))


def test_message():
    box = np.array([1., 2., 3.04, 4.])
    person = Detection(box, [('walk', 0.91234), ('talk', 0.5)], box[None], np.zeros(1), 7)
    begun = time.monotonic() - 2
    message = result_message(KeyFrame(begun + 1.5, [person]), 'camera 0', begun)
    clock = datetime.fromisoformat(message.pop('clock').replace('Z', '+00:00'))
    assert (datetime.now(timezone.utc) - clock).total_seconds() == pytest.approx(0.5, abs=0.2)
    actions = [dict(label='walk', score=0.9123), dict(label='talk', score=0.5)]
    assert message == dict(
        source='camera 0', time=1.5, persons=[dict(id=7, bbox=[1.0, 2.0, 3.0, 4.0], actions=actions)])


def test_all_are_sent_in_order(said):
    sender = MessageSender(target := Target())
    numbers(sender, 50)
    sender.close()
    assert target.lines == list(range(50)) and target.closed and not said
    assert sender.report == 'messages to the target: 50 sent, 0 dropped'


def test_a_target_that_hangs_holds_nobody_up_and_gets_the_newest(said):
    sender = MessageSender(target := Target(), room=4)
    target.gate.clear()
    begin = time.monotonic()
    numbers(sender, 100)
    assert time.monotonic() - begin < 0.5
    target.gate.set()
    sender.close()
    # The first one may have been on its way.
    assert target.lines[-4:] == [96, 97, 98, 99] and len(target.lines) <= 5
    assert sender.sent == len(target.lines) and sender.sent + sender.dropped == 100
    assert len(said) == 1 and 'the oldest are dropped' in said[0]


def test_a_target_that_comes_back_gets_everything(said):
    sender = MessageSender(target := Target([OSError('no route'), OSError('no route')]), backoff=Backoff(0.01))
    numbers(sender, 3)
    sender.close()
    assert target.lines == [0, 1, 2] and sender.dropped == 0
    assert said == ['no message goes to the target: no route. It is tried again', 'the target takes messages again']


def test_a_refused_message_is_dropped_alone(said):
    sender = MessageSender(target := Target([RefusedMessage('it answers 400')]))
    numbers(sender, 3)
    sender.close()
    assert target.lines == [1, 2] and (sender.sent, sender.dropped) == (2, 1)


def test_what_is_not_sent_at_the_end_is_counted(said):
    sender = MessageSender(target := Target())
    target.gate.clear()
    numbers(sender, 3)
    sender.close(patience=0.05)
    assert (sender.sent, sender.dropped) == (0, 3) and not target.closed
    target.gate.set()
