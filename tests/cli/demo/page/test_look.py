"""Style and script name what the page has."""
import re

import pytest

from mmstep.cli.demo.page.html_timeline import render_timeline
from mmstep.cli.demo.page.look import CSS, SCRIPT

HTML = render_timeline([dict(id=0, actions=[dict(label='walk', score=0.5, start=0, end=1)])], 2.0)


def test_classes_of_the_timeline_are_those_that_are_styled():
    used = set(re.findall(r'timeline[\w-]*', ' '.join(re.findall(r'class="([^"]*)"', HTML))))
    styled = set(re.findall(r'\.(timeline[\w-]*)', CSS))
    assert styled - used == set() and used - styled <= {'timeline-inner'}


def test_the_script_reads_what_the_timeline_has():
    for name in ('data-starts', 'data-duration', 'class="timeline-track"'):
        assert name in HTML
    assert 'dataset.starts' in SCRIPT and 'dataset.duration' in SCRIPT and '.timeline-track' in SCRIPT


@pytest.mark.parametrize('opened,closed', ['{}', '()', '[]'])
def test_brackets_close(opened, closed):
    for text in (CSS, SCRIPT):
        assert text.count(opened) == text.count(closed)
