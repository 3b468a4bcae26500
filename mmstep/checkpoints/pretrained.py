"""Modules that take other projects' weights by ``init_cfg``, all of them or none."""
import logging
from typing import Dict, List, Optional

from mmengine.logging import print_log
from mmengine.model import BaseModule
from torch import Tensor

from mmstep.errors import LaunchError
from .checkpoint import read_checkpoint, require_found_by_runner
from .difference import list_differences
from .kinds import describe_first, identify
from .renaming import Renamed
from .unwrapping import unwrap


class WeightsError(LaunchError, ValueError):
    """Weights of a file do not fit."""


class StrictlyPretrained(BaseModule):
    """A module that understands other names of its weights, and refuses an initial checkpoint that does not fill it.

    MMEngine's ``init_cfg=dict(type='Pretrained', ...)`` loads what fits and only prints what does not: with the wrong
    file training starts from chance. Here every parameter and buffer has to come from the file; what else the file
    holds (later layers, say) is left, and MMEngine prints it.
    """

    def adapt_weights(self, weights: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Brings weights of a file into this module's names and shapes; subclasses say how.

        Args:
            weights (dict[str, Tensor]): Names relative to this module -> weights.

        Returns:
            dict[str, Tensor]: What is known under this module's names, the rest as it was.
        """
        return weights

    def list_remarks(self, weights: Dict[str, Tensor]) -> List[str]:
        """What a user should know about a file that fits.

        Args:
            weights (dict[str, Tensor]): As the file names them.

        Returns:
            list[str]: Sentences; none by default.
        """
        return []

    def init_weights(self) -> None:
        """Initialises as ``init_cfg`` says.

        Raises:
            LaunchError: If ``init_cfg`` names a checkpoint that cannot be read.
            WeightsError: If it does not fill the module.
        """
        if not self.is_init and isinstance(self.init_cfg, dict) and self.init_cfg.get('type') == 'Pretrained':
            self._check_checkpoint(self.init_cfg['checkpoint'], self.init_cfg.get('prefix'))
        super().init_weights()

    def _check_checkpoint(self, path: str, prefix: Optional[str] = None) -> None:
        content = read_checkpoint(path)
        require_found_by_runner(content, path)  # MMEngine reads it again
        held = unwrap(content)
        if held is None:
            raise WeightsError(f'init_cfg of {type(self).__name__}: {path} holds no weights; it is '
                               f'{identify(content).what}')
        if prefix is not None:
            prefix = prefix.rstrip('.') + '.'
            held = {name[len(prefix):]: weight for name, weight in held.items() if name.startswith(prefix)}
        name, wanted = type(self).__name__, self.state_dict()
        try:
            adapted = self.adapt_weights(held)
        except ValueError as error:
            raise WeightsError(f'init_cfg of {name}: {path}: {error}') from error
        # Later layers are no fault: an I3D up to Mixed_4f is filled by a whole one.
        used = {name: weight for name, weight in adapted.items() if name in wanted}
        differences = list_differences(wanted, Renamed(used, {name: name for name in used}, [], []))
        if differences:
            kind = identify(content)
            place = f'what {path} holds under {prefix!r}' if prefix else path
            raise WeightsError('\n'.join([
                f'init_cfg of {name}: {place} does not fill it. The file is {kind.what}; the first of its '
                f'{describe_first(content)}.', *differences, f'For such a file: {kind.advice.format(path=path)}'
            ]))
        for remark in self.list_remarks(held):
            print_log(f'{path} in {name}: {remark}', logger='current', level=logging.WARNING)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        """Renames before PyTorch compares names."""
        held = {name[len(prefix):]: weight for name, weight in state_dict.items() if name.startswith(prefix)}
        adapted = self.adapt_weights(held)
        if adapted is not held:
            for name in held:
                del state_dict[prefix + name]
            state_dict.update({prefix + name: weight for name, weight in adapted.items()})
        super()._load_from_state_dict(state_dict, prefix, *args)
