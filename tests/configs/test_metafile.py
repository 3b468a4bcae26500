"""model-index.yml and metafile.yml: MMAction2's conventions, and in step with the configs."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mmengine.config import Config

ROOT = Path(__file__).parents[2]
INDEX = yaml.safe_load((ROOT / 'model-index.yml').read_text(encoding='utf-8'))
METAFILE = yaml.safe_load((ROOT / 'configs/step/metafile.yml').read_text(encoding='utf-8'))
MODELS = METAFILE['Models']
CONFIGS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob('configs/step/*.py'))
ALWAYS = {'Architecture', 'Pretrained', 'Training Data'}


def test_index_lists_every_metafile():
    assert INDEX == {'Import': sorted(str(path.relative_to(ROOT)) for path in ROOT.glob('configs/**/metafile.yml'))}


def test_metafile_is_what_the_configs_say():
    done = subprocess.run([sys.executable, 'tools/make_metafile.py', '--check'],
                          cwd=ROOT,
                          capture_output=True,
                          text=True,
                          env={
                              **os.environ, 'PYTHONPATH': str(ROOT)
                          })
    assert done.returncode == 0, done.stderr


def test_collection_names_paper_and_readme():
    assert [sorted(collection) for collection in METAFILE['Collections']] == [['Name', 'Paper', 'README']]
    collection, = METAFILE['Collections']
    assert collection['Paper'] == {
        'URL': 'https://arxiv.org/abs/1904.09288',
        'Title': 'STEP: Spatio-Temporal Progressive Learning for Video Action Detection'
    }
    assert (ROOT / collection['README']).is_file()


def test_every_config_is_listed_once():
    assert sorted(model['Config'] for model in MODELS) == CONFIGS


def test_names_are_unique_and_those_of_the_files():
    names = [model['Name'] for model in MODELS]
    assert len(set(names)) == len(names)
    assert names == [Path(model['Config']).stem for model in MODELS]


@pytest.mark.parametrize('model', MODELS, ids=lambda model: model['Name'])
def test_fields_are_complete_and_agree_with_the_config(model):
    cfg = Config.fromfile(ROOT / model['Config'])
    assert model['In Collection'] in [collection['Name'] for collection in METAFILE['Collections']]
    assert set(model['Modality'].split(', ')) <= {'RGB', 'Flow'}
    metadata = model['Metadata']
    if 'Streams' in metadata:  # a fusion of trained models is not trained itself
        assert cfg.model.type == 'StreamFusion'
        wanted = [Path(stream.model.init_cfg.checkpoint).parent.name for stream in cfg.model.streams]
        assert metadata['Streams'] == wanted
        assert set(wanted) <= {other['Name'] for other in MODELS}
        schedule = {'Streams'}
    else:
        schedule = {'Batch Size', 'Epochs' if 'max_epochs' in cfg.train_cfg else 'Iterations'}
        assert metadata['Batch Size'] == cfg.train_dataloader.batch_size
        assert metadata.get('Epochs') == cfg.train_cfg.get('max_epochs')
        assert metadata.get('Iterations') == cfg.train_cfg.get('max_iters')
    packaged = Path('mmstep/weights') / f'{model["Name"]}.pth'
    assert metadata.get('Weights In Package') == (str(packaged) if (ROOT / packaged).is_file() else None)
    assert set(metadata) - {'Training Resources', 'Weights In Package'} == ALWAYS | schedule


@pytest.mark.parametrize('model', [model for model in MODELS if 'Results' in model], ids=lambda model: model['Name'])
def test_results_are_the_readmes(model):
    """A figure stands in the model zoo only if README.md says how it was measured."""
    assert 'Training Resources' in model['Metadata']
    rows = [
        line for line in (ROOT / 'README.md').read_text(encoding='utf-8').splitlines()
        if line.startswith(f'| `{model["Name"]}.py` |')
    ]
    for result in model['Results']:
        assert result['Task'] == 'Action Detection'
        assert result['Dataset'] == model['Metadata']['Training Data']
        for value in result['Metrics'].values():
            assert any(f' {value} ' in row for row in rows), f'{model["Name"]}: {value} is not in a row of README.md'


def test_every_config_is_linked_on_the_page():
    page = (ROOT / 'configs/step/README.md').read_text(encoding='utf-8')
    assert {Path(model['Config']).name for model in MODELS} == set(re.findall(r'\]\(([\w.-]+\.py)\)', page))
