"""Shows live who does what in front of a camera, in a network stream or in a file that is played.

The code is mmstep/cli/demo/webcam_demo.py.
"""
from mmstep.cli.demo.webcam_demo import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
