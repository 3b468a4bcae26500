"""Puts the videos of UCF101-24 or J-HMDB in their place, and checks that nothing is missing.

The code is mmstep/cli/data/prepare_tubes.py.
"""
from mmstep.cli.data.prepare_tubes import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
