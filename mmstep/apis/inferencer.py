"""Detection in whatever a user points at, in MMEngine's manner."""
import logging
import os
import os.path as osp
from functools import cached_property
from typing import Dict, Iterator, List, Optional, Sequence, Tuple, Union

import torch
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.logging import print_log
from rich.progress import track
from torch import nn

from mmstep.engine.config_files import load_config
from mmstep.errors import LaunchError, VideoError
from mmstep.video.recording import Recording
from mmstep.video.sources import Input, Source, file_stems, input_name, list_inputs, open_source
from mmstep.video.stream_source import is_stream
from mmstep.video.video_probe import VideoProbe
from mmstep.video.video_source import VideoSource
from mmstep.video.video_writer import VideoWriter
from .config_reading import class_ids, class_names, refuse_flow
from .detection.detect_video import detect_video, video_layout
from .detection.frame_preparation import FramePreparation
from .detection.streaming_detector import StreamingDetector
from .detection.window_layout import has_native_frames
from .drawing.video_painter import VideoPainter
from .files.result_writers import WRITERS, write_result
from .init_detector import init_detector
from .model_zoo import find_model, list_models
from .persons.detections import KeyFrame
from .persons.person_matcher import PersonMatcher
from .persons.score_thresholds import ScoreThreshold, class_thresholds
from .persons.video_result import VideoResult, empty_result, source_fields


