"""That the processes a campaign starts and kills are seen as they end."""
import sys

import pytest

from .processes import Outcome, Tool, run_tool


@pytest.mark.parametrize('outcome, expected, fault', [
    (Outcome(0, 'done'), {}, None),
    (Outcome(1, 'Error: a.csv: no'), dict(code=1, says=r'a\.csv'), None),
    (Outcome(1, 'Error: a.csv: no'), dict(code=(0, 1)), None),
    (Outcome(3, 'x\nlast'), {}, 'exit code 3, not 0: x / last'),
    (Outcome(1, 'Traceback (most recent call last):\nE: x'), dict(code=1),
     'a traceback on the screen: Traceback (most recent call last): / E: x'),
    (Outcome(-9, '', 60), {}, 'no end within 60 s; last said: nothing'),
    (Outcome(1, 'Error: no'), dict(code=1, says='a.csv'), 'nothing like "a.csv" was said: Error: no'),
])
def test_judging_an_end(outcome, expected, fault):
    assert outcome.fault(**expected) == fault


def test_ends(tmp_path):
    outcome = run_tool([sys.executable, '-c', 'import sys; print(1); sys.exit("two")'], tmp_path)
    assert (outcome.code, outcome.output.split(), outcome.hung) == (1, ['1', 'two'], 0)
    assert list(tmp_path.iterdir()) == []


def test_hang_is_killed_with_its_children(tmp_path):
    outcome = run_tool(['bash', '-c', 'sleep 30 & echo $!; wait'], tmp_path, limit=0.3)
    assert outcome.fault() == 'no end within 0 s; last said: ' + outcome.output.strip()


def test_kill_at_a_moment(tmp_path):
    tool = Tool(['bash', '-c', 'touch here; sleep 30'], tmp_path)
    assert tool.wait_until((tmp_path / 'here').exists)
    assert tool.kill(after=0.01)
    assert tool.end().code == -9
