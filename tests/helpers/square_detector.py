"""A detector that finds a white square on black by its pixels, and videos to find it in."""
import time

import cv2
import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.structures import InstanceData

from mmstep.structures import add_step_predictions

STRIDE, CLIP = 4, 12


@MODELS.register_module()
class SquareDetector(BaseModel):
    """Gives a row for the square's box and a worse one beside it, as per-class NMS does; takes ``seconds`` for each
    window."""

    def __init__(self, scores=((0.9, 0.0), (0.0, 0.6)), seconds=0.0, **kwargs):
        super().__init__(**kwargs)
        self.seconds = seconds
        self.scores = torch.tensor(scores)
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.batch_sizes = []

    def test_step(self, data):
        self.batch_sizes.append(len(data['inputs']))
        time.sleep(self.seconds * len(data['inputs']))
        return [self._detect(inputs, sample) for inputs, sample in zip(data['inputs'], data['data_samples'])]

    def forward(self, inputs, data_samples=None, mode='tensor'):
        raise NotImplementedError

    def _detect(self, inputs, sample):
        frames = inputs[0].numpy()  # (T, H, W)
        tube = torch.tensor(np.stack([_box(frames[i:i + STRIDE]) for i in range(0, len(frames), STRIDE)]))
        height, width = sample.img_shape
        box = torch.tensor(_box(frames[len(frames) // 2][None])) / torch.tensor([width, height, width, height])
        seen = bool(frames[len(frames) // 2].max() > 127)
        rows = 2 if seen else 0
        scores = torch.nn.functional.pad(self.scores, (1, 0))[:rows]
        found = InstanceData(bboxes=box.repeat(rows, 1).float(), scores=scores, tubes=tube.repeat(rows, 1, 1).float())
        add_step_predictions(sample, [found, found])
        return sample


def _box(frames):
    """Mean box of the white pixels; zeros without any."""
    boxes = []
    for frame in frames:
        ys, xs = np.where(frame > 127)
        boxes.append([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1] if len(xs) else [0, 0, 0, 0])
    return np.mean(boxes, axis=0).astype(np.float32)


def square_config(scale=(128, 64), class_names=('left', 'right')):
    return Config(
        dict(
            model=dict(type='SquareDetector'),
            class_names=list(class_names),
            default_scope='mmaction',
            test_pipeline=[
                dict(type='WindowInit'),
                dict(type='SampleTubeWindow', clip_len=CLIP, num_clips=3, fps=12, temporal_stride=STRIDE),
                dict(type='WindowDecode'),
                dict(type='Resize', scale=scale, keep_ratio=False),
                dict(type='FormatShape', input_format='NCTHW', collapse=True),
                dict(type='PackTubeInputs')
            ]))


def square_left(time, speed=20):
    """Left edge of the square at a time, pixels."""
    return 10 + speed * time


def write_square_video(path, seconds=4.0, fps=24, size=(256, 128), speed=20):
    """A 40 x 40 square whose top is at 30 and whose left edge is at ``square_left``, in an mp4v file."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), fps, size)
    assert writer.isOpened()
    for index in range(max(round(seconds * fps), 1)):
        frame = np.zeros((size[1], size[0], 3), np.uint8)
        left = round(square_left(index / fps, speed))
        frame[30:70, left:left + 40] = 255
        writer.write(frame)
    writer.release()
    return str(path)
