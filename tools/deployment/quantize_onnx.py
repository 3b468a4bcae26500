"""Quantizes an export: ``python tools/deployment/quantize_onnx.py IN.onnx OUT.onnx --videos VIDEO ...``.

The code is mmstep/cli/deployment/quantize_onnx.py.
"""
from mmstep.cli.deployment.quantize_onnx import main
from mmstep.engine.launch import run_tool

if __name__ == '__main__':
    run_tool(main)
