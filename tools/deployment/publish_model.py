"""Makes a file of weights to give away: ``python tools/deployment/publish_model.py IN.pth OUT.pth --config CONFIG``.

The code is mmstep/cli/deployment/publish_model.py.
"""
from mmstep.cli.deployment.publish_model import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
