"""Where things lie: a test file for each module, small modules, small folders, a line on top of each test file."""
import ast
import re
from collections import Counter
from pathlib import Path
from typing import Iterator, Tuple

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path for name in ('mmstep', 'mmstep_command') for path in (ROOT / name).rglob('*.py')
    if path.name != '__init__.py')
TEST_FILES = sorted((ROOT / 'tests').rglob('*.py'))
# Of os and of named tuples, and torch's own, which pickles name.
NOT_PRIVATE = ('_exit', '_replace', '_asdict', '_fields', '_load_from_bytes', '_rebuild_tensor_v2', '_utils',
               '_typed_storage')
# What has no test file of its own name, and the files that test it instead.
TESTED_ELSEWHERE = {
    '__main__.py': ('mmstep_command/test_main.py', ),
    'mmstep_command/missing.py': ('mmstep_command/test_main.py', ),
    'mmstep_command/versions.py': ('mmstep_command/test_main.py', ),
    'errors.py': ('engine/test_launch.py', 'video/test_sources.py'),
    'version.py': ('test_packaging.py', ),
    'apis/detection/window_layout.py': ('apis/test_config_reading.py', ),
    'cli/analysis_tools/eval_dump.py': ('tools/test_tool_arguments.py', ),
    'cli/analysis_tools/browse_dataset.py': ('apis/drawing/test_dataset_view.py', ),
    'cli/data/new_config.py': ('apis/new_config/test_new_config.py', ),
    'cli/deployment/export_onnx.py': ('tools/deployment/test_deployment_page.py', ),
    'cli/deployment/quantize_onnx.py': ('tools/deployment/test_deployment_page.py', ),
    'cli/test.py': ('tools/test_tool_arguments.py', 'tools/test_launchers.py'),
    'cli/train.py': ('tools/test_tool_arguments.py', 'tools/test_launchers.py'),
    'datasets/ava_files/label_map.py': ('datasets/test_ava_csv.py', ),
    'datasets/ava_files/text_file.py': ('datasets/test_ava_csv.py', ),
    'datasets/checks/ava_check.py': ('datasets/checks/test_config_data.py', ),
    'datasets/checks/report.py': ('datasets/checks/test_config_data.py', ),
    'datasets/checks/tube_check.py': ('datasets/checks/test_config_data.py', ),
    'datasets/transforms/feature_frames.py': ('datasets/transforms/test_sampling.py', ),
    'engine/arguments.py': ('tools/test_tool_arguments.py', ),
    'engine/config_files.py': ('engine/test_launch.py', ),
    'engine/data_check.py': ('engine/test_launch.py', ),
    'models/roi_heads/step_records.py': ('models/roi_heads/test_progressive_roi_head.py', ),
    'video/encoders.py': ('video/test_video_writer.py', ),
    'video/frame_times.py': ('datasets/transforms/test_sampling.py', ),
}


def test_each_module_has_a_test_file_of_its_name() -> None:
    missing = []
    for module in MODULES:
        place = module.relative_to(ROOT)
        place = place.relative_to('mmstep') if place.parts[0] == 'mmstep' else place
        names = TESTED_ELSEWHERE.get(str(place), (str(place.with_name(f'test_{place.name}')), ))
        missing += [
            f'tests/{name} (of {module.relative_to(ROOT)})' for name in names if not (ROOT / 'tests' / name).is_file()
        ]
    assert missing == []


def test_modules_stay_short() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding='utf-8').splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > 300} == {}


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


def private_names(tree: ast.AST) -> Iterator[Tuple[int, str]]:
    """Lines and names where a module looks at what is private to another class or module."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == 'self'):
            names = [node.attr]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition('.')[2] in ('getattr', 'setattr'):
            names = [str(item.value) for item in node.args if isinstance(item, ast.Constant)]
        for name in names:
            if re.match('_[a-z]', name) and name not in NOT_PRIVATE:
                yield node.lineno, name


def test_no_test_looks_at_private_state() -> None:
    found = [
        f'{path.relative_to(ROOT)}:{line}: {name}' for path in TEST_FILES
        for line, name in private_names(ast.parse(path.read_text(encoding='utf-8')))
    ]
    assert found == []
