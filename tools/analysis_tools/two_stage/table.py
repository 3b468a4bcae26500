"""The table of the comparison, between two marks of its page."""
import re
import statistics
from typing import Any, Dict, List, Sequence

from mmstep.utils import write_text
from .training import FOLDER

PAGE = FOLDER / 'README.md'
BEGIN, END = '<!-- table -->', '<!-- end of table -->'
FIGURES = ('overall', 'context', 'recall@0.5_top3')
HEAD = ('way', 'training, CPU s', 'seeds', 'frame-mAP@0.5', 'context actions', 'recall@0.5 of the 3 best boxes',
        's a window', 'parameters')


def table(results: Dict[str, Any]) -> str:
    """Lays the figures out.

    Args:
        results (dict): What two_stage_study.py has measured.

    Returns:
        str: Markdown between the marks, with them. Figures are means over the seeds, in %, with the standard deviation
        where there are several.
    """
    parameters, seconds, window = results['parameters'], results['train_seconds'], results['test_seconds']
    both = ('persons', 'actions')
    rows = [
        row('STEP, step 3', results['step']['iterations'] * seconds['step'], results['step']['scores'], window['step'],
            parameters['step'])
    ]
    for budget in results['two_stage']:
        spent = sum(budget['iterations'][part] * seconds[part] for part in both)
        scores = budget['scores']
        thr = best_threshold(list(scores.values()))
        name = f'two stages, {spent / (results["step"]["iterations"] * seconds["step"]):.1f} times the training'
        common = dict(seconds=sum(window[part] for part in both), parameters=sum(parameters[part] for part in both))
        detected = {seed: each['detected'][thr] for seed, each in scores.items()}
        rows.append(row(f'{name}; boxes scored {thr} and more', spent, detected, **common))
        perfect = {seed: each['perfect'] for seed, each in scores.items()}
        rows.append(row(f'{name}; annotated boxes', spent, perfect, window['actions'], parameters['actions']))
    lines = [HEAD, [':--', *['--:'] * (len(HEAD) - 1)], *rows]
    return '\n'.join([BEGIN, *(f'| {" | ".join(line)} |' for line in lines), END])


def row(name: str, spent: float, scores: Dict[str, dict], seconds: float, parameters: int) -> List[str]:
    """The cells of a row."""
    figures = [spread([each[figure] for each in scores.values()]) for figure in FIGURES]
    return [name, f'{spent:.0f}', ', '.join(scores), *figures, f'{seconds:.3f}', f'{parameters / 1e6:.2f} M']


def spread(values: Sequence[float]) -> str:
    """Mean, and standard deviation of several."""
    text = f'{statistics.mean(values):.1f}'
    return f'{text} ± {statistics.stdev(values):.1f}' if len(values) > 1 else text


def best_threshold(scores: Sequence[dict]) -> str:
    """The threshold of the person detector's score with the best mean frame-mAP on the validation videos themselves,
    which favors the two-stage way."""
    return max(
        scores[0]['detected'], key=lambda thr: statistics.mean(each['detected'][thr]['overall'] for each in scores))


def write_table(results: Dict[str, Any]) -> None:
    """Writes the table into the page."""
    text = PAGE.read_text(encoding='utf-8')
    write_text(PAGE, re.sub(f'{BEGIN}.*{END}', lambda _: table(results), text, flags=re.DOTALL))
