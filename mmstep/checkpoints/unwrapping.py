"""Finding the weights in what a checkpoint holds, whoever wrote it."""
from typing import Any, Dict, Optional

from torch import Tensor

# Where programs keep the weights; averaged ones (EMA) only where there are no others.
_KEYS = ('state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'ema_state_dict', 'state_dict_ema',
         'model_ema', 'ema')
# What DataParallel, averaging and torch.compile put before every name.
_PREFIXES = ('module.', '_orig_mod.')
# Counters of averaging beside the weights.
_COUNTERS = ('steps', 'n_averaged')


def unwrap(content: Any) -> Optional[Dict[str, Tensor]]:
    """Finds the weights in what a file holds.

    Args:
        content (Any): A dict of weights, or one that has them under a usual name such as 'state_dict', 'model' or
            'ema_state_dict'.

    Returns:
        dict[str, Tensor] or None: Name -> weight, without the 'module.' of DataParallel or the '_orig_mod.' of
        torch.compile before every name; None if there are none.
    """
    if not isinstance(content, dict):
        return None
    for candidate in [content, *(content.get(key) for key in _KEYS)]:
        if isinstance(candidate, dict) and candidate and all(
                isinstance(name, str) and isinstance(value, Tensor) for name, value in candidate.items()):
            return _without_prefixes(candidate)
    return None


def _without_prefixes(weights: Dict[str, Tensor]) -> Dict[str, Tensor]:
    bare = dict(weights)
    for prefix in _PREFIXES * 2:  # compiled and then wrapped, or the other way round
        names = [name for name in bare if name not in _COUNTERS]
        if names and all(name.startswith(prefix) for name in names):
            bare = {name.removeprefix(prefix): bare[name] for name in names}
    return bare


def found_by_mmengine(content: Any) -> bool:
    """Whether MMEngine, which knows 'state_dict' and 'module.' only, finds the weights of a file as well.

    Args:
        content (Any): What the file holds.

    Returns:
        bool: False if :func:`unwrap` finds others, or MMEngine finds none.
    """
    weights = unwrap(content)
    if weights is None:
        return False
    state_dict = content.get('state_dict', content)
    return {name.removeprefix('module.') for name in state_dict} == set(weights)
