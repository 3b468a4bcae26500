"""The site builds without a warning; the notebook runs from its first cell to its last."""
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_site_builds_without_warnings_and_holds_every_module_and_page(tmp_path):
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
    # The pages of the repository, with the links between them.
    for path in ('README', 'demo/README', 'docs/concepts', 'docs/from_csv_to_detection', 'tools/data/ava/README'):
        assert (tmp_path / f'html/{path}.html').is_file()
    assert 'href="tools/data/README.html' in (tmp_path / 'html/README.html').read_text(encoding='utf-8')
    assert 'CC BY-NC-SA 4.0' in (tmp_path / 'html/docs/weights.html').read_text(encoding='utf-8')


@pytest.mark.slow
def test_the_notebook_goes_from_csv_to_detections(tmp_path, monkeypatch, capsys):
    # The folders that its commands name; what it writes goes into another one.
    for name in ('tools', 'configs', 'mmstep'):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('PYTHONPATH', str(ROOT))
    cells = json.loads((ROOT / 'docs/from_csv_to_detection.ipynb').read_text(encoding='utf-8'))['cells']
    names = {'__name__': '__main__'}
    for cell in cells:
        if cell['cell_type'] == 'code':
            assert cell['outputs'] == []
            exec(''.join(cell['source']), names)
    persons = [person for entry in names['result']['predictions'][0]['detections'] for person in entry['persons']]
    assert persons and all(person['actions'] for person in persons)
    assert 'heldout_0000.mp4' in capsys.readouterr().out