class STEPInferencer(BaseInferencer):
    """Detects persons and their actions in videos, arrays of frames and streams.

    Example:
        >>> from mmstep.apis import STEPInferencer                                     # doctest: +SKIP
        >>> inferencer = STEPInferencer('step_i3d_ava', weights='step_i3d_ava.pth')
        >>> result = inferencer('video.mp4', out_dir='out')

    Args:
        model (str | Config | nn.Module): Name of a model (:meth:`list_models`), a config or its file, or a detector
            from :func:`init_detector`.
        weights (str, optional): File or address of the weights. Defaults to those that the metafile names. With a
            config and without weights the model is random, which is logged.
        device (str): 'cpu', 'cuda:0' ...; 'auto' takes the first GPU, or the CPU without one. Defaults to 'auto'.
        cfg_options (dict, optional): Settings of the config to override.
        show_progress (bool): Whether to show a progress bar over the inputs. Defaults to True.

    Attributes:
        model (nn.Module): The detector.
        cfg (Config): Its config.
        weights (str or None): File or address of the weights.
        classes (list[str]): Names of the action classes; empty if the config names none.
        class_ids (list[int]): Their numbers in the label map.

    Raises:
        LaunchError: If the model, the weights or the device cannot be found or used, no weights are published and
            none are given, or the model needs optical flow.
    """

    def __init__(self,
                 model: Union[str, Config, nn.Module],
                 weights: Optional[str] = None,
                 device: str = 'auto',
                 cfg_options: Optional[dict] = None,
                 show_progress: bool = True) -> None:
        self._built = model if isinstance(model, nn.Module) else None
        cfg, self.weights = _find_config(model, weights, cfg_options)
        refuse_flow(cfg)
        device = device if device != 'auto' else 'cuda:0' if torch.cuda.is_available() else 'cpu'
        super().__init__(cfg, self.weights, device, scope='mmaction', show_progress=show_progress)
        self.classes = class_names(self.cfg) or []
        self.class_ids = class_ids(self.cfg, len(self.classes))

    @staticmethod
    def list_models() -> List[str]:
        """Names of the models that the metafiles list."""
        return list_models()

    def __call__(self,
                 inputs: Union[Input, Sequence[Input]],
                 batch_size: int = 1,
                 stride: Optional[float] = None,
                 score_thr: ScoreThreshold = 0.3,
                 fps: Optional[float] = None,
                 model_fps: Optional[float] = None,
                 max_seconds: Optional[float] = None,
                 out_dir: Optional[str] = None,
                 out_formats: Sequence[str] = ('json', ),
                 draw: bool = True) -> Dict[str, list]:
        """Detects in one or several inputs.

        Args:
            inputs (str | int | np.ndarray | Sequence): Path of a video or a folder of videos, frames (T, H, W, 3)
                uint8 RGB, index of a camera, an address (``rtsp://``, ``http://`` ...), or a list of those. A stream
                is read until it ends, ``max_seconds`` have passed or Ctrl-C is pressed.
            batch_size (int): Windows that go through the model at once; streams take one. Defaults to 1.
            stride (float, optional): Seconds between key times. Defaults to the length of a clip.
            score_thr (float | dict[str, float]): Actions under it are left out, see :func:`class_thresholds`.
                Defaults to 0.3.
            fps (float, optional): Frames a second of frames in memory, which need it.
            model_fps (float, optional): For a model of native frames (UCF101-24): frames a second at which it sees a
                video. Defaults to the video's own.
            max_seconds (float, optional): How long a stream is read at most.
            out_dir (str, optional): Folder for the files of results. Defaults to none.
            out_formats (Sequence[str]): Of 'json', 'jsonl', 'ava', 'coco' and 'mot', see :func:`write_result`.
            draw (bool): Whether to write NAME.mp4, the video with what was found, into ``out_dir``. Defaults to True.

        Returns:
            dict: ``predictions``: a :class:`VideoResult` for each input, ``visualization``: the path of each one's
            drawn video, or None. In a list or a folder an input that cannot be read has its reason in ``error``, and
            the others go on.

        Raises:
            VideoError: If the only input cannot be read.
            LaunchError: If ``score_thr`` or ``out_formats`` has an unknown name.
        """
        if unknown := set(out_formats) - set(WRITERS):
            raise LaunchError(f'out_formats: unknown {", ".join(sorted(unknown))}; there are {", ".join(WRITERS)}')
        if self.classes:
            class_thresholds(score_thr, self.classes)
        items = list_inputs(inputs)
        alone = len(items) == 1 and items[0] is inputs
        options = dict(stride=stride, score_thr=score_thr, batch_size=batch_size, model_fps=model_fps)
        stems = [out_dir and osp.join(out_dir, stem) for stem in file_stems([input_name(item) for item in items])]
        predictions, visualization = [], []
        for item, stem in zip(track(items, 'Videos') if self.show_progress else items, stems):
            result, drawn = self._infer(item, alone, stem if draw else None, fps, max_seconds, options)
            if result['error'] is not None:
                if alone:
                    raise VideoError(result['error'])
                print_log(result['error'], logger='current', level=logging.WARNING)
            for kind in out_formats if stem else ():
                write_result(result, stem, kind)
            predictions.append(result)
            visualization.append(drawn)
        return self.postprocess(predictions, visualization)

    @cached_property
    def _probe(self) -> VideoProbe:
        return VideoProbe()

    def iterate(self,
                source: Source,
                stride: Optional[float] = None,
                score_thr: ScoreThreshold = 0.3,
                batch_size: int = 1,
                model_fps: Optional[float] = None) -> Iterator[KeyFrame]:
        """Detects in a source, key time by key time; memory does not grow with its length.

        Args:
            source (VideoSource | ArraySource | StreamSource): See :func:`open_source`. A stream goes through
                :class:`StreamingDetector`, and Ctrl-C ends it.
            stride (float, optional): As in :meth:`__call__`, like those that follow.
            score_thr (float | dict[str, float]): Thresholds.
            batch_size (int): Windows at once.
            model_fps (float, optional): Frames a second for a model of native frames.

        Yields:
            KeyFrame: By time, with person numbers.
        """
        if not hasattr(source, 'frames_at'):
            yield from self._iterate_stream(source, stride, score_thr, model_fps)
            return
        matcher = PersonMatcher()
        for key_frame in detect_video(self.model, self.cfg, source, stride, score_thr, batch_size, model_fps):
            matcher.update(key_frame)
            yield key_frame

    def _iterate_stream(self, source: Source, stride: Optional[float], score_thr: ScoreThreshold,
                        model_fps: Optional[float]) -> Iterator[KeyFrame]:
        if model_fps is None and has_native_frames(self.cfg):
            model_fps = source.fps
        detector = StreamingDetector(self.model, self.cfg, stride, score_thr, model_fps)
        try:
            for frame, time in source:
                yield from detector.push(frame, time)
        except KeyboardInterrupt:
            # The usual way to end a camera.
            print_log(f'{source.path}: stopped', logger='current')
        yield from detector.finish()

    def _infer(self, item: Input, alone: bool, stem: Optional[str], fps: Optional[float], max_seconds: Optional[float],
               options: dict) -> Tuple[VideoResult, Optional[str]]:
        """Detects in one input and draws it into ``stem``.mp4, if given."""
        result = empty_result(
            input_name(item),
            config=self.cfg.filename or '',
            checkpoint=self.weights,
            classes=self.classes,
            class_ids=self.class_ids,
            score_thr=options['score_thr'])
        key_frames, recording = [], None
        try:
            if not alone and isinstance(item, (str, os.PathLike)) and not is_stream(item):
                self._probe.check(os.fspath(item))  # one file must not end the run for the others
            source = open_source(item, fps, max_seconds)
            layout = video_layout(self.cfg, source, options['model_fps'])
            result.update(source_fields(source), stride_seconds=round(layout.round_stride(options['stride']), 4))
            if stem and not hasattr(source, 'frames_at'):
                source = recording = Recording(source, f'{stem}.recording.mp4')
            for key_frame in self.iterate(source, **options):
                key_frames.append(key_frame)
                result['detections'].append(key_frame.to_dict())
            result['complete'] = True
        except VideoError as error:
            result['error'] = str(error)
            if recording is not None:
                recording.remove()
            return result, None
        result['broken_from'] = source.broken_from and round(source.broken_from, 3)
        if stem is None:
            return result, None
        if recording is not None:
            drawn = self.visualize(VideoSource(recording.file), key_frames, f'{stem}.mp4', layout.clip_seconds)
            recording.remove()
        else:
            again = VideoSource(source.path, warn=False) if isinstance(source, VideoSource) else source
            drawn = self.visualize(again, key_frames, f'{stem}.mp4', layout.clip_seconds)
        return result, drawn

    def visualize(self, source: Source, key_frames: List[KeyFrame], path: str, reach: float) -> str:
        """Writes a video with what was found.

        Args:
            source (VideoSource | ArraySource): The video, opened once more.
            key_frames (list[KeyFrame]): By time, with person numbers.
            path (str): The .mp4 file.
            reach (float): Frames further than this from the nearest key time show nobody, seconds.

        Returns:
            str: The path.

        Raises:
            VideoError: If it cannot be written.
        """
        with VideoWriter(path, source.fps, (source.width, source.height)) as writer:
            painter = VideoPainter(source, writer, reach)
            for key_frame in key_frames:
                painter.add(key_frame)
            painter.finish()
        return path

    def postprocess(self, preds: List[VideoResult], visualization: List[Optional[str]]) -> Dict[str, list]:
        """Puts together what the inferencer returns.

        Args:
            preds (list[VideoResult]): One for each input.
            visualization (list[str or None]): Paths of the drawn videos.

        Returns:
            dict: ``predictions`` and ``visualization``.
        """
        return dict(predictions=preds, visualization=visualization)

    def _init_model(self, cfg: Config, weights: Optional[str], device: str) -> nn.Module:
        if self._built is not None:
            return self._built
        if weights is None:
            print_log(
                f'{cfg.filename or "the config"}: no weights are given, the model is random',
                logger='current',
                level=logging.WARNING)
        return init_detector(cfg, weights, device)

    def _init_pipeline(self, cfg: Config) -> FramePreparation:
        return FramePreparation(cfg)

    def _init_visualizer(self, cfg: Config) -> None:
        """Drawing is :meth:`visualize`'s: MMAction2's visualizer knows no boxes."""


def _find_config(model: Union[str, Config, nn.Module], weights: Optional[str],
                 cfg_options: Optional[dict]) -> Tuple[Config, Optional[str]]:
    """The config and the weights of what a user calls a model."""
    if isinstance(model, nn.Module):
        if not hasattr(model, 'cfg'):
            raise LaunchError('the model has no config: make it with mmstep.apis.init_detector')
        return model.cfg, weights
    if isinstance(model, Config):
        model.merge_from_dict(cfg_options or {})
        return model, weights
    model = os.fspath(model)
    if osp.isfile(model) or model.endswith('.py'):
        return load_config(model, cfg_options), weights
    path, published = find_model(model)
    if weights is None and published is None:
        raise LaunchError(f'no weights of {model} are published. Train it (python tools/train.py {path}) and give '
                          f"them: STEPInferencer({model!r}, weights='work_dirs/...pth')")
    return load_config(path, cfg_options), weights or published
