"""The few repairs that the pinned OpenMMLab releases need, each with its reason.

``import mmstep`` calls :func:`apply_compat` before it imports anything of MMAction2. Every repair is as narrow as the
fault, does nothing when the fault is absent, and may be applied twice.
"""
import functools
import importlib.metadata
import importlib.util
import os
import pickle
import re
import sys
from contextlib import contextmanager, nullcontext
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import numpy as np
import torch
import torch.utils.checkpoint

from .plain_arrays import CheckpointArray, PlainDType, make_scalar, not_called

# Distribution -> (first version that fits, first version that does not). mmdet 3.3.0 and mmaction2 1.2.0 assert
# mmcv < 2.2.0; below mmengine 0.10.7 checkpoints cannot be read with the torch releases that we support.
SUPPORTED = {
    'mmengine': ('0.10.7', '1.0.0'),
    'mmcv': ('2.1.0', '2.2.0'),
    'mmdet': ('3.3.0', '3.4.0'),
    'mmaction2': ('1.2.0', '1.3.0'),
}
_CLONE = Path(__file__).resolve().parents[1]
# In a clone its script, in an environment of pip's the command that brings the same script along.
FIX = f'run in {_CLONE}:  bash tools/setup_env.sh' if (_CLONE /
                                                       'tools/setup_env.sh').is_file() else 'run:  mmstep setup'
_HISTORY_BUFFER = 'mmengine.logging.history_buffer.HistoryBuffer'
DRN_PACKAGE = 'mmaction.models.localizers.drn'


def apply_compat() -> None:
    """Checks the versions of the OpenMMLab packages and applies every repair.

    Raises:
        ImportError: If one of the packages is missing or does not fit; the message names the fix.
    """
    check_versions()
    provide_drn_stand_in()
    allow_checkpoint_globals()
    repair_undefined_average_precision()
    widen_primitive_cache()
    repair_activation_checkpointing()


def repair_activation_checkpointing() -> None:
    """Lets ``activation_checkpointing=['backbone']`` in a config train the backbone.

    MMEngine 0.10.7 uses torch's reentrant checkpoints, under which nothing gets a gradient if no input asks for one:
    pictures do not, so the backbone stayed as it was, without a word. Batch norm sees each batch twice, forward and
    recomputed; its statistics count it once here.
    """
    from mmengine.runner import runner
    runner.turn_on_activation_checkpointing = turn_on_activation_checkpointing


def turn_on_activation_checkpointing(model: torch.nn.Module, modules: Union[List[str], str]) -> None:
    """Recomputes the activations of modules in the backward pass instead of keeping them.

    Args:
        model (nn.Module): The model.
        modules (list[str] | str): Names of modules in it, such as 'backbone' or 'roi_head.scene_context'.

    Raises:
        ValueError: If there is no such module, or it is trained by its method ``loss`` rather than ``forward``, as
            RoI heads and detectors are, so that nothing would be recomputed.
    """
    for name in [modules] if isinstance(modules, str) else modules:
        try:
            module = model.get_submodule(name)
        except AttributeError as error:
            raise ValueError(f'activation_checkpointing: the model has no module {name!r}') from error
        if (hasattr(module, 'loss') and hasattr(module, 'predict')) or isinstance(module, torch.nn.ModuleList):
            parts = ', '.join(f'{name}.{part}' for part, _ in module.named_children())
            raise ValueError(f'activation_checkpointing: {name!r} is not trained by its forward(); name its parts: '
                             f'{parts}')
        module.forward = _checkpointed(module)


