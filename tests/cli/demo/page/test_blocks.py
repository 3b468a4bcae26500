"""The layout of the page."""
from helpers.square_detector import write_square_video

from mmstep.cli.demo.page import build_page
from mmstep.cli.demo.page.blocks import example_picture, known_actions


def components(blocks):
    return {block.elem_id: block for block in blocks.blocks.values() if getattr(block, 'elem_id', None)}


def test_examples_have_pictures_with_their_names(page, tmp_path):
    video = write_square_video(tmp_path / 'crossing the street.mp4', seconds=0.5)
    assert example_picture(video).shape == (160, 320, 3)
    examples = components(build_page(page, [video], 500))['examples']
    assert [item['caption'] for item in examples.value] == ['crossing the street']
    assert 'examples' not in components(build_page(page, [], 500))


def test_actions_of_a_model_are_listed(page):
    assert known_actions(page, 'square') == 'left, right.'
    page.models['square'].model.cfg.class_names = None
    assert 'does not name' in known_actions(page, 'square')


def test_what_the_page_begins_with(page):
    parts = components(build_page(page, [], 500))
    assert parts['detect'].interactive and not parts['stop'].interactive
    assert not parts['timeline_part'].visible and not parts['steps_part'].visible
