"""Proves that the environment works: imports the stack, runs two operators, looks up every component, prints versions.

    python tools/check_env.py

Exit code 1 and what to do if anything is wrong.
"""
import importlib
import platform
import sys
from pathlib import Path

# A package has no setup.py beside its tools.
FIX = 'bash tools/setup_env.sh' if Path(__file__).parents[1].joinpath('setup.py').is_file() else 'mmstep setup'
# What configs name. A component that a merge or a broken import lost is missing here, not in somebody's run.
COMPONENTS = {
    'MODELS': ('STEPDetector', 'ProgressiveRoIHead', 'InceptionI3D', 'TubeRoIExtractor', 'TwoBranchHead'),
    'TASK_UTILS': ('TubeGridGenerator', 'TubeAssigner', 'HardAwareSampler', 'TubeDeltaCoder', 'LinearExtrapolation',
                   'LocationAnticipation', 'Replicate'),
    'DATASETS': ('AVAWindowDataset', ),
    'TRANSFORMS': ('SampleTubeWindow', 'PackTubeInputs'),
    'METRICS': ('StepwiseAVAMetric', 'DumpDetections'),
    'HOOKS': ('SafeCheckpointHook', 'FastResumeHook', 'FiniteLossHook'),
    'OPTIM_WRAPPERS': ('BF16OptimWrapper', ),
}
PACKAGES = ('torch', 'numpy', 'cv2', 'decord', 'mmengine', 'mmcv', 'mmdet', 'mmaction', 'mmstep')


def check_operators() -> None:
    """Runs mmcv's RoIAlign and NMS on a small case."""
    import torch
    from mmcv.ops import RoIAlign, nms
    ramp = torch.arange(16.).view(1, 1, 4, 4)
    pooled = RoIAlign((2, 2), aligned=True)(ramp, torch.tensor([[0., 0., 0., 4., 4.]]))
    if pooled.flatten().tolist() != [2.5, 4.5, 10.5, 12.5]:
        raise RuntimeError(f'mmcv.ops.RoIAlign returns {pooled.flatten().tolist()} in place of [2.5, 4.5, 10.5, 12.5]')
    boxes = torch.tensor([[0., 0., 10., 10.], [1., 0., 11., 10.], [20., 0., 30., 10.]])
    _, kept = nms(boxes, torch.tensor([.8, .9, .7]), iou_threshold=.5)
    if kept.tolist() != [1, 2]:
        raise RuntimeError(f'mmcv.ops.nms keeps {kept.tolist()} in place of [1, 2]')


def count_components() -> int:
    """Looks up every component by name; returns how many classes of mmstep are registered.

    Raises:
        RuntimeError: If one is missing.
    """
    import mmaction.registry as registries
    own = set()
    missing = []
    for registry_name, names in COMPONENTS.items():
        registry = getattr(registries, registry_name)
        missing += [f'{name} ({registry_name})' for name in names if registry.get(name) is None]
        for cls in registry.module_dict.values():
            if cls.__module__.split('.')[0] == 'mmstep':
                own.add(cls)
    if missing:
        raise RuntimeError(f'not registered: {", ".join(missing)}')
    return len(own)


def main() -> int:
    """Runs the checks and returns the exit code."""
    try:
        # mmstep before mmaction.models: it repairs what the mmaction2 1.2.0 wheel lacks.
        for name in ('torch', 'mmstep', 'mmaction.models'):
            importlib.import_module(name)
        check_operators()
        count = count_components()
        modules = {name: importlib.import_module(name) for name in PACKAGES}
    except (ImportError, RuntimeError, AttributeError, OSError) as error:
        # OSError: a shared library that does not load. AttributeError: packages of versions that do not fit.
        print(f'The environment does not work: {type(error).__name__}: {error}\nTo repair it:  {FIX}', file=sys.stderr)
        return 1

    torch = modules['torch']
    device = f'CUDA {torch.version.cuda}, {torch.cuda.device_count()} GPU' if torch.cuda.is_available() else 'CPU'
    print(f'  {"python":<9} {platform.python_version()}  ({sys.executable})')
    for name, module in modules.items():
        print(f'  {name:<9} {module.__version__}' + (f'  ({device})' if name == 'torch' else ''))
    print(f'  mmcv.ops work; {count} components of mmstep are registered')
    return 0


if __name__ == '__main__':
    sys.exit(main())
