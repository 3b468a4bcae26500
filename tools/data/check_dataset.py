"""Checks the data sets of a config before training: ``python tools/data/check_dataset.py CONFIG``.

The code is mmstep/cli/data/check_dataset.py.
"""
from mmstep.cli.data.check_dataset import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
