"""The whole fault campaign, which only ``-m campaign`` runs, and its frame."""
import time

import pytest
from campaign.classes import CLASSES
from campaign.frame import Tally, attempt, run_class, table


@pytest.mark.campaign
@pytest.mark.parametrize('name', CLASSES)
def test_all_survive(name, tmp_path):
    tally = run_class(name, tmp_path / name, say=print)
    assert tally.tried and not tally.faults, table([tally])


def test_a_reason_is_one_line():
    assert attempt(lambda: None) is None
    assert attempt(lambda: 'lost\n  a file') == 'lost a file'
    assert attempt(lambda: 1 / 0).startswith('ZeroDivisionError: division by zero (test_campaign.py:')


@pytest.mark.slow
def test_a_trial_that_does_not_end():
    assert attempt(lambda: time.sleep(20), limit=1).startswith('TimeoutError: no end within 1 s')


def test_table():
    tallies = [Tally('kill', 20, {'third': 'lost a file'}, 90), Tally('fuzz', 3000, {}, 30)]
    assert table(tallies).splitlines() == [
        'class  tried  survived  minutes', 'kill      20        19      1.5', 'fuzz    3000      3000      0.5',
        'all     3020      3019      2.0', 'kill: third: lost a file'
    ]
