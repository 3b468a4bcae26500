"""Optical flow of all videos below a folder, as pairs of JPEGs (see mmstep/datasets/flow_files.py for the form).

The code is mmstep/cli/data/extract_flow.py.
"""
from mmstep.cli.data.extract_flow import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
