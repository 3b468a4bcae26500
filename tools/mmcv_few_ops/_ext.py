"""Stands in for mmcv's compiled operators where few of them were built.

Those that were built are taken from ``ext_few``. Any other can be imported, as mmcv does at its start, and says when
it is called that it was not built.
"""
import torch  # noqa: F401  (before the compiled module, which needs torch's libraries)

from . import ext_few


def __getattr__(name):
    if name.startswith('__'):
        raise AttributeError(name)
    if hasattr(ext_few, name):
        return getattr(ext_few, name)

    def not_built(*args, **kwargs):
        raise NotImplementedError(
            f"mmcv's operator {name} was not built: this mmcv has NMS and RoIAlign only, for a quick set-up. "
            "Build all of them with 'bash tools/setup_env.sh --full-ops' of mmstep.")

    return not_built
