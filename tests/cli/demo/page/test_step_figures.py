"""How boxes move over the steps, as HTML."""
import base64
import re

import cv2
import numpy as np

from mmstep.apis import Detection
from mmstep.cli.demo.page.step_figures import StepRow, data_uri, describe, render_steps


def person(number, *actions):
    box = np.zeros(4)
    return Detection(box, list(actions), box[None], np.zeros(1), number)


def test_figures_say_in_text_what_they_show():
    picture = np.full((24, 32, 3), (200, 30, 10), np.uint8)
    found = [person(2, ('walk & <run>', 0.9), ('talk', 0.2))]
    html = render_steps([StepRow(1.5, [picture, picture], [[person(2)], found])])
    assert re.findall(r'alt="([^"]*)"', html) == [
        'Initial boxes at 1.5 s: boxes of #2', 'Step 1 at 1.5 s: #2 walk &amp; &lt;run&gt; 0.90'
    ]
    assert '<figcaption><b>Step 1</b> #2 walk &amp; &lt;run&gt; 0.90</figcaption>' in html
    assert 'At 1.5 s' in html and html.count('width="32" height="24"') == 2


def test_a_crowd_is_cut():
    crowd = [person(number, ('walk', 0.5)) for number in range(5)]
    assert describe(crowd) == '#0 walk 0.50, #1 walk 0.50, #2 walk 0.50 and 2 more'
    assert describe(crowd[:1]) == '#0 walk 0.50' and describe([]) == ''


def test_nothing_to_show():
    assert render_steps([]) == ''


def test_the_picture_is_in_the_page():
    picture = np.full((24, 32, 3), (200, 30, 10), np.uint8)
    kind, _, content = data_uri(picture).partition(',')
    assert kind == 'data:image/jpeg;base64'
    back = cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_allclose(back[12, 16], (200, 30, 10), atol=6)
