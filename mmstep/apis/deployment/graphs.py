"""The parts of a detector as functions of one tensor, which can be exported and compiled."""
from typing import Any, Dict, List, NamedTuple, Tuple

import torch
from mmcv.ops import RoIAlign
from mmengine.config import Config
from torch import Tensor, nn

from mmstep.errors import LaunchError
from mmstep.models import StreamFusion, TubeGridGenerator, TwoStreamPreprocessor, WindowPreprocessor
from ..config_reading import transforms_of_test

SAMPLERS = ('SampleTubeWindow', 'SampleClipWindow')
MOST_WINDOWS = 4096
EXAMPLES = 2  # A batch of one would be taken for a batch that is always one.


class Part(NamedTuple):
    """One function of a detector.

    Attributes:
        module (nn.Module): From a batch to a tuple of batches.
        example (Tensor): A batch of two.
        input (dict): As in :class:`ExportInfo`.
        outputs (list[str]): Names of what comes out.
    """
    module: nn.Module
    example: Tensor
    input: Dict[str, Any]
    outputs: List[str]


def trace(part: Part) -> torch.export.ExportedProgram:
    """Writes a part down as a graph of any batch, without the Python around it.

    Args:
        part (Part): The part.

    Returns:
        torch.export.ExportedProgram: Its graph.
    """
    batch = torch.export.Dim('batch', min=1, max=MOST_WINDOWS)
    with torch.no_grad():
        return torch.export.export(part.module, (part.example, ), dynamic_shapes=({0: batch}, ), strict=False)


