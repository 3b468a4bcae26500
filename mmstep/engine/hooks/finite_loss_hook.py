"""Ends a training whose losses are not finite, before its weights are saved."""
import math
from typing import Any, List, Optional

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import Runner

from mmstep.errors import LaunchError
from .safe_checkpoint_hook import describe_newest

WINDOWS_SHOWN = 4


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Ends a training at the first loss, or norm of the gradient, that is not finite.

    It looks at what MMEngine has logged, which are numbers on the CPU already: no device waits for it. The norm is
    left alone in mixed precision with loss scaling, which skips such updates.
    """
    # Right after the hook that logs; before those that save.
    priority = 'HIGH'

    def after_train_iter(self,
                         runner: Runner,
                         batch_idx: int,
                         data_batch: DATA_BATCH = None,
                         outputs: Optional[dict] = None) -> None:
        """Checks an iteration.

        Args:
            runner (Runner): The runner.
            batch_idx (int): Not used.
            data_batch (dict, optional): ``data_samples`` name the windows in the message.
            outputs (dict, optional): The losses, by name.

        Raises:
            LaunchError: Naming the iteration, the parts of the loss and the windows.
        """
        scalars = runner.message_hub.log_scalars
        names = list(outputs or {})
        if not hasattr(runner.optim_wrapper, 'loss_scaler'):
            names.append('grad_norm')
        logged = {name: scalars[f'train/{name}'].current() for name in names if f'train/{name}' in scalars}
        # The total says nothing that its parts do not.
        bad = [name for name, value in logged.items() if not math.isfinite(value)]
        bad = [name for name in bad if name != 'loss'] or bad
        if not bad:
            return
        parts = ', '.join(f'{name} is {logged[name]}' for name in bad)
        windows = _name_windows(data_batch)
        raise LaunchError(f'Training stopped at iteration {runner.iter + 1} (epoch {runner.epoch + 1}): {parts}' +
                          (f', of the windows {"; ".join(windows)}' if windows else '') +
                          f'. Nothing was saved since; {describe_newest(runner)}.')


def _name_windows(data_batch: Any) -> List[str]:
    """Videos and times of the windows of a batch, as far as its samples know them."""
    samples = data_batch.get('data_samples') if isinstance(data_batch, dict) else None
    windows = []
    for sample in samples if isinstance(samples, (list, tuple)) else ():
        video, time = (_first(sample, keys) for keys in (('video_id', 'img_key'), ('timestamp', 'clip_start')))
        if video is not None:
            windows.append(f'{video} at {time}' if time is not None else str(video))
    return windows[:WINDOWS_SHOWN] + (['...'] if len(windows) > WINDOWS_SHOWN else [])


def _first(sample: Any, keys) -> Any:
    return next((value for key in keys if (value := getattr(sample, key, None)) is not None), None)
