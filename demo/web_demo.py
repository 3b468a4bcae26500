"""A page in the browser: drop a video, see who does what, when and where.

The code is mmstep/cli/demo/web_demo.py.
"""
from mmstep.cli.demo.web_demo import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
