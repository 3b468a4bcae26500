"""The lint set of .pre-commit-config.yaml: tools of the environment, at pinned versions."""
import importlib.metadata
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_hooks_run_the_tools_of_the_environment_at_their_pinned_versions():
    repos = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text(encoding='utf-8'))['repos']
    assert [repo['repo'] for repo in repos] == ['local']
    pinned = dict(re.findall(r'^([\w-]+)==([\d.]+)$', (ROOT / 'tools/requirements/dev.txt').read_text(), re.MULTILINE))
    hooks = [(hook['id'], hook) for repo in repos for hook in repo['hooks']]
    assert {'flake8', 'isort', 'yapf', 'docformatter', 'codespell', 'interrogate', 'import-linter'} <= set(dict(hooks))
    for name, hook in hooks:
        assert hook['language'] == 'system'
        tool, *_ = hook['entry'].split()
        assert tool.startswith('.venv/bin/')
        scripts = importlib.metadata.distribution(name).entry_points.select(group='console_scripts')
        assert Path(tool).name in scripts.names
        assert importlib.metadata.version(name) == pinned[name]