class _Normalized(nn.Module):
    """From pixels to the network input; what is no picture, or no pixel any more, passes as it is."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.pixels = isinstance(model.data_preprocessor, WindowPreprocessor)

    def normalize(self, frames: Tensor) -> Tensor:
        """Brings a batch (B, C, F, H, W) to what the model takes."""
        if not self.pixels:
            return frames
        preprocessor = self.model.data_preprocessor
        return (frames.float() - preprocessor.mean) / preprocessor.std


class WindowGraph(_Normalized):
    """From the frames of windows to scores (B, M, C) and tubes (B, M, T_s, 4) of each step, of each stream."""

    def forward(self, frames: Tensor) -> Tuple[Tensor, ...]:
        """Detects.

        Args:
            frames (Tensor): Shape (B, C, num_clips * K, H, W).

        Returns:
            tuple[Tensor, ...]: Scores and tubes of step 1, of step 2 and so on.
        """
        x, img_shape = self.normalize(frames), _img_shape(frames)
        if not isinstance(self.model, StreamFusion):
            return _refine(self.model.roi_head, self.model.extract_feat(x), img_shape)
        found: Tuple[Tensor, ...] = ()
        for stream, feats in zip(self.model.streams, self.model.extract_feat(x)):
            found += _refine(stream.roi_head, feats, img_shape)
        return found


class ClipGraph(_Normalized):
    """From the frames of clips (B, C, K, H, W) to their features (B, C', K / r, h, w)."""

    def forward(self, frames: Tensor) -> Tuple[Tensor]:
        """See the class."""
        return (self.model.extract_clip_feat(self.normalize(frames)), )


class HeadGraph(nn.Module):
    """From the features of windows (B, C', T, h, w) to what :class:`WindowGraph` gives.

    Args:
        model (STEPDetector): The detector.
        img_shape (tuple[int, int]): Height and width of the network input.
    """

    def __init__(self, model: Any, img_shape: Tuple[int, int]) -> None:
        super().__init__()
        self.roi_head = model.roi_head
        self.img_shape = img_shape

    def forward(self, feats: Tensor) -> Tuple[Tensor, ...]:
        """See the class."""
        return _refine(self.roi_head, feats, self.img_shape)


def _img_shape(frames: Tensor) -> Tuple[int, int]:
    height, width = frames.shape[-2:]
    return height, width


def _refine(roi_head: Any, feats: Tensor, img_shape: Tuple[int, int]) -> Tuple[Tensor, ...]:
    """Scores and tubes of each step, by window; the last step's tubes on the frames that the config reports."""
    frames = feats.shape[2] // roi_head.num_clips if roi_head.test_cfg.get('tube_frames') == 'clip' else None
    batch = feats.shape[0]  # ``len`` would take it for fixed when the graph is traced
    return tuple(
        tensor.unflatten(0, (batch, -1)) for step in roi_head(feats, img_shape, frames=frames)
        for tensor in (step.scores, step.tubes))


def window_settings(cfg: Config) -> Dict[str, Any]:
    """What a window is, from the config's test pipeline.

    Args:
        cfg (Config): The config.

    Returns:
        dict: ``window`` of :class:`ExportInfo`.

    Raises:
        LaunchError: If the pipeline samples no window, or does not bring all videos to one size.
    """
    found: Dict[str, Any] = {}
    for transform in transforms_of_test(cfg):
        name = transform['type'].split('.')[-1]
        if name in SAMPLERS:
            found.update(
                clip_len=transform['clip_len'],
                num_clips=transform['num_clips'],
                fps=transform.get('fps'),
                temporal_stride=transform.get('temporal_stride', 1))
        elif name in ('Resize', 'TubeResize') and not transform.get('keep_ratio', True):
            width, height = transform['scale']
            found.update(height=height, width=width)
    for key, wanted in dict(clip_len=' or '.join(SAMPLERS), height='Resize(keep_ratio=False)').items():
        if key not in found:
            raise LaunchError(f'{cfg.filename}: the test pipeline has no {wanted}; an exported graph takes windows of '
                              'one size')
    return found


def build_parts(model: Any, cfg: Config, one_file: bool = False) -> Dict[str, Part]:
    """Takes a detector apart.

    Args:
        model (nn.Module): A :class:`STEPDetector` or :class:`StreamFusion` in evaluation mode, on the CPU.
        cfg (Config): Its config.
        one_file (bool): Whether a detector of independent clips stays whole too. Defaults to False.

    Returns:
        dict[str, Part]: 'window', or 'clips' and 'heads'.

    Raises:
        LaunchError: If the model cannot be exported; says why.
    """
    streams = list(model.streams) if isinstance(model, StreamFusion) else [model]
    for stream in streams:
        _require_exportable(stream, cfg.filename)
    window = window_settings(cfg)
    size = window['height'], window['width']
    frames = window['clip_len'] * window['num_clips']
    steps = [
        f'{what}_step{step}' for step in range(1, streams[0].roi_head.num_steps + 1) for what in ('scores', 'tubes')
    ]
    if len(streams) > 1:
        steps = [f'stream{number}_{name}' for number in range(1, len(streams) + 1) for name in steps]
    if one_file or len(streams) > 1 or model.clip_features == 'joint':
        return dict(window=Part(WindowGraph(model).eval(), *_input(model, frames, size), steps))
    clips = Part(ClipGraph(model).eval(), *_input(model, window['clip_len'], size), ['feats'])
    with torch.no_grad():
        feats, = clips.module(clips.example[:1])
    shape = [0, feats.shape[1], feats.shape[2] * window['num_clips'], *feats.shape[3:]]
    example = torch.rand(EXAMPLES, *shape[1:])
    heads = Part(HeadGraph(model, size).eval(), example, dict(name='feats', dtype='float32', shape=shape), steps)
    return dict(clips=clips, heads=heads)


def _require_exportable(model: Any, path: str) -> None:
    """Refuses what has no form in a graph of one input."""
    head: Any = getattr(model, 'roi_head', None)
    generator = getattr(head, 'prior_generator', None)
    if generator is None:
        raise LaunchError(f'{path}: {type(model).__name__} cannot be exported; a STEPDetector with a '
                          'ProgressiveRoIHead can')
    if not isinstance(generator, TubeGridGenerator):
        raise LaunchError(f'{path}: the initial tubes come from {type(generator).__name__}, which an exported '
                          'graph cannot make; a config with TubeGridGenerator can be exported')
    layer = head.bbox_roi_extractor.roi_layer
    if not isinstance(layer, RoIAlign):
        raise LaunchError(f'{path}: {type(layer).__name__} cannot be exported; use roi_layer=dict(type="RoIAlign")')


def _input(model: Any, frames: int, size: Tuple[int, int]) -> Tuple[Tensor, Dict[str, Any]]:
    """An example of a batch, and how it is described."""
    preprocessor = model.data_preprocessor
    layout = 'batch, channels, frames, height, width'
    if isinstance(preprocessor, WindowPreprocessor):
        shape = [0, 3, frames, *size]
        return torch.randint(
            256, (EXAMPLES, *shape[1:]), dtype=torch.uint8), dict(
                name='frames',
                dtype='uint8',
                shape=shape,
                layout=layout,
                colors='RGB',
                mean=preprocessor.mean.flatten().tolist(),
                std=preprocessor.std.flatten().tolist())
    if not isinstance(preprocessor, TwoStreamPreprocessor):
        raise LaunchError(f'{type(preprocessor).__name__} cannot be exported: use WindowPreprocessor or '
                          'TwoStreamPreprocessor as data_preprocessor')
    channels = 2 * preprocessor.num_flows
    about: Dict[str, Any] = dict(num_flows=preprocessor.num_flows, flow_scale=preprocessor.flow_scale)
    if preprocessor.rgb is not None:
        channels += 3
        about.update(mean=preprocessor.rgb.mean.flatten().tolist(), std=preprocessor.rgb.std.flatten().tolist())
    shape = [0, channels, frames, *size]
    # As TwoStreamPreprocessor makes it: what is stacked is for it to know.
    return torch.randn(EXAMPLES, *shape[1:]), dict(name='inputs', dtype='float32', shape=shape, layout=layout, **about)
