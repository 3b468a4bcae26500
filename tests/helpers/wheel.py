"""The wheel, built without a network from a copy of the sources, and installed alone into a folder."""
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ('LICENSE', 'README.md', 'configs', 'mmstep', 'mmstep_command', 'model-index.yml', 'setup.cfg', 'setup.py',
           'tools')


def run(*command, **kwargs):
    """Runs a command, and shows what it printed if it fails.

    Args:
        command: Its words.
        kwargs: More arguments of ``subprocess.run``.

    Returns:
        str: What it printed.
    """
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, f'{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}'
    return done.stdout


def copy_sources(folder):
    """Copies what a wheel is built of, for no build may change the tree.

    Args:
        folder (Path): A folder that is made.
    """
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy(ROOT / name, folder)


def install_alone(folder):
    """Builds the wheel and installs it, without anything that it needs, into ``folder/site``.

    Args:
        folder (Path): An empty folder.

    Returns:
        Path: ``folder/site``; the command is ``bin/mmstep`` in it.
    """
    copy_sources(folder / 'source')
    run(sys.executable, '-m', 'build', '--no-isolation', '--wheel', '--outdir', folder, folder / 'source', cwd=folder)
    wheel, = folder.glob('*.whl')
    run(sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--no-index', '--target', folder / 'site',
        wheel)
    return folder / 'site'
