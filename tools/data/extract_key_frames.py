"""Writes the frame shown at each whole second of a video as a picture, for people to annotate.

The code is mmstep/cli/data/extract_key_frames.py.
"""
from mmstep.cli.data.extract_key_frames import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
