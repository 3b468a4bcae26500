"""Detects persons and their actions in a video file and draws them.

The code is mmstep/cli/demo/demo_video.py.
"""
from mmstep.cli.demo.demo_video import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
