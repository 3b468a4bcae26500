"""Hooks."""
from .fast_resume_hook import FastResumeHook
from .safe_checkpoint_hook import SafeCheckpointHook

__all__ = ['FastResumeHook', 'SafeCheckpointHook']
