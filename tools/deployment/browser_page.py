"""Makes a page that detects in the visitor's browser: ``python tools/deployment/browser_page.py MODEL.onnx FOLDER``.

The code is mmstep/cli/deployment/browser_page.py.
"""
from mmstep.cli.deployment.browser_page import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
