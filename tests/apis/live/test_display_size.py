"""Tests of mmstep.apis.live.display_size: how large pictures are shown."""
import pytest

from mmstep.apis.live import display_size


@pytest.mark.parametrize(
    'source,wanted,expected',
    [
        ((640, 480), (0, 0), (640, 480)),
        ((3840, 2160), (0, 0), (1280, 720)),
        ((1080, 1920), (0, 0), (720, 1280)),
        ((1920, 1080), (0, 360), (640, 360)),
        ((1920, 1080), (640, 0), (640, 360)),
        ((1920, 1080), (300, 300), (300, 300)),
        # Codecs want even sizes.
        ((640, 480), (333, 0), (332, 250)),
        ((1300, 720), (0, 0), (1280, 708)),
        ((3, 3000), (0, 0), (2, 1280)),
    ])
def test_size_of_the_picture_shown(source, wanted, expected):
    assert display_size(source, *wanted) == expected
