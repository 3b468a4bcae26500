"""Draws what a data set hands to the model: ``python tools/analysis_tools/browse_dataset.py CONFIG DIR``.

The code is mmstep/cli/analysis_tools/browse_dataset.py.
"""
from mmstep.cli.analysis_tools.browse_dataset import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
