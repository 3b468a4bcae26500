"""Writes predictions to a file from which they can be scored again without the model."""
import logging
from typing import Any, List, Optional, Sequence

import torch
from mmaction.registry import METRICS
from mmengine.evaluator import DumpResults
from mmengine.logging import print_log

from mmstep.errors import LaunchError
from mmstep.structures import prediction_keys
from ..files import compact_window, write_windows

WINDOW_KEYS = ('video_id', 'timestamp', 'clip_start', 'img_key', 'img_shape', 'original_shape')


@METRICS.register_module()
class DumpDetections(DumpResults):
    """MMEngine's ``DumpResults`` with plain numpy arrays in place of tensors and without the annotations.

    The file is a pickle of a list with one dict for each window: ``video_id``, ``timestamp`` or ``clip_start``,
    ``img_key``, ``img_shape``, ``original_shape``, ``pred_instances`` and, where kept, ``pred_instances_step1`` and so
    on, each a dict of arrays. Scores of zero are left out, and the last step is there once, see
    :func:`compact_window`; :func:`read_dump` gives all back. Holding nothing but builtins and numpy arrays, it can be
    read without running code: ``tools/analysis_tools/eval_dump.py`` does.

    Args:
        out_file_path (str): Where to write; ends with .pkl or .pickle.
        **kwargs: Arguments of ``DumpResults``.
    """
    default_prefix: Optional[str] = ''
    failure: Optional[LaunchError] = None
    """Why the file could not be written; whoever runs the test raises it once the scores are there."""

    def process(self, data_batch: Any, predictions: Sequence[dict]) -> None:
        """Keeps the predictions of one batch.

        Args:
            data_batch (Any): Not used.
            predictions (Sequence[dict]): Data samples as dicts.
        """
        for sample in predictions:
            kept = {key: sample[key] for key in WINDOW_KEYS if key in sample}
            kept.update({key: _to_numpy(sample[key]) for key in prediction_keys(sample)})
            self.results.append(compact_window(kept))

    def compute_metrics(self, results: List[dict]) -> dict:
        """Writes the file.

        Args:
            results (list[dict]): The windows of all processes.

        Returns:
            dict: Nothing.
        """
        try:
            write_windows(self.out_file_path, results)
        except LaunchError as error:
            # MMEngine logs the scores once all metrics are computed: they are not lost with the file.
            self.failure = error
            print_log(str(error), logger='current', level=logging.ERROR)
            return {}
        print_log(f'{len(results)} predictions are in {self.out_file_path}', logger='current')
        return {}


def _to_numpy(instances: dict) -> dict:
    return {key: _array(value) if isinstance(value, torch.Tensor) else value for key, value in instances.items()}


def _array(tensor: torch.Tensor):
    # numpy has no bfloat16; integers stay as they are.
    return (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
