"""Builds a wheel of mmcv with few operators, in about a minute in place of ten.

    python build_wheel.py 2.1.0 OUT_FOLDER

mmcv's own source distribution is taken, and compiled with fewer of its files: NMS, soft-NMS, nms_match and RoIAlign on
the CPU, unchanged. Every other operator raises an error that names the full build. The wheel says what it is in its
version, 2.1.0+few.ops. Needs torch, setuptools below 82, wheel and ninja in the Python that runs it, and a C++
compiler.
"""
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LABEL = '+few.ops'
CSRC = 'mmcv/ops/csrc/pytorch'
# mmcv's files, unchanged: what dispatches, and the CPU kernels.
SOURCES = ('info.cpp', 'nms.cpp', 'roi_align.cpp', 'cpu/nms.cpp', 'cpu/roi_align.cpp')


def main(version: str, out: str) -> None:
    """Builds the wheel.

    Args:
        version (str): Version of mmcv, for instance '2.1.0'.
        out (str): Folder for the wheel.
    """
    with tempfile.TemporaryDirectory(prefix='mmcv-few-ops-') as work:
        source = fetch(version, Path(work))
        keep_few_sources(source)
        patch_setup(source / 'setup.py')
        # No debug information: nobody needs it, and it costs time.
        env = dict(os.environ, CFLAGS=f'-g0 -O2 {os.environ.get("CFLAGS", "")}', MMCV_WITH_OPS='1', FORCE_CUDA='0')
        pip('wheel', '--no-build-isolation', '--no-deps', '-w', out, str(source), env=env)


def pip(*args: str, **kwargs) -> None:
    """Runs pip of this Python; without its cache, which is not keyed by the version of torch."""
    subprocess.run([sys.executable, '-m', 'pip', args[0], '--no-cache-dir', *args[1:]], check=True, **kwargs)


def fetch(version: str, work: Path) -> Path:
    """Downloads and unpacks mmcv's source distribution.

    Returns:
        Path: Its folder.
    """
    pip('download', '--no-build-isolation', '--no-deps', '--no-binary', 'mmcv', '-d', str(work), f'mmcv=={version}')
    with tarfile.open(next(work.glob('mmcv-*.tar.gz'))) as archive:
        archive.extractall(work, **({'filter': 'data'} if hasattr(tarfile, 'data_filter') else {}))
    return work / f'mmcv-{version}'


def keep_few_sources(source: Path) -> None:
    """Removes the C++ files of the other operators and puts ours beside what is left."""
    csrc = source / CSRC
    for path in (*csrc.glob('*.cpp'), *csrc.glob('cpu/*.cpp')):
        if path.relative_to(csrc).as_posix() not in SOURCES:
            path.unlink()
    for folder in ('cuda', 'mlu', 'mps', 'npu'):
        shutil.rmtree(csrc / folder, ignore_errors=True)
    shutil.copy(HERE / 'pybind.cpp', csrc)
    shutil.copy(HERE / '_ext.py', source / 'mmcv')


def patch_setup(path: Path) -> None:
    """Gives the compiled module a name beside its stand-in, and the version its label.

    Args:
        path (Path): mmcv's setup.py.

    Raises:
        RuntimeError: If it is not as expected.
    """
    text = path.read_text(encoding='utf-8')
    changes = {
        "ext_name = 'mmcv._ext'": "ext_name = 'mmcv.ext_few'",
        'version=get_version()': f"version=get_version() + '{LABEL}'",
    }
    for old, new in changes.items():
        text, count = re.subn(re.escape(old), new, text)
        if not count:
            raise RuntimeError(f'setup.py of mmcv holds no "{old}": build_wheel.py does not fit this version of mmcv; '
                               "use 'bash tools/setup_env.sh --full-ops'")
    path.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
