"""Fingerprints of what each config of configs/step builds: model, pipelines, data sets, evaluators, schedule.

    python tests/helpers/config_prints.py

writes them to tests/configs/config_prints.json, once a change of them is wanted.
"""
import hashlib
import json
from pathlib import Path

from mmengine.config import Config

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / 'configs/step').glob('*.py'))
PRINTS = ROOT / 'tests/configs/config_prints.json'
COMMAND = 'python tests/helpers/config_prints.py'


def fingerprints(path):
    """Fingerprints of a config by top-level key; variables that nothing but the config reads are left out.

    Args:
        path (Path): The config.

    Returns:
        dict[str, str]: Key that the runner, a model's user or another config reads -> fingerprint.
    """
    from mmstep.engine.config_files import KNOWN_KEYS
    cfg = Config.fromfile(str(path)).to_dict()
    texts = {key: json.dumps(cfg[key], sort_keys=True) for key in sorted(cfg) if key in (*KNOWN_KEYS, 'class_names')}
    return {key: hashlib.sha256(text.encode()).hexdigest()[:10] for key, text in texts.items()}


def main():
    """Writes the fingerprints of all configs, a line for each."""
    lines = [f'{json.dumps(path.stem)}: {json.dumps(fingerprints(path))}' for path in CONFIGS]
    PRINTS.write_text('{\n' + ',\n'.join(lines) + '\n}\n', encoding='utf-8')


if __name__ == '__main__':
    main()
