"""Detects in all videos below a folder.

The code is mmstep/cli/infer_videos.py.
"""
from mmstep.cli.infer_videos import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
