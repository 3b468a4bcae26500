"""From a config and a checkpoint, or a model's name, to a model that is ready to detect."""
import copy
import functools
import logging
import os
import os.path as osp
from typing import List, Optional, Tuple, Union

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from mmengine.utils import import_modules_from_strings
from torch import nn

from mmstep.checkpoints import read_checkpoint, require_finite, require_whole, unwrap
from mmstep.engine.config_files import config_path, explain_config_errors, load_config
from mmstep.engine.model_zoo import find_model, list_models, packaged_weights
from mmstep.errors import LaunchError
from mmstep.models import STEPDetector
from mmstep.models.fold_batch_norm import fold_batch_norm
from mmstep.models.low_precision import set_dtype
from .config_reading import dataset_of_test
from .deployment import choose_backend, is_exported, load_exported, move_to_backend, read_info
from .flow_settings import choose_flow_method


def init_detector(config: Union[str, Config],
                  checkpoint: Optional[str] = None,
                  device: Optional[str] = None,
                  cfg_options: Optional[dict] = None,
                  backend: Optional[str] = None,
                  dtype: str = 'fp32',
                  flow_method: Optional[str] = None) -> nn.Module:
    """Builds a detector and loads its weights; nothing of the data set has to be on disk.

    Args:
        config (str or Config): The config, which is not changed; or its file, the name of a model of the metafiles, or
            a file of ``tools/deployment/export_onnx.py``, which holds config and weights.
        checkpoint (str, optional): File or address of the weights, which have to fill the model exactly, or an
            exported file. Defaults to those of the model that is named, if some come with mmstep, and to those of its
            streams where the config is that of a fusion; otherwise the weights are random.
        device (str, optional): 'cpu', 'cuda:0' ...; None or 'auto' for the first GPU, or the CPU without one.
        cfg_options (dict, optional): Settings of the config to override.
        backend (str, optional): What runs the model: 'eager', 'compile', 'onnxruntime' or 'openvino'. The last two
            export a checkpoint at start. Defaults to 'eager', and to 'onnxruntime' for an exported file.
        dtype (str): What backbone and heads compute in: 'fp32', 'bf16' or 'fp16'; 'compile' and 'openvino' have no
            'fp16', 'onnxruntime' has 'fp32' alone. Defaults to 'fp32'.
        flow_method (str, optional): How optical flow is made, see :func:`build_flow`, for a model that sees it.
            Defaults to ``optical_flow.method`` of the config, or 'dis'.

    Returns:
        nn.Module: The detector in evaluation mode, with the config as ``cfg``, for inference: batch norm is folded
        into the convolutions (:func:`fold_batch_norm`), and the last step's tubes are those of the target clip alone
        unless the config sets ``test_cfg.tube_frames``.

    Raises:
        LaunchError: If config or checkpoint cannot be read, or do not fit together, the device is not there, the
            backend's packages are not installed, or it does not compute in the type; or the method of the optical flow
            is not available here.
    """
    if isinstance(config, (str, os.PathLike)) and is_exported(os.fspath(config)):
        checkpoint = os.fspath(config) if checkpoint is None else checkpoint
        config = read_info(os.fspath(config)).to_config(os.fspath(config))
    backend = choose_backend(backend, checkpoint)
    if isinstance(config, Config):
        cfg, name = copy.deepcopy(config), config.filename or 'the config'
        cfg.merge_from_dict(cfg_options or {})
        import_modules_from_strings(**cfg.get('custom_imports', dict(imports=[])))
    else:
        name = config_path(config)
        if checkpoint is None and name != config:
            checkpoint = find_model(config)[1]
        cfg = load_config(name, cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    if flow_method is not None or cfg.get('test_pipeline') or dataset_of_test(cfg).get('pipeline'):
        choose_flow_method(cfg, flow_method)
    if checkpoint is not None and is_exported(os.fspath(checkpoint)):
        _require_built(cfg_options, os.fspath(checkpoint))
        return load_exported(os.fspath(checkpoint), cfg, backend, _find_device(device), dtype)
    with explain_config_errors(cfg, name):
        model = MODELS.build(cfg.model)
    if checkpoint is not None:
        checkpoint = os.fspath(checkpoint)
        weights = read_checkpoint(checkpoint)
        require_whole(model, weights, checkpoint, name)
        state = unwrap(weights) or {}
        require_finite(state, checkpoint)
        model.load_state_dict(state, strict=False)
        if checkpoint == packaged_weights(name):
            _say_once(f'{osp.basename(checkpoint)}, the weights that come with mmstep: {weights["meta"]["note"]}')
    elif loads_own_weights(cfg):
        model.init_weights()
    model.cfg = cfg
    if isinstance(model, STEPDetector):
        model.roi_head.test_cfg = {'tube_frames': 'clip', **model.roi_head.test_cfg}
    model = fold_batch_norm(model.to(_find_device(device)).eval())
    return set_dtype(model, dtype) if backend == 'eager' else move_to_backend(model, backend, dtype)


def loads_own_weights(cfg: Config) -> bool:
    """Whether a model finds its weights by itself: a fusion of streams whose configs name their checkpoints."""
    streams = cfg.get('model', {}).get('streams') or []
    named = [(stream['model'].get('init_cfg') or {}).get('type') == 'Pretrained' for stream in streams]
    return bool(named) and all(named)


def weight_files(cfg: Config, checkpoint: Optional[str]) -> List[str]:
    """The files of a model's weights.

    Args:
        cfg (Config): The config.
        checkpoint (str, optional): What the user gave.

    Returns:
        list[str]: That one; without it those of the streams of a fusion.
    """
    streams = cfg.get('model', {}).get('streams') or []
    own = [stream['model'].init_cfg.checkpoint for stream in streams] if loads_own_weights(cfg) else []
    return own if checkpoint is None else [checkpoint]


def require_weights(config: Union[str, Config], checkpoint: Optional[str]) -> Optional[str]:
    """The checkpoint of a command line, for programs in which a random model makes no sense.

    Args:
        config (str or Config): The config or its file, the name of a model, or an exported file.
        checkpoint (str, optional): What the user gave. Defaults to the weights that come with the model, if any.

    Returns:
        str or None: The file; None for an exported file, and for a fusion whose streams name theirs.

    Raises:
        LaunchError: If there is none.
    """
    if checkpoint is not None or (isinstance(config, str) and is_exported(config)):
        return checkpoint
    cfg = load_config(config) if isinstance(config, str) else config
    found = packaged_weights(cfg.filename or '')
    if found is None and not loads_own_weights(cfg):
        raise LaunchError(f'{cfg.filename} needs a checkpoint: give its file after the config. Weights come with '
                          f'{", ".join(list_models(with_weights=True))}')
    return found


def _require_built(cfg_options: Optional[dict], path: str) -> None:
    """Refuses settings of a model that was exported with others; those of what follows it are still free."""
    late = [key for key in cfg_options or {} if key.startswith('model.') and '.test_cfg' not in key]
    if late:
        raise LaunchError(f'{path}: {", ".join(late)} cannot be set any more, the model is exported: give '
                          '--cfg-options to tools/deployment/export_onnx.py')


@functools.lru_cache(maxsize=None)
def _say_once(message: str) -> None:
    print_log(message, 'current', logging.WARNING)


def _find_device(device: Optional[str]) -> torch.device:
    if device in (None, 'auto'):
        return torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise LaunchError(f'device {device!r} cannot be used: {reason}. Try --device cpu') from error
    return torch.device(device)


def find_config(model: Union[str, Config, nn.Module],
                weights: Optional[str] = None,
                cfg_options: Optional[dict] = None,
                flow_method: Optional[str] = None) -> Tuple[Config, Optional[str]]:
    """The config and the weights of what a user calls a model.

    Args:
        model (str | Config | nn.Module): Name of a model (:func:`find_model`), a config or its file, an exported file,
            or a detector from :func:`init_detector`.
        weights (str, optional): File or address of the weights. Defaults to those that the metafile names.
        cfg_options (dict, optional): Settings of the config to override.
        flow_method (str, optional): How the optical flow is made of a model that sees it.

    Returns:
        tuple[Config, str or None]: The config, which is the caller's to change, and the weights.

    Raises:
        LaunchError: If there is no such model or config, no weights are published and none are given, a built model
            has no config or is to be built otherwise, or there is no such flow method.
    """
    if isinstance(model, nn.Module) and (cfg_options or flow_method):
        raise LaunchError('cfg_options and flow_method come too late for a model that is built: give them to '
                          'init_detector')
    cfg, weights = _find_config(model, weights, cfg_options)
    if flow_method is not None:
        choose_flow_method(cfg, flow_method)
    return cfg, weights


def _find_config(model: Union[str, Config, nn.Module], weights: Optional[str],
                 cfg_options: Optional[dict]) -> Tuple[Config, Optional[str]]:
    weights = None if weights is None else os.fspath(weights)
    if isinstance(model, nn.Module):
        if not hasattr(model, 'cfg'):
            raise LaunchError('the model has no config: make it with mmstep.apis.init_detector')
        return copy.deepcopy(model.cfg), weights
    if isinstance(model, Config):
        cfg = copy.deepcopy(model)
        cfg.merge_from_dict(cfg_options or {})
        return cfg, weights
    model = os.fspath(model)
    if is_exported(model):
        cfg = read_info(model).to_config(model)
        cfg.merge_from_dict(cfg_options or {})
        return cfg, weights or model
    if osp.isfile(model) or model.endswith('.py'):
        return load_config(model, cfg_options), weights
    path, published = find_model(model)
    cfg = load_config(path, cfg_options)
    if weights is None and published is None and not loads_own_weights(cfg):
        raise LaunchError(f'no weights of {model} are published. Train it (python tools/train.py {path}) and give '
                          f"them: STEPInferencer({model!r}, weights='work_dirs/...pth'). Weights come with "
                          f'{", ".join(list_models(with_weights=True))}')
    return cfg, weights or published
