"""Checks of whole data sets before training: every fault at once, and figures by which a mistake shows."""
from .config_data import check_config_data, require_sound_data
from .report import Report

__all__ = ['Report', 'check_config_data', 'require_sound_data']
