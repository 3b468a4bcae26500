"""The results file: figures of each scoring with config, seed, machine and commit, committed with the studies."""
import json
from pathlib import Path
from typing import Any, Dict, List, Optional

from mmstep.utils import write_text
from .runs import RECORD, Scoring
from .study_file import FOLDER

RESULTS = FOLDER / 'results.json'


def read_results(path: Path = RESULTS) -> Dict[str, Any]:
    """Reads a results file.

    Args:
        path (Path): The file; there need not be one.

    Returns:
        dict: ``trainings``: key -> how it was trained; ``scores``: study -> variant -> seed -> figures.
    """
    return json.loads(path.read_text(encoding='utf-8')) if path.is_file() else dict(trainings={}, scores={})


def collect(results: Dict[str, Any], scorings: List[Scoring]) -> None:
    """Puts what has been scored into the results.

    Args:
        results (dict): See :func:`read_results`; what is there of other scorings stays.
        scorings (list[Scoring]): Those to look at.
    """
    for scoring in scorings:
        found = scoring.figures()
        if found is None:
            continue
        by_seed = results['scores'].setdefault(scoring.study, {}).setdefault(scoring.variant.name, {})
        by_seed[str(scoring.seed)] = dict(trainings=[each.key for each in scoring.trainings], **found)
        for training in scoring.trainings:
            results['trainings'][training.key] = json.loads((training.folder / RECORD).read_text(encoding='utf-8'))


def write_results(results: Dict[str, Any], path: Path = RESULTS) -> None:
    """Writes a results file, a line a training and a line a scoring.

    Args:
        results (dict): See :func:`read_results`.
        path (Path): The file.
    """
    trainings = [f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in sorted(results['trainings'].items())]
    studies = []
    for study, variants in sorted(results['scores'].items()):
        rows = []
        for variant, seeds in variants.items():
            lines = [f'    {json.dumps(seed)}: {json.dumps(value)}' for seed, value in sorted(seeds.items())]
            rows.append(f'   {json.dumps(variant)}: {{\n' + ',\n'.join(lines) + '}')
        studies.append(f'  {json.dumps(study)}: {{\n' + ',\n'.join(rows) + '}')
    write_text(path, '{"trainings": {\n' + ',\n'.join(trainings) + '},\n "scores": {\n' + ',\n'.join(studies) + '}}\n')


def figure(results: Dict[str, Any],
           study: str,
           variant: str,
           seed: int,
           name: str,
           step: Optional[int] = None) -> Optional[float]:
    """One figure.

    Args:
        results (dict): See :func:`read_results`.
        study (str): Name of a study.
        variant (str): Name of a variant.
        seed (int): A seed.
        name (str): Name of the figure.
        step (int, optional): The step. Defaults to the last one.

    Returns:
        float | None: In %; None if it has not been measured.
    """
    found = results['scores'].get(study, {}).get(variant, {}).get(str(seed))
    if found is None:
        return None
    steps = found['figures']
    return steps.get(str(step or max(map(int, steps))), {}).get(name)


def last_step(results: Dict[str, Any], study: str, variant: str) -> int:
    """The number of steps of a variant; 0 if it has not been scored."""
    scored = results['scores'].get(study, {}).get(variant, {})
    return max((int(step) for each in scored.values() for step in each['figures']), default=0)


def trained_from(results: Dict[str, Any], study: str) -> List[Dict[str, Any]]:
    """How the trainings came about that a study's figures are of."""
    scores = results['scores'].get(study, {})
    keys = {key for seeds in scores.values() for each in seeds.values() for key in each['trainings']}
    return [results['trainings'][key] for key in sorted(keys)]
