"""Trains a detector: ``python tools/train.py CONFIG``. The arguments are those of MMAction2's tools/train.py.

The code is mmstep/cli/train.py.
"""
from mmstep.cli.train import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
