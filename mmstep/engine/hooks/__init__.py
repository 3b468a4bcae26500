"""Hooks."""
from .fast_resume_hook import FastResumeHook
from .finite_loss_hook import FiniteLossHook
from .safe_checkpoint_hook import SafeCheckpointHook
from .training_summary_hook import TrainingSummaryHook

__all__ = ['FastResumeHook', 'FiniteLossHook', 'SafeCheckpointHook', 'TrainingSummaryHook']
