"""Imports between the packages go down only (the contracts of import-linter in setup.cfg)."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    """Runs import-linter on the package ``mmstep`` in ``folder``."""
    command = [Path(sys.executable).with_name('lint-imports'), '--no-cache']
    return subprocess.run(
        command,
        cwd=folder,
        env={
            **os.environ, 'PYTHONPATH': str(folder)
        },
        capture_output=True,
        text=True,
        check=False)


def test_nothing_climbs() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize('module, line', [
    ('video/sources.py', 'from mmstep.apis import STEPInferencer'),
    ('structures/tube_iou.py', 'from ..video import VIDEO_EXTENSIONS'),
    ('models/necks/__init__.py', 'from mmstep.engine import launch'),
    ('datasets/data_files.py', 'import mmstep'),
])
def test_what_climbs_is_named(tmp_path: Path, module: str, line: str) -> None:
    """Also where a package is reached by way of the package's own ``__init__``, which imports all of them."""
    shutil.copytree(ROOT / 'mmstep', tmp_path / 'mmstep', ignore=shutil.ignore_patterns('__pycache__'))
    shutil.copy(ROOT / 'setup.cfg', tmp_path)
    file = tmp_path / 'mmstep' / module
    file.write_text(file.read_text() + f'\n{line}\n')
    run = lint_imports(tmp_path)
    assert run.returncode == 1
    assert 'mmstep.' + '.'.join(Path(module.replace('/__init__', '')).with_suffix('').parts) in run.stdout
