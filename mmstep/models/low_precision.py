"""A detector that computes in bfloat16 or half precision, for inference."""
from types import MethodType
from typing import Any, Dict, List

import torch
from torch import nn

from mmstep.errors import LaunchError
from .detectors import STEPDetector

_TYPES: Dict[str, torch.dtype] = dict(fp32=torch.float32, bf16=torch.bfloat16, fp16=torch.float16)


def set_dtype(model: nn.Module, dtype: str) -> nn.Module:
    """Lets backbone, neck, scene context and heads compute under autocast.

    Weights stay in full precision, and so do probabilities, decoded boxes and NMS: the heads give logits and deltas in
    float32.

    Args:
        model (nn.Module): A detector or a fusion of several, changed in place, once.
        dtype (str): 'bf16' or 'fp16'; 'fp32' changes nothing.

    Returns:
        nn.Module: The same model.

    Raises:
        LaunchError: If there is no such type, or the device or the model does not compute in it.
    """
    if dtype not in _TYPES:
        raise LaunchError(f'dtype {dtype!r} is unknown; choose {", ".join(_TYPES)}')
    if dtype == 'fp32':
        return model
    device = next(model.parameters()).device.type
    _require_supported(device, dtype)
    detectors = [module for module in model.modules() if isinstance(module, STEPDetector)]
    if not detectors:
        raise LaunchError(f'{type(model).__name__} computes in fp32 alone: leave dtype {dtype} out')
    for part in (part for detector in detectors for part in _parts(detector)):
        forward = torch.autocast(device, _TYPES[dtype])(type(part).forward)
        # Bound to the module, so that a copy of the model runs its own.
        part.forward = MethodType(forward, part)
    return model


def _parts(detector: Any) -> List[nn.Module]:
    head = detector.roi_head
    parts = [detector.backbone, getattr(detector, 'neck', None), head.scene_context, *head.bbox_head]
    return [part for part in parts if part is not None]


def _require_supported(device: str, dtype: str) -> None:
    try:
        with torch.no_grad(), torch.autocast(device, _TYPES[dtype]):
            nn.functional.conv3d(torch.ones(1, 1, 1, 1, 1, device=device), torch.ones(1, 1, 1, 1, 1, device=device))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise LaunchError(f'dtype {dtype} cannot be used on this {device}: {reason}. Try bf16 or fp32') from error
