"""Checkpoints that survive a kill at any moment."""
import os
import os.path as osp
from glob import escape, glob
from typing import Optional

from mmaction.registry import HOOKS
from mmengine.dist import all_reduce_params, is_distributed, is_main_process
from mmengine.fileio import LocalBackend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from mmstep.utils import AtomicFile, write_text


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's ``CheckpointHook`` that always leaves one whole checkpoint on disk.

    MMEngine first deletes the outdated checkpoint, then writes the new one in place: killed in between, a run with
    ``max_keep_ckpts=1`` has nothing left to resume from. Here the new file appears whole, is entered in
    ``last_checkpoint``, and only then the outdated one is deleted.

    With several processes the buffers (the statistics of batch norm) are averaged before they are saved, as MMEngine
    does before validation: the checkpoint holds what was validated.

    Args:
        **kwargs: Arguments of ``CheckpointHook``.
    """

    def before_train(self, runner: Runner) -> None:
        """Removes what an earlier run was writing when it was killed.

        Args:
            runner (Runner): The runner.
        """
        super().before_train(runner)
        if is_main_process() and self._is_local():
            for path in glob(osp.join(escape(self.out_dir), '.*.part.pth')):
                os.remove(path)

    def _is_local(self) -> bool:
        return isinstance(self.file_backend, LocalBackend)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        if is_distributed():
            all_reduce_params(runner.model.buffers(), op='mean')
        if not self._is_local():
            super()._save_checkpoint_with_step(runner, step, meta)
            return

        outdated = self._enter_step(runner, step)
        self.last_ckpt = osp.join(self.out_dir, self.filename_tmpl.format(step))
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        if not is_main_process():
            return
        with AtomicFile(self.last_ckpt, make_folder=True) as name:
            runner.save_checkpoint(
                self.out_dir,
                osp.basename(name),
                save_optimizer=self.save_optimizer,
                save_param_scheduler=self.save_param_scheduler,
                meta=meta,
                by_epoch=self.by_epoch,
                backend_args=self.backend_args,
                **self.args)
        write_text(osp.join(runner.work_dir, 'last_checkpoint'), self.last_ckpt)
        if outdated is not None and osp.isfile(outdated):
            os.remove(outdated)

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
