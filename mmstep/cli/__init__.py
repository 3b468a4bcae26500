"""The command lines of mmstep: what ``tools/*.py`` and ``demo/*.py`` of the same name run."""
