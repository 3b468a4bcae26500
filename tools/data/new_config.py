"""Writes a config for a data set of one's own: ``python tools/data/new_config.py DATA``.

The code is mmstep/cli/data/new_config.py.
"""
from mmstep.cli.data.new_config import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
