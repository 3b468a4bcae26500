"""The API pages build without a warning."""
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_api_pages_build_without_warnings_and_hold_every_module(tmp_path):
    done = subprocess.run(['bash', ROOT / 'docs/build.sh', tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    modules = {
        '.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')
        for path in (ROOT / 'mmstep').rglob('*.py') if path.name != '__main__.py'
    }
    assert {f'{name}.html' for name in modules} <= {path.name for path in (tmp_path / 'html/api').iterdir()}
    page = (tmp_path / 'html/api/mmstep.structures.tube_iou.html').read_text(encoding='utf-8')
    assert 'id="mmstep.structures.tube_iou.' in page
    # A reference by a short name leads to the other module's page.
    page = (tmp_path / 'html/api/mmstep.evaluation.video_map.html').read_text(encoding='utf-8')
    assert re.search(r'href="[^"]*mmstep\.evaluation\.rules\.get_rules"', page)
