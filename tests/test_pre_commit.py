"""The lint tools of .pre-commit-config.yaml are those of the environment."""
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_hooks_have_the_versions_of_the_environment_and_need_nothing_but_pypi():
    repos = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text(encoding='utf-8'))['repos']
    assert [repo['repo'] for repo in repos] == ['local']
    hooks = {hook['id']: hook for hook in repos[0]['hooks']}
    assert list(hooks) == ['flake8', 'isort', 'yapf', 'docformatter', 'codespell', 'interrogate']
    pinned = set((ROOT / 'tools/requirements.txt').read_text(encoding='utf-8').splitlines())
    for name, hook in hooks.items():
        assert hook['language'] == 'python'
        needed, = hook['additional_dependencies']
        assert re.fullmatch(rf'{name}==[\d.]+', needed) and needed in pinned
