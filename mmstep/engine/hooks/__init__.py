"""Hooks."""
from .fast_resume_hook import FastResumeHook
from .finite_loss_hook import FiniteLossHook
from .safe_checkpoint_hook import SafeCheckpointHook

__all__ = ['FastResumeHook', 'FiniteLossHook', 'SafeCheckpointHook']
