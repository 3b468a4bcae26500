"""Windows through the model, with the features of shared clips made once."""
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers.memory import kept_alive
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.structures import InstanceData

from mmstep.apis import WindowLayout
from mmstep.apis.detection.model_frames import Window
from mmstep.apis.detection.window_runner import WindowRunner
from mmstep.errors import LaunchError

LAYOUT = WindowLayout(clip_len=2, num_clips=3, fps=10, temporal_stride=1)  # 6 frames, 3 before the key frame
NAMED = Config(dict(class_names=['walk', 'sit']))
PREPARATION = SimpleNamespace(
    pack=lambda frames, flows: torch.as_tensor(np.stack(frames)).permute(3, 0, 1, 2),
    sample=lambda img_shape: ActionDataSample(metainfo=dict(img_shape=img_shape)))


class Model:
    """Finds one person in every window: a normalized box, and a tube in pixels of the input, 10 further a frame."""

    def __init__(self, clip_features='independent', num_steps=0):
        self.clip_features, self.num_steps, self.clips, self.features = clip_features, num_steps, [], []

    def data_preprocessor(self, data):
        return dict(inputs=torch.stack(data['inputs']))

    def extract_clip_feat(self, clips):
        self.clips.append(clips[:, 0, 0, 0, 0].tolist())
        return clips[:, :, :, :1, :1].float()

    def predict_from_feat(self, x, img_shape, samples):
        self.features += x[:, 0, :, 0, 0].int().tolist()
        return [self._found(sample) for sample in samples]

    def test_step(self, data):
        self.features += [inputs[0, :, 0, 0].tolist() for inputs in data['inputs']]
        return [self._found(sample) for sample in data['data_samples']]

    def _found(self, sample):
        tube = torch.tensor([0.0, 0, 8, 8]) + 10 * torch.arange(6.0)[:, None]
        found = dict(bboxes=torch.tensor([[0.25, 0.5, 0.5, 1.0]]), tubes=tube[None])
        sample.pred_instances = InstanceData(scores=torch.tensor([[0.0, 0.9, 0.2]]), **found)
        for step in range(self.num_steps, 0, -1):
            scores = torch.tensor([[0.0, 0.4 + step / 100, 0.0]])
            sample.set_field(InstanceData(scores=scores, **found), f'pred_instances_step{step}')
        return sample


def window(key, video=0):
    """Frames of 4 x 8 from a picture of 32 x 16, each filled with its number."""
    frames = [np.full((4, 8, 3), max(key - 3 + index, 0), np.uint8) for index in range(6)]
    return Window(video, key, key / 10, frames, (32, 16))


def runner(model, hop=2, cfg=NAMED, **kwargs):
    return WindowRunner(model, cfg, LAYOUT, hop, PREPARATION, **kwargs)


@pytest.mark.parametrize('reuse', [True, False])
def test_boxes_are_in_pixels_and_seconds_of_the_video(reuse):
    key_frame, = runner(Model(), reuse_features=reuse).run([window(20)])
    person, = key_frame.persons
    assert key_frame.time == 2 and key_frame.steps == []
    assert person.actions == [('walk', pytest.approx(0.9))]
    assert person.bbox.tolist() == [8, 8, 16, 16]
    # The centre clip's two feature frames, four times as large, at frames 2 and 3 of 6; the key frame is the latter.
    assert person.tube.tolist() == [[80, 80, 112, 112], [120, 120, 152, 152]]
    np.testing.assert_allclose(person.tube_times, [1.9, 2.0])


def test_steps_are_in_the_order_of_their_numbers():
    key_frame, = runner(Model(num_steps=11)).run([window(0)])
    np.testing.assert_allclose([step[0].score for step in key_frame.steps], 0.4 + np.arange(1, 12) / 100)


def test_each_clip_goes_through_the_backbone_once():
    model = Model()
    detect = runner(model)
    for key in (10, 12, 14):
        detect.run([window(key)])
    assert model.clips == [[7, 9, 11], [13], [15]]
    whole = Model()
    runner(whole, reuse_features=False).run([window(key) for key in (10, 12, 14)])
    assert model.features == whole.features and not whole.clips


def test_features_are_not_those_of_another_video():
    model = Model()
    detect = runner(model)
    detect.run([window(10), window(10, video=1)])
    detect.run([window(12, video=1)])
    assert model.clips == [[7, 9, 11, 7, 9, 11], [13]]


def test_features_that_no_later_window_holds_are_dropped():
    detect = runner(model := Model())
    for key in range(0, 100, 2):
        detect.run([window(key)])
        assert len(kept_alive(detect, torch.Tensor)) == 2
    detect.run([window(100), window(0, video=1)])
    assert len(kept_alive(detect, torch.Tensor)) == 2
    model.clips.clear()
    detect.run([window(2, video=1)])
    assert model.clips == [[3]]  # those that are kept are of the second video


@pytest.mark.parametrize('features,hop,reuses', [('independent', 2, True), ('independent', 4, True),
                                                 ('independent', 1, True), ('independent', 3, False),
                                                 ('joint', 2, False), (None, 2, False)])
def test_where_features_are_reused(features, hop, reuses):
    assert runner(Model(features), hop).reuses_features == reuses


def test_names_and_thresholds_without_names_in_the_config():
    detect = runner(Model(), cfg=Config(dict()), score_thr={'class 1': 0.95, 'default': 0.1})
    assert detect.labels is None
    key_frame, = detect.run([window(0)])
    assert key_frame.persons[0].actions == [('class 2', pytest.approx(0.2))]
    assert detect.labels == ['class 1', 'class 2']


def test_other_number_of_names_than_classes():
    with pytest.raises(LaunchError, match='names 3 classes .*the model has 2'):
        runner(Model(), cfg=Config(dict(class_names=['a', 'b', 'c']))).run([window(0)])
