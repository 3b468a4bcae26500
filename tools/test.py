"""Tests a detector: ``python tools/test.py CONFIG CHECKPOINT``. The arguments are those of MMAction2's tools/test.py.

The code is mmstep/cli/test.py.
"""
from mmstep.cli.test import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
