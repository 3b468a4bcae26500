"""Folders of videos, and going on where a run was broken off."""
