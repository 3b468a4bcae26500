"""Scores dumped predictions again, without the model and the videos.

The code is mmstep/cli/analysis_tools/eval_dump.py.
"""
from mmstep.cli.analysis_tools.eval_dump import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
