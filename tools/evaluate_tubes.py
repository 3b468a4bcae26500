"""Scores detections of any detector: tubelets against annotated tubes, or boxes against AVA's annotations.

The code is mmstep/cli/evaluate_tubes.py.
"""
from mmstep.cli.evaluate_tubes import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
