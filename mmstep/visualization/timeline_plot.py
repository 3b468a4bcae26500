"""Who did what and when, as an interactive plot.

Plotly is not imported with :mod:`mmstep.visualization`: only those who import this module need it.
"""
from typing import Sequence

import plotly.graph_objects as go

from .draw import person_color

ROW_HEIGHT = 26  # pixels
# A bar of score 0 is still seen.
LEAST_OPACITY = 0.3


def plot_timeline(tracks: Sequence[dict], duration: float) -> go.Figure:
    """Draws a row for each action of each person, in the colors that the persons have on the video.

    Args:
        tracks (Sequence[Track]): Persons over time, as from :func:`mmstep.apis.person_tracks`; of each ``id`` and
            ``actions`` are read. May be empty.
        duration (float): Length of the video in seconds.

    Returns:
        plotly.graph_objects.Figure: The plot, a trace for each person; the fainter a bar, the lower its score, and
        pointing at it tells time and score.

    Example:
        >>> run = dict(label='run', score=0.5, start=1.0, end=3.0)
        >>> bars, = plot_timeline([dict(id=0, actions=[run])], 10.0).data
        >>> bars.base, bars.x, bars.y
        ((1.0,), (2.0,), (['person 0'], ['run']))
    """
    figure = go.Figure()
    rows = set()
    for track in tracks:
        name, actions = f'person {track["id"]}', track['actions']
        rows |= {(name, action['label']) for action in actions}
        red, green, blue = person_color(track['id'])
        figure.add_bar(
            orientation='h',
            name=name,
            base=[action['start'] for action in actions],
            x=[action['end'] - action['start'] for action in actions],
            y=[[name] * len(actions), [action['label'] for action in actions]],
            marker=dict(
                color=f'rgb({red}, {green}, {blue})',
                opacity=[LEAST_OPACITY + (1 - LEAST_OPACITY) * action['score'] for action in actions]),
            customdata=[(action['start'], action['end'], action['score']) for action in actions],
            hovertemplate='%{customdata[0]:.1f} to %{customdata[1]:.1f} s, score %{customdata[2]:.2f}')
    figure.update_layout(
        barmode='overlay',
        # The title of the panel lies over the first 30 pixels.
        margin=dict(l=10, r=10, t=40, b=45),
        height=85 + ROW_HEIGHT * max(len(rows), 3),
        showlegend=False,
        xaxis=dict(title='seconds', range=[0, duration]),
        yaxis=dict(autorange='reversed', tickfont=dict(size=12)))
    if not rows:
        figure.update_yaxes(visible=False)
        figure.add_annotation(text='nobody was found', showarrow=False, x=0.5, y=0.5, xref='paper', yref='paper')
    return figure
