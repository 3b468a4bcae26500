"""A config for a person's own data set: what is in a folder, and which settings fit it."""
from .new_config import NewConfig, new_config

__all__ = ['NewConfig', 'new_config']
