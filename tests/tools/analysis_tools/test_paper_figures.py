"""The figures of the paper, from windows made by hand."""
import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image
from studies.plots import plot_overlaps, plot_speed, plot_steps, plot_tubes, save_figure, save_small
from studies.speed import number_of_tubes, with_steps
from studies.step_pictures import detections, small_actors_picture, smallest_actor, steps_picture
from studies.study_file import ROOT, read_study
from studies.windows import TracedWindow

NAMES = ['walk', 'sit']


def window():
    """A walking person, of three feature frames: a whole frame becomes its box, at step 1 with the wrong action."""
    person, whole = torch.tensor([[20., 20., 60., 100.]]), torch.tensor([[0., 0., 128., 128.]])
    half = torch.tensor([[20., 20., 60., 80.]])
    tubes = [box[None].repeat(1, 3, 1) for box in (whole, half, person)]
    return TracedWindow('video, 3', np.zeros((128, 128, 3), np.uint8), tubes[-1], torch.ones(1, 3, dtype=torch.bool),
                        torch.tensor([[True, False]]), tubes,
                        [torch.tensor([[.2, .6]]), torch.tensor([[.9, .1]])])


def test_overlaps_over_the_steps():
    assert [overlap.item() for overlap in window().overlaps()] == pytest.approx([3200 / 128**2, .75, 1.])


def test_overlaps_of_a_window_without_persons_are_zero():
    empty = window()._replace(gt_boxes=torch.zeros(0, 3, 4), gt_valid=torch.zeros(0, 3, dtype=torch.bool))
    assert [overlap.tolist() for overlap in empty.overlaps()] == [[0.]] * 3
    assert smallest_actor(empty) == float('inf')


def test_right_and_wrong_detections():
    assert [found[1:] for found in detections(window(), 0, 0.3)] == [(1, pytest.approx(.6), False)]
    assert [found[1:] for found in detections(window(), 1, 0.3)] == [(0, pytest.approx(.9), True)]
    assert detections(window(), 0, 0.7) == []


def test_pictures_of_steps_have_red_right_and_blue_wrong_boxes():
    picture = steps_picture([window(), window()], NAMES, height=128)
    half = picture.shape[0] // 2
    assert (picture[:half] == (60, 110, 250)).all(-1).any() and not (picture[:half] == (230, 40, 40)).all(-1).any()
    assert (picture[half:] == (230, 40, 40)).all(-1).any()


def test_picture_of_small_actors():
    assert smallest_actor(window()) == pytest.approx(3200 / 128**2)
    picture = small_actors_picture([window()], height=128)
    assert (picture == (255, 150, 0)).all(-1).any() and (picture == (230, 40, 40)).all(-1).any()


def test_plots_become_small_files(tmp_path):
    study = read_study('extension')
    figures = {'1': dict(overall=50.), '2': dict(overall=60.)}
    results = dict(scores=dict(extension=dict(none={'0': dict(figures=figures)})))
    for plot in (plot_steps(study, results), plot_overlaps([np.array([.1, .3]), np.array([.5, .9])]),
                 plot_speed(dict(a=[(1, 20.), (2, 10.)])), plot_tubes([(11, 60., 20.), (27, np.nan, 10.)])):
        save_figure(plot, tmp_path / 'plots/a.png')
        assert (tmp_path / 'plots/a.png').stat().st_size < 50_000
    save_small(np.zeros((8, 9, 3), np.uint8), tmp_path / 'b.png')
    assert Image.open(tmp_path / 'b.png').size == (9, 8)


def test_a_config_with_more_steps():
    cfg = Config.fromfile(str(ROOT / 'configs/step/step_tiny_mini-ava_no-extension.py'))
    extended, plain = with_steps(cfg, 3, True), with_steps(cfg, 4, False)
    assert extended.model.num_clips == 5 and extended.model.roi_head.extend_at == (2, 3)
    assert extended.test_dataloader.dataset.pipeline[1].num_clips == 5
    assert plain.model.roi_head.num_steps == 4 and plain.model.roi_head.extend_at == () and cfg.model.num_clips == 1
    assert number_of_tubes(cfg) == 11
