"""From a config and a checkpoint to a model that is ready to detect."""
from typing import Optional, Union

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.utils import import_modules_from_strings
from torch import nn

from mmstep.checkpoints.checkpoint import read_checkpoint, require_whole
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.errors import LaunchError


def init_detector(config: Union[str, Config],
                  checkpoint: Optional[str] = None,
                  device: Optional[str] = None,
                  cfg_options: Optional[dict] = None) -> nn.Module:
    """Builds a detector and loads its weights; nothing of the data set has to be on disk.

    Args:
        config (str or Config): The config or its file.
        checkpoint (str, optional): File or address of the weights, which have to fill the model exactly. Without one
            the weights are random.
        device (str, optional): 'cpu', 'cuda:0' ... Defaults to the first GPU, or the CPU without one.
        cfg_options (dict, optional): Settings of the config to override.

    Returns:
        nn.Module: The detector in evaluation mode, with the config as ``cfg``.

    Raises:
        LaunchError: If config or checkpoint cannot be read, or do not fit together, or the device is not there.
    """
    if isinstance(config, Config):
        cfg, name = config, config.filename or 'the config'
        cfg.merge_from_dict(cfg_options or {})
        import_modules_from_strings(**cfg.get('custom_imports', dict(imports=[])))
    else:
        cfg, name = load_config(config, cfg_options), config
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, name):
        model = MODELS.build(cfg.model)
    if checkpoint is not None:
        weights = read_checkpoint(checkpoint)
        require_whole(model, weights, checkpoint, name)
        state = weights.get('state_dict', weights)
        model.load_state_dict({key.removeprefix('module.'): value for key, value in state.items()}, strict=False)
    model.cfg = cfg
    return model.to(_find_device(device)).eval()


def _find_device(device: Optional[str]) -> torch.device:
    if device is None:
        return torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise LaunchError(f'device {device!r} cannot be used: {reason}. Try --device cpu') from error
    return torch.device(device)
