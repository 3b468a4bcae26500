"""Text on pictures, in any script."""
import cv2
import numpy as np
import pytest

from mmstep.visualization import text as text_module
from mmstep.visualization.text import put_text, shorten, text_width

ENGINES = ['PillowText'] + (['OpenCVText'] if hasattr(cv2, 'FontFace') else [])


@pytest.fixture(params=ENGINES)
def engine(request, monkeypatch):
    """Each way of writing in turn."""
    chosen = getattr(text_module, request.param)()
    monkeypatch.setattr(text_module, 'text_engine', lambda: chosen)
    return request.param


def ink(text, height=20):
    """Bounding box x1y1x2y2 of what is written at (10, 60)."""
    image = np.zeros((100, 800, 3), np.uint8)
    put_text(image, text, 10, 60, (255, 255, 255), height)
    ys, xs = np.nonzero(image[..., 0] > 100)
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1


@pytest.mark.parametrize('height', [8, 20, 48])
def test_capital_letter_stands_on_the_line_and_has_the_height(engine, height):
    _, top, _, bottom = ink('H', height)
    assert bottom == pytest.approx(60, abs=1) and bottom - top == pytest.approx(height, abs=1 + height / 16)


@pytest.mark.parametrize('text', ['walk 0.87', 'talk to (e.g., self, a person) 0.40', 'gehen über', 'ходить'])
def test_width_is_that_of_the_letters(engine, text):
    x1, _, x2, _ = ink(text)
    assert text_width(text, 20) == pytest.approx(x2 - x1, abs=6)


def test_color_and_what_lies_outside(engine):
    image = np.zeros((30, 60, 3), np.uint8)
    put_text(image, 'HHHHHHHHHHHH', -10, 25, (200, 100, 0), 20)
    assert image[..., 0].max() == 200 and image[..., 1].max() == 100 and not image[..., 2].any()
    assert image[:, -5:].any()


def test_letters_beyond_ascii_differ_from_a_question_mark(engine):
    drawn = {}
    for letter in ('ä', 'ж', '?'):
        image = np.zeros((40, 40, 3), np.uint8)
        put_text(image, letter, 5, 30, (255, 255, 255), 20)
        drawn[letter] = image.tobytes()
    assert len(set(drawn.values())) == 3


@pytest.mark.skipif(not hasattr(cv2, 'FontFace'), reason='OpenCV 4 has no font for these scripts')
def test_scripts_of_east_asia():
    width = text_width('走', 20)
    assert width > text_width('?', 20)


def test_shortened_text_fits(engine):
    text = 'carry/hold (an object)'
    assert shorten(text, 12, text_width(text, 12)) == text
    for width in (150, 80, 30):
        cut = shorten(text, 12, width)
        assert cut.endswith('...') and text.startswith(cut[:-3]) and text_width(cut, 12) <= width
    assert shorten(text, 12, 3) == ''
