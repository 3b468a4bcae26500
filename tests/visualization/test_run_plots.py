"""Plots hold the numbers that they are given."""
import numpy as np

from mmstep.visualization import run_plots


def test_a_panel_for_each_quantity_and_a_line_for_each_run():
    figure = run_plots.plot_curves(dict(loss=dict(a=([1, 2], [3., 2.]), b=([1], [1.])), lr=dict(a=([1], [.1]))))
    assert [axes.get_ylabel() for axes in figure.axes] == ['loss', 'lr']
    assert [line.get_label() for line in figure.axes[0].lines] == ['a', 'b']
    assert figure.axes[0].lines[0].get_ydata().tolist() == [3., 2.]


def test_bars_go_by_the_first_run():
    figure = run_plots.plot_bars(dict(a=dict(walk=.2, sit=.5), b=dict(walk=.4)), 'AP')
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ['sit', 'walk']
    assert [[bar.get_width() for bar in group] for group in axes.containers] == [[50, 20], [0, 40]]


def test_counts_are_written_into_the_matrix():
    figure = run_plots.plot_matrix(np.array([[3, 0], [1, 2]]), ['a', 'nobody'], ['a', 'not found'])
    assert sorted(text.get_text() for text in figure.axes[0].texts) == ['1', '2', '3']


def test_a_histogram_is_of_shares(tmp_path):
    figure = run_plots.plot_histogram(dict(x=np.array([.01, .02, .99, 1.])), 'IoU')
    values = figure.axes[0].patches[0].get_data().values
    assert values[0] == values[-1] == 50 and values.sum() == 100
    run_plots.write_figure(str(tmp_path / 'x.png'), figure)
    assert (tmp_path / 'x.png').stat().st_size > 1000


def test_classes_of_a_step():
    assert run_plots.shares_of_classes({'step1/AP/a/b': .1, 'step2/AP/c': .2, 'step1/overall': .3}, 1) == {'a/b': .1}