def _checkpointed(module: torch.nn.Module) -> Callable:
    forward = module.forward
    norms = [part for part in module.modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)]

    @contextmanager
    def without_statistics() -> Iterator[None]:
        # Momentum 0 leaves the statistics as they are; without them torch would keep fewer tensors than in forward.
        tracked = [(norm, norm.momentum, norm.num_batches_tracked, norm.num_batches_tracked.clone()) for norm in norms
                   if norm.training and norm.num_batches_tracked is not None]
        for norm, _, _, _ in tracked:
            norm.momentum = 0.
        try:
            yield
        finally:
            for norm, momentum, batches, before in tracked:
                norm.momentum = momentum
                batches.copy_(before)

    @functools.wraps(forward)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        return torch.utils.checkpoint.checkpoint(
            forward, *args, use_reentrant=False, context_fn=lambda: (nullcontext(), without_statistics()), **kwargs)

    return checkpointed


def widen_primitive_cache() -> None:
    """Lets torch keep the compiled convolutions of all the batch sizes that sampling leads to.

    On a CPU oneDNN compiles a convolution for each shape and keeps 1,024 of them. The number of sampled tubes changes
    from iteration to iteration, so a few heads alone need more, and training can spend half its time compiling. oneDNN
    reads the variable at its first convolution; a value that the user has set stays.
    """
    os.environ.setdefault('ONEDNN_PRIMITIVE_CACHE_CAPACITY', '8192')


def check_versions() -> None:
    """Checks that the OpenMMLab packages are there, fit each other, and that mmcv has its operators.

    Raises:
        ImportError: With one line for each package that does not fit, and the command that mends it.
    """
    problems = find_misfits({name: _installed_version(name) for name in SUPPORTED})
    if not problems and importlib.util.find_spec('mmcv._ext') is None:
        problems = ['mmcv was built without its operators (mmcv.ops)']
    if problems:
        raise ImportError('mmstep cannot run with the packages of this Python '
                          f'({sys.executable}):\n  ' + '\n  '.join(problems) +
                          f'\nTo make an environment that fits, {FIX}')


def find_misfits(installed: Dict[str, Optional[str]]) -> List[str]:
    """Compares installed versions with :data:`SUPPORTED`.

    Args:
        installed (dict): Distribution name -> version, or None where it is not installed.

    Returns:
        list[str]: One sentence for each package that does not fit.

    Example:
        >>> find_misfits(dict(mmengine='0.10.7', mmcv='2.2.0', mmdet='3.3.0', mmaction2=None))
        ['mmcv 2.2.0 is installed; needed: >=2.1.0, <2.2.0', 'mmaction2 is not installed; needed: >=1.2.0, <1.3.0']
    """
    problems = []
    for name, (first, end) in SUPPORTED.items():
        version = installed[name]
        needed = f'needed: >={first}, <{end}'
        if version is None:
            problems.append(f'{name} is not installed; {needed}')
        elif not _parse(first) <= _parse(version) < _parse(end):
            problems.append(f'{name} {version} is installed; {needed}')
    return problems


def _installed_version(name: str) -> Optional[str]:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _parse(version: str) -> Tuple[int, ...]:
    """'2.1.0rc1+cpu' -> (2, 1, 0): enough for the ranges above."""
    return tuple(int(n) for n in re.findall(r'\d+', re.split(r'[^\d.]', version, maxsplit=1)[0]))


def provide_drn_stand_in() -> None:
    """Stands in for ``mmaction.models.localizers.drn``, which the mmaction2 1.2.0 wheel lacks.

    ``mmaction/models/localizers/__init__.py`` imports ``.drn.drn``, so without it ``import mmaction.models`` raises
    ModuleNotFoundError. Nothing of STEP uses DRN (a language-grounding model); building one explains itself.
    """
    if DRN_PACKAGE in sys.modules or _has_drn():
        return
    from mmaction.registry import MODELS

    class DRN(torch.nn.Module):
        """Stand-in for DRN; building it raises ImportError."""

        def __init__(self, *args, **kwargs) -> None:
            raise ImportError('The released mmaction2 1.2.0 wheel does not contain DRN '
                              f'({DRN_PACKAGE}). To use DRN install MMAction2 from its repository: '
                              'https://github.com/open-mmlab/mmaction2')

    for name, is_package in ((DRN_PACKAGE, True), (f'{DRN_PACKAGE}.drn', False)):
        sys.modules[name] = importlib.util.module_from_spec(ModuleSpec(name, None, is_package=is_package))
    setattr(sys.modules[DRN_PACKAGE], 'drn', sys.modules[f'{DRN_PACKAGE}.drn'])
    setattr(sys.modules[f'{DRN_PACKAGE}.drn'], 'DRN', MODELS.register_module(module=DRN))


