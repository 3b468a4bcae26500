"""Models in other runtimes: export to ONNX, and detectors that run in ONNX Runtime, OpenVINO or torch's compiler."""
from .agreement import Tolerance
from .backends import BACKENDS, choose_backend, is_exported, load_exported, move_to_backend
from .export_info import ExportInfo, read_info
from .exported_detector import ExportedDetector
from .onnx_export import OPSET, export_onnx, export_paths
from .quantization import quantize_onnx
from .windows import windows_of_dataset, windows_of_videos

__all__ = [
    'BACKENDS', 'OPSET', 'ExportInfo', 'ExportedDetector', 'Tolerance', 'choose_backend', 'export_onnx',
    'export_paths', 'is_exported', 'load_exported', 'move_to_backend', 'quantize_onnx', 'read_info',
    'windows_of_dataset', 'windows_of_videos'
]
