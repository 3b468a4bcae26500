"""Shared by the tests of the converters: their shared cases, and running a tool as a user does."""
import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a converter with the words of a command line; returns its exit code and what it said."""

    def run_tool(name, *words):
        from mmstep.engine import launch
        path = ROOT / 'tools' / 'convert' / name
        spec = importlib.util.spec_from_file_location(f'convert_{path.stem}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setattr(sys, 'argv', [name, *map(str, words)])
        code = 0
        try:
            launch.run_tool(module.main)
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return code, said.out + said.err

    return run_tool
