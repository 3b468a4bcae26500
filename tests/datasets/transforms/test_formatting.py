"""What the model gets."""
import numpy as np
import pytest
import torch
from mmaction.datasets.transforms import FormatShape

from mmstep.datasets import KeyFrameBoxes, PackTubeInputs


def results(num_actors, **changes):
    return dict(
        imgs=[np.full((8, 10, 3), index, np.uint8) for index in range(36)],
        num_clips=1,
        clip_len=36,
        img_shape=(8, 10),
        original_shape=(80, 100),
        img_key='a,0003',
        video_id='a',
        timestamp=3,
        gt_bboxes=np.ones((num_actors, 9, 4)),
        gt_valid=np.ones((num_actors, 9), bool),
        gt_labels=np.zeros((num_actors, 4), np.float32),
        entity_ids=np.arange(num_actors)) | changes


def pack(info):
    return PackTubeInputs()(FormatShape('NCTHW', collapse=True)(info))


@pytest.mark.parametrize('num_actors', [0, 1, 50])
def test_window_and_tubes(num_actors):
    packed = pack(results(num_actors))
    inputs, sample = packed['inputs'], packed['data_samples']
    assert inputs.shape == (3, 36, 8, 10) and inputs.dtype == torch.uint8
    assert inputs[0, :, 0, 0].tolist() == list(range(36))
    tubes = sample.gt_tubes
    assert len(tubes) == num_actors
    assert tubes.bboxes.shape == (num_actors, 9, 4) and tubes.bboxes.dtype == torch.float32
    assert tubes.valid.shape == (num_actors, 9) and tubes.valid.dtype == torch.bool
    assert tubes.labels.shape == (num_actors, 4) and tubes.entity_ids.dtype == torch.int64
    assert sample.metainfo == dict(
        img_shape=(8, 10), original_shape=(80, 100), img_key='a,0003', video_id='a', timestamp=3)
    assert 'gt_instances' not in sample and 'proposals' not in sample


def test_single_label():
    assert pack(results(2, gt_labels=np.array([3, 1])))['data_samples'].gt_tubes.labels.tolist() == [3, 1]


def test_proposals():
    sample = pack(results(1, proposals=np.array([[0., 1., 2., 3.]])))['data_samples']
    assert sample.proposals.bboxes.tolist() == [[0, 1, 2, 3]] and sample.proposals.bboxes.dtype == torch.float32


def test_without_annotation():
    info = {key: value for key, value in results(1).items() if not key.startswith(('gt_', 'entity'))}
    assert 'gt_tubes' not in pack(info)['data_samples']


def test_the_pipeline_result_stays_as_it_was():
    info = FormatShape('NCTHW', collapse=True)(results(2))
    PackTubeInputs()(info)
    assert info['gt_bboxes'].shape == (2, 9, 4)


def test_proposals_that_a_crop_cut_off_are_dropped():
    boxes = np.array([[0., 1., 0., 3.], [0., 1., .5, 3.], [0., 0., 1., 1.], [5., 5., 9., 9.]])
    sample = pack(results(1, proposals=boxes))['data_samples']
    assert sample.proposals.bboxes.tolist() == boxes[2:].tolist()
    assert pack(results(1, proposals=np.zeros((0, 4))))['data_samples'].proposals.bboxes.shape == (0, 4)


def test_height_and_width_of_the_annotation_are_not_swapped():
    info = dict(filename='a.mp4')
    with pytest.raises(
            ValueError,
            match='a.mp4 has pictures of height 80 and width 100, and the annotation of a is '
            'for height 100 and width 80'):
        pack(results(1, resolution=(100, 80), **info))
    assert pack(results(1, resolution=(40, 50), **info))['data_samples'].gt_tubes.bboxes.shape == (1, 9, 4)


def test_key_frame_boxes_are_those_in_the_middle_of_the_window():
    info = results(2)
    middle = info['gt_bboxes'][:, 4].tolist()
    assert KeyFrameBoxes()(dict(info))['gt_bboxes'].tolist() == middle
    assert 'proposals' not in KeyFrameBoxes()(dict(info))
    perfect = KeyFrameBoxes(as_proposals=True)(dict(info))
    assert perfect['proposals'].tolist() == middle
    perfect['proposals'] += 1
    assert perfect['gt_bboxes'].tolist() == middle
