"""Plots of runs and of dumped predictions.

The code is mmstep/cli/analysis_tools/plot_run.py.
"""
from mmstep.cli.analysis_tools.plot_run import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
