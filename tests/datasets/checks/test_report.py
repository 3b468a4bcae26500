"""The text of a report."""
import numpy as np

from mmstep.datasets.checks.report import Report


def test_counts_are_a_table_with_a_line_for_each_name():
    report = Report('train')
    report.add_counts('class', {'1 walk': [12345, 2], '2 a longer name': [7, 1]}, ('persons', 'videos'))
    assert [line.split() for line in report.lines] == [['class', 'persons', 'videos'], ['1', 'walk', '12,345', '2'],
                                                       ['2', 'a', 'longer', 'name', '7', '1']]
    assert len(set(map(len, report.lines))) == 1


def test_spread_says_the_middle_and_the_most():
    report = Report('train')
    report.add_spread('width', np.arange(101), ' px')
    assert report.lines == ['width: 50 px in the middle, 90% of 5 to 95, at most 100']


def test_nothing_is_said_of_no_values():
    report = Report('train')
    report.add_spread('width', np.zeros(0))
    assert report.text() == 'train:'


def test_notes_are_in_the_text_and_faults_are_not():
    report = Report('val')
    report.lines.append('3 lines')
    report.notes.append('two boxes of one id')
    report.faults.append('a.csv:1: broken')
    assert report.text() == 'val:\n  3 lines\n  Note: two boxes of one id'
