"""Who did what and when, as a plot."""
import subprocess
import sys

import pytest

from mmstep.visualization import person_color
from mmstep.visualization.timeline_plot import plot_timeline


def action(label, start, end, score):
    return dict(label=label, score=score, start=start, end=end)


TRACKS = [
    dict(id=0, actions=[action('walk', 0.0, 1.5, 1.0),
                        action('wave', 1.0, 2.0, 0.5),
                        action('walk', 4.0, 4.2, 0.0)]),
    dict(id=3, actions=[action('sit', 0.5, 4.2, 0.8)]),
]


def test_bars():
    figure = plot_timeline(TRACKS, 4.2)
    first, second = figure.data
    assert (first.name, first.base) == ('person 0', (0.0, 1.0, 4.0))
    assert first.x == pytest.approx((1.5, 1.0, 0.2))
    # Two rows for the first person, of which one has two bars.
    assert first.y == (['person 0'] * 3, ['walk', 'wave', 'walk'])
    assert first.marker.opacity == pytest.approx((1.0, 0.65, 0.3))
    assert tuple(first.customdata[1]) == (1.0, 2.0, 0.5)
    assert (second.base, second.y) == ((0.5, ), (['person 3'], ['sit']))
    for bars, number in ((first, 0), (second, 3)):
        assert bars.marker.color == 'rgb({}, {}, {})'.format(*person_color(number))
    assert tuple(figure.layout.xaxis.range) == (0, 4.2) and not figure.layout.annotations


def test_more_rows_are_higher():
    many = [dict(id=0, actions=[action(f'action {index}', 0.0, 1.0, 0.5) for index in range(20)])]
    assert plot_timeline(many, 1.0).layout.height - plot_timeline(TRACKS, 1.0).layout.height == 17 * 26


def test_nobody():
    figure = plot_timeline([], 3.0)
    assert not figure.data and figure.layout.annotations[0].text == 'nobody was found'
    assert tuple(figure.layout.xaxis.range) == (0, 3.0)


@pytest.mark.slow
def test_package_does_not_need_plotly():
    code = 'import sys, mmstep.visualization, mmstep.apis; assert not {"plotly", "gradio"} & set(sys.modules)'
    subprocess.run([sys.executable, '-c', code], check=True)
