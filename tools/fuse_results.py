"""Fuses dumped predictions of detectors of the same windows (section 3.5 of the paper).

The code is mmstep/cli/fuse_results.py.
"""
from mmstep.cli.fuse_results import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
