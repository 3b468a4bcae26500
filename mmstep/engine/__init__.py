"""Training and testing: hooks, optimizer wrapper, and what the command-line tools share."""
from .hooks import FastResumeHook, FiniteLossHook, SafeCheckpointHook, TrainingSummaryHook
from .optim_wrapper import BF16OptimWrapper

__all__ = ['BF16OptimWrapper', 'FastResumeHook', 'FiniteLossHook', 'SafeCheckpointHook', 'TrainingSummaryHook']