def _has_drn() -> bool:
    # By path: importlib.util.find_spec would import the parent package, which is what fails without the module.
    spec = importlib.util.find_spec('mmaction')
    roots = (spec.submodule_search_locations if spec else None) or []
    return any(Path(root, 'models', 'localizers', 'drn', 'drn.py').exists() for root in roots)


def allow_checkpoint_globals() -> None:
    """Lets ``torch.load(weights_only=True)`` read what MMEngine itself writes into a checkpoint.

    Since torch 2.6 ``weights_only`` is the default, and MMEngine 0.10.7 keeps its message hub in the checkpoint:
    HistoryBuffer objects with numpy arrays and scalars, and HistoryBuffer's methods, spelt ``getattr(HistoryBuffer,
    'mean')``. Exactly these are allowed; ``weights_only`` stays on: a checkpoint from elsewhere can run no code. Of
    numpy's own functions none is called, for they believe what a file says (:mod:`mmstep.plain_arrays`).
    """
    from mmengine.logging import HistoryBuffer
    stand_ins: List[Any] = [(not_called, 'numpy.ndarray'), (PlainDType, 'numpy.dtype'),
                            (HistoryBuffer, _HISTORY_BUFFER), (_history_buffer_method, 'builtins.getattr'),
                            (CheckpointArray, f'{__name__}.CheckpointArray')]
    # A file that was written under numpy 1 names these functions numpy.core.*, under numpy 2 numpy._core.*.
    for core in ('numpy.core', 'numpy._core'):
        stand_ins += [(CheckpointArray, f'{core}.multiarray._reconstruct'), (make_scalar, f'{core}.multiarray.scalar')]
    torch.serialization.add_safe_globals(stand_ins)
    HistoryBuffer.__setstate__ = _set_history


def _set_history(buffer: Any, state: dict) -> None:
    """Gives a HistoryBuffer of a file plain arrays."""
    if not isinstance(state, dict):
        raise pickle.UnpicklingError('it asks for a HistoryBuffer without a state, which no file needs')
    buffer.__dict__.update({
        key: value.view(np.ndarray) if isinstance(value, CheckpointArray) else value
        for key, value in state.items() if key != 'statistics_methods'
    })
    # Of the class, and registered by the first buffer that is made: in a resumed training there may be none.
    buffer._set_default_statistics()


def _history_buffer_method(owner: type, name: str) -> Callable:
    """Stands for ``getattr`` in a checkpoint, and gives away no more than what MMEngine asks of it."""
    from mmengine.logging import HistoryBuffer
    if owner is not HistoryBuffer or name not in ('min', 'max', 'current', 'mean'):
        raise pickle.UnpicklingError(f'it asks for getattr({owner}, {name!r}), which no file needs')
    return getattr(HistoryBuffer, name)


def repair_undefined_average_precision() -> None:
    """Gives a class that is detected but never annotated the average precision NaN again.

    MMAction2 returns ``np.NAN`` there, a name that numpy 2 removed: AVAMetric then ends in AttributeError.
    """
    from mmaction.evaluation.functional.ava_evaluation import metrics
    original = metrics.compute_average_precision
    if hasattr(np, 'NAN') or hasattr(original, '__wrapped__'):
        return

    @functools.wraps(original)
    def compute_average_precision(precision, recall):
        if precision is None and recall is None:
            return float('nan')
        return original(precision, recall)

    metrics.compute_average_precision = compute_average_precision
