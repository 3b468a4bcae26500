"""Where the detections of each step lie in a data sample."""
from typing import Any, Dict, List, Sequence, Union

from mmengine.structures import BaseDataElement, InstanceData

LAST_STEP = 'pred_instances'

Sample = Union[BaseDataElement, Dict[str, Any]]


def step_key(step: int) -> str:
    """Name of the field that holds the detections of a step, counted from 1."""
    return f'{LAST_STEP}_step{step}'


def add_step_predictions(data_sample: BaseDataElement, results: Sequence[InstanceData]) -> None:
    """Puts the detections of a window into its data sample.

    Args:
        data_sample (ActionDataSample): Gets ``pred_instances``, the result of the last step. If there is more than one
            result, it also gets ``pred_instances_step1``, ``pred_instances_step2`` and so on.
        results (Sequence[InstanceData]): One per kept step, in the order of the steps; at least one.
    """
    data_sample.set_field(results[-1], LAST_STEP)
    if len(results) > 1:
        for step, result in enumerate(results, start=1):
            data_sample.set_field(result, step_key(step))


def step_predictions(data_sample: Sample) -> List[Any]:
    """Detections of every step, the inverse of :func:`add_step_predictions`.

    Args:
        data_sample (ActionDataSample | dict): A data sample, or the dict that MMEngine hands to a metric.

    Returns:
        list[InstanceData | dict]: One per step, from step 1 on; empty if the steps were not kept
        (``test_cfg.keep_steps``).
    """
    found: List[Any] = []
    while step_key(len(found) + 1) in data_sample:
        found.append(data_sample.get(step_key(len(found) + 1)))
    return found


def prediction_keys(data_sample: Sample) -> List[str]:
    """Names of all fields with detections that a data sample has.

    Args:
        data_sample (ActionDataSample | dict): A data sample.

    Returns:
        list[str]: ``pred_instances``, then the fields of the steps in their order.
    """
    keys = [step_key(step) for step in range(1, len(step_predictions(data_sample)) + 1)]
    return [LAST_STEP] * (LAST_STEP in data_sample) + keys
