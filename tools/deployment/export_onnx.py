"""Exports a detector with its whole loop: ``python tools/deployment/export_onnx.py CONFIG CHECKPOINT OUT.onnx``.

The code is mmstep/cli/deployment/export_onnx.py.
"""
from mmstep.cli.deployment.export_onnx import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
