"""Annotations of other programs as a data set for training, and detections as a task for a person to correct.

The code is mmstep/cli/data/convert_annotations.py.
"""
from mmstep.cli.data.convert_annotations import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
