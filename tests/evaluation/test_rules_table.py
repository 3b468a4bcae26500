"""The table of rules in the documentation is that of the rule sets."""
import csv
from pathlib import Path

from mmstep.evaluation import RULES
from mmstep.evaluation.rules_table import rules_table

PAGE = Path(__file__).parents[2] / 'docs' / 'evaluation.rst'


def test_page_holds_the_rules_as_they_are():
    text = PAGE.read_text(encoding='utf-8').split('.. rules table begins')[1].split('.. rules table ends')[0]
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith('"')]
    assert list(csv.reader(lines, skipinitialspace=True)) == rules_table()


def test_every_rule_that_differs_is_there():
    names = [line[1] for line in rules_table()]
    assert 'link_iou' in names and 'tubelets_kept' not in names
    assert 'tubelets_kept' in [line[1] for line in rules_table(all_rules=True)]
    assert rules_table()[0][2:] == list(RULES)
