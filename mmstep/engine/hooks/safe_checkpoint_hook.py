"""Checkpoints that survive a kill at any moment."""
import os
import os.path as osp
from contextlib import contextmanager
from glob import escape, glob
from typing import Any, Dict, Iterator, Optional, cast

from mmaction.registry import HOOKS
from mmengine.dist import all_reduce_params, is_distributed, is_main_process
from mmengine.fileio import LocalBackend
from mmengine.hooks import CheckpointHook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, Runner
from torch import Tensor, nn

from mmstep.checkpoints import find_resumable, list_nonfinite
from mmstep.checkpoints.finite import shorten
from mmstep.errors import LaunchError
from mmstep.utils import AtomicFile, write_text


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's ``CheckpointHook`` that always leaves one whole, sound checkpoint on disk.

    MMEngine first deletes the outdated checkpoint, then writes the new one in place: killed in between, a run with
    ``max_keep_ckpts=1`` has nothing left to resume from. Here the new file appears whole, is entered in
    ``last_checkpoint`` by its name alone, so that a copied folder resumes from itself, and only then the outdated one
    is deleted.

    Weights that are not finite end the training instead of replacing a good checkpoint. A checkpoint is written before
    each validation, which may take long and fail. Gradients that are being accumulated are saved, too, and a resumed
    training has them again. MMEngine's own ``resume=True`` finds the newest sound checkpoint as tools/train.py does.

    With several processes the buffers (the statistics of batch norm) and the accumulated gradients are averaged before
    they are saved, as MMEngine does with buffers before validation: the checkpoint holds what was validated.

    Args:
        iter_interval (int): With ``by_epoch``, a checkpoint ``iter_{}.pth`` is written every so many iterations inside
            the epochs as well, so that a job whose time is shorter than an epoch advances; only the newest of these is
            kept. Defaults to -1, none.
        **kwargs: Arguments of ``CheckpointHook``.
    """

    # Of STEP's metrics too, for ``save_best='auto'``.
    _default_greater_keys = CheckpointHook._default_greater_keys + ['AP', 'IDF1', 'overall', 'recall']

    def __init__(self, *args: Any, iter_interval: int = -1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.iter_interval = iter_interval
        self._saved_iter: Optional[int] = None
        self._gradients: Dict[str, Tensor] = {}

    def before_run(self, runner: Runner) -> None:
        """Chooses the checkpoint where MMEngine is to resume from the newest one.

        Args:
            runner (Runner): The runner.
        """
        if runner._resume and runner._load_from is None:
            runner._load_from = find_resumable(runner.work_dir)
            runner._resume = runner._load_from is not None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Takes the accumulated gradients out of a checkpoint.

        Args:
            runner (Runner): The runner.
            checkpoint (dict): As it was saved.
        """
        self._gradients = checkpoint.pop('gradients', {})

    def before_train(self, runner: Runner) -> None:
        """Removes what an earlier run was writing when it was killed; puts accumulated gradients in their place.

        Args:
            runner (Runner): The runner.
        """
        super().before_train(runner)
        if runner.iter > 0:
            parameters = dict(_bare(runner.model).named_parameters())
            for name, gradient in self._gradients.items():
                parameters[name].grad = gradient.to(parameters[name])
        self._gradients = {}
        self._move_best(runner)
        if is_main_process() and self._is_local():
            for path in glob(osp.join(escape(self.out_dir), '.*.part.pth')):
                os.remove(path)

    def _is_local(self) -> bool:
        return isinstance(self.file_backend, LocalBackend)

    def _move_best(self, runner: Runner) -> None:
        """Looks for the best checkpoint in this folder: that of a folder which was copied is not this run's."""
        single = self.save_best is not None and len(self.key_indicators) == 1
        for key in self.key_indicators if self.save_best else ():
            info = 'best_ckpt' if single else f'best_ckpt_{key}'
            if not runner.message_hub.runtime_info.get(info):
                continue
            path = osp.join(self.out_dir, osp.basename(runner.message_hub.get_info(info)))
            runner.message_hub.update_info(info, path)
            if single:
                self.best_ckpt_path = path
            else:
                self.best_ckpt_path_dict[key] = path

    def after_train_iter(self,
                         runner: Runner,
                         batch_idx: int,
                         data_batch: DATA_BATCH = None,
                         outputs: Optional[dict] = None) -> None:
        """Saves by iterations, see ``by_epoch`` and ``iter_interval``.

        Args:
            runner (Runner): The runner.
            batch_idx (int): Index of the batch in the loop.
            data_batch (Any): Not used.
            outputs (dict, optional): Not used.
        """
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        if not self.by_epoch or not self.every_n_train_iters(runner, self.iter_interval):
            return
        if not self.end_of_epoch(runner.train_loop.dataloader, batch_idx):  # that one is saved anyway
            self._save_inside_epoch(runner, runner.iter + 1)

    def before_val(self, runner: Runner) -> None:
        """Saves what is about to be validated, unless it has been.

        Args:
            runner (Runner): The runner.
        """
        loop = runner._train_loop
        if not isinstance(loop, BaseLoop) or self.interval <= 0 or self._saved_iter == loop.iter:
            return
        if self.by_epoch and isinstance(loop, EpochBasedTrainLoop):
            self._save_checkpoint_with_step(runner, loop.epoch, dict(epoch=loop.epoch, iter=loop.iter))
        elif self.by_epoch:
            self._save_inside_epoch(runner, loop.iter)
        else:
            self._save_checkpoint_with_step(runner, loop.iter, dict(epoch=loop.epoch, iter=loop.iter))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        if self.save_best and 'auto' in self.key_indicators:
            # The first figure, but of the last step: its detections are the model's.
            figure = next(iter(metrics)).split('/')[-1]
            last = [key for key in metrics if key.split('/')[-1] == figure][-1]
            metrics = {last: metrics[last], **metrics}
        if not self.save_best or not self._is_local():
            super()._save_best_checkpoint(runner, metrics)
            return
        before = self._best_paths()
        # MMEngine would remove the ones of before first, and write the new ones in place.
        self._set_best_paths(dict.fromkeys(before))
        with _saving_best_aside(runner):
            super()._save_best_checkpoint(runner, metrics)
        now = {key: path or before.get(key) for key, path in self._best_paths().items()}
        self._set_best_paths(now)
        for outdated in set(filter(None, before.values())) - set(now.values()):
            if is_main_process():
                _remove(outdated)

    def _best_paths(self) -> Dict[str, Optional[str]]:
        """The best checkpoints by figure; the only one by ''."""
        if hasattr(self, 'best_ckpt_path'):
            return {'': self.best_ckpt_path}
        return {key: self.best_ckpt_path_dict.get(key) for key in self.key_indicators}

    def _set_best_paths(self, paths: Dict[str, Optional[str]]) -> None:
        if hasattr(self, 'best_ckpt_path'):
            self.best_ckpt_path = paths['']
        else:
            self.best_ckpt_path_dict.update(paths)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Adds gradients that are being accumulated.

        Args:
            runner (Runner): The runner.
            checkpoint (dict): About to be saved.
        """
        if 'optimizer' in checkpoint and _is_accumulating(runner):
            checkpoint['gradients'] = {
                name: parameter.grad.cpu()
                for name, parameter in _bare(runner.model).named_parameters() if parameter.grad is not None
            }

    def _save_inside_epoch(self, runner: Runner, iteration: int) -> None:
        """Writes ``iter_{iteration}.pth`` in place of the one before it."""
        outdated = runner.message_hub.runtime_info.get('inner_ckpt')
        name = f'iter_{iteration}.pth'
        runner.message_hub.update_info('inner_ckpt', name)
        self._write(runner, name, dict(epoch=runner.epoch, iter=iteration))
        if outdated and outdated != name and is_main_process():
            _remove(osp.join(self.out_dir, outdated))

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = self._enter_step(runner, step)
        self._write(runner, self.filename_tmpl.format(step), meta)
        if outdated is not None and is_main_process():
            _remove(outdated)

    def _write(self, runner: Runner, name: str, meta: dict) -> None:
        if is_distributed():
            all_reduce_params(runner.model.buffers(), op='mean')
            if _is_accumulating(runner):
                all_reduce_params((p.grad for p in runner.model.parameters() if p.grad is not None), op='mean')
        bad = list_nonfinite(_bare(runner.model).state_dict())
        if bad:
            raise LaunchError(f'Training stopped at iteration {meta["iter"]}: weights are not finite ({len(bad)} '
                              f'tensors: {shorten(bad)}). {name} is not written; {describe_newest(runner)}.')
        self._saved_iter = meta['iter']
        if not self._is_local():
            self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
            runner.message_hub.update_info('last_ckpt', self.last_ckpt)
            runner.save_checkpoint(
                self.out_dir,
                name,
                self.file_client_args,
                save_optimizer=self.save_optimizer,
                save_param_scheduler=self.save_param_scheduler,
                meta=meta,
                backend_args=self.backend_args,
                **self.args)
            if is_main_process():
                write_text(osp.join(runner.work_dir, 'last_checkpoint'), self.last_ckpt)
            return
        self.last_ckpt = osp.join(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        if not is_main_process():
            return
        with AtomicFile(self.last_ckpt, make_folder=True) as temporary:
            runner.save_checkpoint(
                self.out_dir,
                osp.basename(temporary),
                save_optimizer=self.save_optimizer,
                save_param_scheduler=self.save_param_scheduler,
                meta=meta,
                backend_args=self.backend_args,
                **self.args)
        write_text(osp.join(runner.work_dir, 'last_checkpoint'), osp.relpath(self.last_ckpt, runner.work_dir))

    def _enter_step(self, runner: Runner, step: int) -> Optional[str]:
        """Adds a step to those that are kept; returns the path of the checkpoint that falls out, if any."""
        if self.max_keep_ckpts <= 0 or (self.keep_ckpt_ids and self.keep_ckpt_ids[-1] == step):
            return None
        outdated = None
        if len(self.keep_ckpt_ids) == self.max_keep_ckpts:
            outdated = osp.join(self.out_dir, self.filename_tmpl.format(self.keep_ckpt_ids.popleft()))
        self.keep_ckpt_ids.append(step)
        runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        return outdated


def describe_newest(runner: Runner) -> str:
    """Says which checkpoint a run has written last.

    Args:
        runner (Runner): The runner.

    Returns:
        str: Part of a sentence.
    """
    newest = runner.message_hub.runtime_info.get('last_ckpt')
    return f'the newest checkpoint is {newest}' if newest else 'no checkpoint was written before'


@contextmanager
def _saving_best_aside(runner: Runner) -> Iterator[None]:
    """Lets the best checkpoints that a runner saves appear whole or not at all."""
    save = runner.save_checkpoint

    def save_aside(out_dir: str, filename: str, *args: Any, **kwargs: Any) -> None:
        if not filename.startswith('best_') or not is_main_process():
            save(out_dir, filename, *args, **kwargs)
            return
        with AtomicFile(osp.join(out_dir, filename), make_folder=True) as temporary:
            save(out_dir, osp.basename(temporary), *args, **kwargs)

    runner.save_checkpoint = save_aside
    try:
        yield
    finally:
        del runner.save_checkpoint


def _bare(model: nn.Module) -> nn.Module:
    return cast(nn.Module, model.module) if is_model_wrapper(model) else model


def _is_accumulating(runner: Runner) -> bool:
    """Whether gradients of earlier iterations wait for those of later ones."""
    counts = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
    return counts > 1 and not runner.optim_wrapper.should_update()


def _remove(path: str) -> None:
    if osp.isfile(path):
        os.remove(path)
