"""Where things lie: a test file for each module, small modules, small folders, a line on top of each test file."""
import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for path in (ROOT / 'mmstep').rglob('*.py') if path.name != '__init__.py')
TEST_FILES = sorted([*(ROOT / 'tests').rglob('*.py')])
# What has no test file of its own name, and the files that test it instead.
TESTED_ELSEWHERE = {
    'errors.py': ('engine/test_launch.py', 'video/test_sources.py'),
    'version.py': ('test_packaging.py', ),
}


@pytest.mark.parametrize('module', MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_has_a_test_file_of_its_name_and_at_most_300_lines(module: Path) -> None:
    place = module.relative_to(ROOT / 'mmstep')
    mirrored = (str(place.with_name(f'test_{place.name}')), )
    for name in TESTED_ELSEWHERE.get(str(place), mirrored):
        assert (ROOT / 'tests' / name).is_file(), f'mmstep/{place} is to be tested by tests/{name}'
    assert len(module.read_text(encoding='utf-8').splitlines()) <= 300


def test_folders_stay_small() -> None:
    assert {
        folder.name: count
        for folder, count in Counter(path.parent for path in MODULES).items() if count > 14
    } == {}


def test_every_test_file_says_what_it_is_about() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in TEST_FILES
        if path.name != '__init__.py' and not ast.get_docstring(ast.parse(path.read_text(encoding='utf-8')))
    ]
    assert silent == []


def test_no_test_sets_up_its_own_path() -> None:
    """The paths of setup.cfg, section tool:pytest, are those of all tests."""
    own = [
        str(path.relative_to(ROOT)) for path in TEST_FILES
        if path != Path(__file__) and 'sys.path.insert' in path.read_text(encoding='utf-8')
    ]
    assert own == []
