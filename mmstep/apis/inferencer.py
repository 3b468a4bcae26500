"""Detection in whatever a user points at, in MMEngine's manner."""
import logging
import os.path as osp
from functools import partial
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Union

import torch
from mmaction.registry import INFERENCERS
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.logging import print_log
from rich.progress import track
from torch import nn

from mmstep.checkpoints import require_finite
from mmstep.engine.model_zoo import list_models
from mmstep.errors import LaunchError
from mmstep.utils import refuse_overwriting
from mmstep.video.sources import Input, Source, file_stems, files_of_input, input_name, list_inputs
from .config_reading import class_ids, class_names
from .deployment import choose_backend, move_to_backend
from .drawing.video_painter import paint_run
from .files.result_writers import WRITERS, write_result
from .init_detector import find_config, init_detector, loads_own_weights
from .persons.detections import KeyFrame
from .persons.score_thresholds import ScoreThreshold, class_thresholds
from .video_run import VideoRun


@INFERENCERS.register_module(name='spatio-temporal-detection')
@INFERENCERS.register_module()
class STEPInferencer(BaseInferencer):
    """Detects persons and their actions in videos, arrays of frames and streams.

    The stages of :class:`~mmengine.infer.BaseInferencer` go by whole inputs: :meth:`preprocess` makes a
    :class:`VideoRun` of each, :meth:`forward` detects along it, :meth:`visualize` draws, :meth:`postprocess` writes
    files and gives the results. It is registered in MMAction2's ``INFERENCERS`` as 'STEPInferencer' and
    'spatio-temporal-detection', once ``mmstep.apis`` is imported.

    Example:
        >>> from mmstep.apis import STEPInferencer                                     # doctest: +SKIP
        >>> inferencer = STEPInferencer('step_i3d_ava', weights='step_i3d_ava.pth')
        >>> result = inferencer('video.mp4', out_dir='out')

    Args:
        model (str | Config | nn.Module): Name of a model (:meth:`list_models`), a config or its file, an exported file
            or a detector from :func:`init_detector`, which stays on its device. None of them is changed.
        weights (str, optional): File or address of the weights, or an exported file. Defaults to those that the
            metafile names. With a config and without weights the model is random, which is logged.
        device (str): 'cpu', 'cuda:0' ...; 'auto' takes the first GPU, or the CPU without one. Defaults to 'auto'.
        cfg_options (dict, optional): Settings of the config to override.
        show_progress (bool): Whether to show a progress bar over the inputs. Defaults to True.
        backend (str, optional): What runs the model, see :func:`init_detector`.
        dtype (str): What it computes in, see there. Defaults to 'fp32'.
        flow_method (str, optional): How the optical flow is made of a model that sees it, see there.

    Attributes:
        model (nn.Module): The detector.
        cfg (Config): Its config.
        pipeline (Callable[..., VideoRun]): Makes the run of one input, with the settings of :class:`VideoRun`.
        weights (str or None): File or address of the weights.
        classes (list[str]): Names of the action classes; empty if the config names none.
        class_ids (list[int]): Their numbers in the label map.

    Raises:
        LaunchError: If the model, the weights or the device cannot be found or used, no weights are published and
            none are given, or the method of the optical flow is not available here.
    """

    preprocess_kwargs = {'stride', 'score_thr', 'fps', 'model_fps', 'max_seconds', 'out_dir', 'draw'}
    postprocess_kwargs = {'out_formats'}

    def __init__(self,
                 model: Union[str, Config, nn.Module],
                 weights: Optional[str] = None,
                 device: str = 'auto',
                 cfg_options: Optional[dict] = None,
                 show_progress: bool = True,
                 backend: Optional[str] = None,
                 dtype: str = 'fp32',
                 flow_method: Optional[str] = None) -> None:
        self._backend, self._dtype = backend, dtype
        self._built = model if isinstance(model, nn.Module) else None
        cfg, self.weights = find_config(model, weights, cfg_options, flow_method)
        device = device if device != 'auto' else 'cuda:0' if torch.cuda.is_available() else 'cpu'
        super().__init__(cfg, self.weights, device, scope='mmaction', show_progress=show_progress)
        self.classes = class_names(self.cfg) or []
        self.class_ids = class_ids(self.cfg, len(self.classes))

    list_models = staticmethod(list_models)

    def __call__(self,
                 inputs: Union[Input, Sequence[Input]],
                 batch_size: int = 1,
                 stride: Optional[float] = None,
                 score_thr: ScoreThreshold = 0.3,
                 fps: Optional[float] = None,
                 model_fps: Optional[float] = None,
                 max_seconds: Optional[float] = None,
                 out_dir: Optional[str] = None,
                 out_formats: Union[str, Sequence[str]] = ('json', ),
                 draw: bool = True,
                 return_datasamples: bool = False) -> Dict[str, list]:
        """Detects in one or several inputs.

        Args:
            inputs (str | int | np.ndarray | Sequence): Path of a video, of a folder of videos or of numbered pictures
                (one video); frames (T, H, W, 3) uint8 RGB, index of a camera, address (``rtsp://`` ...), or a list of
                those. A stream is read until it ends, ``max_seconds`` have passed or Ctrl-C is pressed.
            batch_size (int): Windows that go through the model at once; streams take one. Defaults to 1.
            stride (float, optional): Seconds between key times. Defaults to the length of a clip.
            score_thr (float | dict[str, float]): Actions under it are left out, see :func:`class_thresholds`.
                Defaults to 0.3.
            fps (float, optional): Frames a second of frames in memory and of pictures, which need it.
            model_fps (float, optional): For a model of native frames (UCF101-24): frames a second at which it sees a
                video. Defaults to the video's own.
            max_seconds (float, optional): How long a stream is read at most.
            out_dir (str, optional): Folder for the files of results. Defaults to none.
            out_formats (str | Sequence[str]): Of 'json', 'jsonl', 'ava', 'coco' and 'mot', see :func:`write_result`.
            draw (bool): Whether to write NAME.mp4, the video with what was found, into ``out_dir``. Defaults to True.
            return_datasamples (bool): Whether ``predictions`` holds a list of :class:`KeyFrame` for each input, arrays
                in place of plain data. Defaults to False.

        Returns:
            dict: ``predictions``: a :class:`VideoResult` for each input, ``visualization``: the path of each one's
            drawn video, or None. In a list or a folder an input that cannot be read has its reason in ``error``, and
            the others go on.

        Raises:
            VideoError: If the only input cannot be read; what else fails in it is raised as it is.
            LaunchError: If ``score_thr`` or ``out_formats`` has an unknown name, or an option is out of range.
        """
        out_formats = (out_formats, ) if isinstance(out_formats, str) else out_formats
        if unknown := set(out_formats) - set(WRITERS):
            raise LaunchError(f'out_formats: unknown {", ".join(sorted(unknown))}; there are {", ".join(WRITERS)}')
        if self.classes:
            class_thresholds(score_thr, self.classes)
        items = self._inputs_to_list(inputs)
        alone = len(items) == 1 and items[0] is inputs
        if out_dir is not None:
            names = [osp.join(out_dir, stem) for stem in file_stems([input_name(item) for item in items])]
            ends = [*(WRITERS[kind].ending for kind in out_formats), *['.mp4'] * draw]
            files = [path for item in items for path in files_of_input(item)]
            refuse_overwriting([n + e for n in names for e in ends], [*files, self.cfg.filename, self.weights])
        runs = self.preprocess(
            items,
            batch_size,
            stride=stride,
            score_thr=score_thr,
            fps=fps,
            model_fps=model_fps,
            max_seconds=max_seconds,
            out_dir=out_dir,
            draw=draw)
        output: Dict[str, list] = dict(predictions=[], visualization=[])
        # One input after the other through all stages: what is done is on the disk, and memory does not grow.
        for item, run in zip(track(items, 'Videos') if self.show_progress else items, runs):
            preds = self.forward(run)
            if alone and run.error is not None:
                raise run.error
            done = self.postprocess(preds, self.visualize([item], preds), return_datasamples, out_formats)
            for key in output:
                output[key] += done[key]
        return output

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
        with self.pipeline(
                source, stride=stride, score_thr=score_thr, batch_size=batch_size, model_fps=model_fps,
                keep='nothing') as run:
            yield from run

    def preprocess(self,
                   inputs: Sequence[Input],
                   batch_size: int = 1,
                   stride: Optional[float] = None,
                   score_thr: ScoreThreshold = 0.3,
                   fps: Optional[float] = None,
                   model_fps: Optional[float] = None,
                   max_seconds: Optional[float] = None,
                   out_dir: Optional[str] = None,
                   draw: bool = True) -> Iterator[VideoRun]:
        """First stage: says for each input what is to be done. Nothing is opened yet.

        Args:
            inputs (Sequence): See :meth:`__call__`, like the rest.
            batch_size (int): Windows that go through the model at once.
            stride (float, optional): Seconds between key times.
            score_thr (float | dict[str, float]): Actions under it are left out.
            fps (float, optional): Frames a second of frames in memory.
            model_fps (float, optional): For a model of native frames.
            max_seconds (float, optional): How long a stream is read at most.
            out_dir (str, optional): Folder for the files of results.
            draw (bool): Whether a drawn video is among them.

        Yields:
            VideoRun: One for each input.
        """
        names = [input_name(item) for item in inputs]
        for item, stem in zip(inputs, file_stems(names)):
            yield self.pipeline(
                item,
                batch_size=batch_size,
                stride=stride,
                score_thr=score_thr,
                fps=fps,
                model_fps=model_fps,
                max_seconds=max_seconds,
                stem=out_dir and osp.join(out_dir, stem),
                draw=draw)

    def forward(self, inputs: VideoRun) -> List[VideoRun]:
        """Second stage: detects in an input from its start to its end.

        Args:
            inputs (VideoRun): From :meth:`preprocess`.

        Returns:
            list[VideoRun]: The same, finished: with ``result`` and ``key_frames``. Where the input cannot be read the
            result has the reason in ``error``.
        """
        inputs.finish()
        return [inputs]

    def visualize(self, inputs: Sequence[Input], preds: Sequence[VideoRun]) -> List[Optional[str]]:
        """Third stage: draws what was found into the videos.

        Args:
            inputs (Sequence): The inputs.
            preds (Sequence[VideoRun]): One for each, from :meth:`forward`.

        Returns:
            list[str or None]: Paths of the drawn videos; None where none was asked for or the input has an error.

        Raises:
            VideoError: If a video cannot be written.
        """
        return [paint_run(run, f'{run.stem}.mp4') if run.draw else None for run in preds]

    def postprocess(self,
                    preds: Sequence[VideoRun],
                    visualization: Sequence[Optional[str]],
                    return_datasamples: bool = False,
                    out_formats: Sequence[str] = ('json', )) -> Dict[str, list]:
        """Last stage: writes the results into files and puts together what the inferencer returns.

        Args:
            preds (Sequence[VideoRun]): From :meth:`forward`.
            visualization (Sequence[str or None]): From :meth:`visualize`.
            return_datasamples (bool): See :meth:`__call__`. Defaults to False.
            out_formats (Sequence[str]): Kinds of files, if :meth:`preprocess` was given a folder for them.

        Returns:
            dict: ``predictions`` and ``visualization``.

        Raises:
            VideoError: If a file cannot be written.
        """
        for run in preds:
            if run.result['error'] is not None:
                print_log(run.result['error'], logger='current', level=logging.WARNING)
            if run.stem is not None:
                for kind in out_formats:
                    write_result(run.result, run.stem, kind)
        predictions = [run.key_frames if return_datasamples else run.result for run in preds]
        return dict(predictions=predictions, visualization=list(visualization))

    def _inputs_to_list(self, inputs: Union[Input, Sequence[Input]]) -> List[Input]:
        return list_inputs(inputs)

    def _init_model(self, cfg: Config, weights: Optional[str], device: str) -> nn.Module:
        if self._built is not None:
            require_finite(self._built.state_dict(), 'the model')
            return move_to_backend(self._built, choose_backend(self._backend, None), self._dtype)
        if weights is None and not loads_own_weights(cfg):
            print_log(f'{cfg.filename or "config"}: no weights given, the model is random', 'current', logging.WARNING)
        return init_detector(cfg, weights, device, backend=self._backend, dtype=self._dtype)

    def _init_pipeline(self, cfg: Config) -> Callable[..., VideoRun]:
        return partial(VideoRun, self.model, checkpoint=self.weights)

    def _init_visualizer(self, cfg: Config) -> None:
        """Drawing is :meth:`visualize`'s: MMAction2's visualizer knows no boxes."""
