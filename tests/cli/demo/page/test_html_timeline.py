"""Who did what and when, as HTML."""
import re
from html.parser import HTMLParser

import pytest

from mmstep.cli.demo.page.html_timeline import TimelineView, choose_tracks, render_timeline, ticks
from mmstep.visualization import person_color


def action(label, start, end, score=0.5):
    return dict(label=label, score=score, start=start, end=end)


TRACKS = [
    dict(id=0, actions=[action('walk', 0.0, 1.5, 1.0),
                        action('wave', 1.0, 2.0),
                        action('walk', 4.0, 4.2, 0.0)]),
    dict(id=3, actions=[action('talk to <self>', 0.5, 4.2, 0.8)]),
    dict(id=13, actions=[action('walk', 0.0, 1.0)]),
]


class Elements(HTMLParser):
    """The elements of a page: (tag, attributes)."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of_class(self, name):
        return [attrs for _, attrs in self.found if attrs.get('class') == name]


def shown(view, tracks=TRACKS):
    return {track['id']: [item['label'] for item in track['actions']] for track in choose_tracks(tracks, view)}


def test_rows_and_bars():
    html = render_timeline(TRACKS, 4.2)
    page = Elements(html)
    buttons = [attrs for tag, attrs in page.found if tag == 'button']
    # An action that happens twice has one row.
    assert [attrs['data-starts'] for attrs in buttons] == ['[0.0, 4.0]', '[1.0]', '[0.5]', '[0.0]']
    assert buttons[0]['aria-label'] == 'walk, #0, 2 times: 0.0 to 1.5 s, score 1.00'
    assert buttons[2]['aria-label'] == 'talk to <self>, #3: 0.5 to 4.2 s, score 0.80' and '<self>' not in html
    persons = page.of_class('timeline-person')
    assert [attrs['aria-label'] for attrs in persons] == ['person #0', 'person #3', 'person #13']
    assert persons[1]['style'] == '--person: rgb({}, {}, {})'.format(*person_color(3))
    bars = [attrs['style'] for attrs in page.of_class('timeline-bar')]
    assert len(bars) == 5 and bars[0] == 'left: 0.00%; width: 35.71%; opacity: 1.00'
    assert 'opacity: 0.35' in bars[1]
    assert html.startswith('<p class="timeline-note">3 people.')


def test_longest_people_stay_in_order_of_their_numbers():
    assert list(shown(TimelineView(most=2))) == [0, 3]
    assert list(shown(TimelineView(most=1))) == [3]
    assert 'timeline-note">1 of 3 people.' in render_timeline(TRACKS, 4.2, TimelineView(most=1))


@pytest.mark.parametrize('search,found', [
    ('WALK', {
        0: ['walk', 'walk'],
        13: ['walk']
    }),
    ('#3', {
        3: ['talk to <self>']
    }),
    (' 0 ', {
        0: ['walk', 'wave', 'walk']
    }),
    ('swim', {}),
])
def test_search(search, found):
    assert shown(TimelineView(search=search)) == found


def test_shortest_stretches_are_left_out():
    assert shown(TimelineView(min_seconds=1.2)) == {0: ['walk'], 3: ['talk to <self>']}


def test_a_crowd_is_cut_to_what_can_be_read():
    crowd = [dict(id=number, actions=[action('walk', 0, 1 + number % 7)]) for number in range(161)]
    html = render_timeline(crowd, 60.0)
    assert html.count('<button') == 20 and '20 of 161 people' in html
    assert render_timeline(crowd, 60.0, TimelineView(most=10**6)).count('<button') == 161


def test_nobody():
    assert 'Nobody was found.' in render_timeline([], 3.0)
    assert 'Nothing fits the search.' in render_timeline(TRACKS, 3.0, TimelineView(search='swim'))


def test_a_still_picture_has_no_length():
    assert 'left: 0.00%' in render_timeline([dict(id=0, actions=[action('walk', 0, 0)])], 0.0)


def test_a_long_video_gets_room():
    html = render_timeline(TRACKS, 600.0)
    assert 'min-width: calc(var(--timeline-names) + 2400px)' in html
    assert re.findall(r'<span style="left: [\d.]+%">([^<]+)<',
                      html) == ['0 s', '2:00', '4:00', '6:00', '8:00', '10:00']


@pytest.mark.parametrize('duration', [0.04, 0.3, 1, 7.9, 59, 61, 3600, 90000])
def test_ticks_are_few_and_inside(duration):
    found = ticks(duration)
    assert found[0] == 0 and found[-1] <= duration and len(found) <= (8 if duration < 30000 else 30)
