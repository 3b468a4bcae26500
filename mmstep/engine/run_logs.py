"""What a training wrote down: its losses and figures over the iterations."""
import json
from pathlib import Path
from typing import Dict, List, Tuple

from mmstep.errors import LaunchError

SCALARS = 'vis_data/scalars.json'


def read_scalars(work_dir: str) -> Dict[str, Tuple[List[int], List[float]]]:
    """Reads the scalars that MMEngine's LocalVisBackend wrote.

    Args:
        work_dir (str): Work directory of a run, or such a file. Of a run that was resumed all parts are joined; where
            two cover the same iteration the later one counts.

    Returns:
        dict[str, tuple[list[int], list[float]]]: By name of the scalar, iterations and values, ascending. Figures of
        a validation are at the iteration before it; the file itself has the epoch there, 0 without epochs.

    Raises:
        LaunchError: If there is no such file, or it is of another form.
    """
    place = Path(work_dir)
    files = [place] if place.is_file() else sorted(place.glob(f'*/{SCALARS}'))
    if not files:
        raise LaunchError(f'{work_dir} holds no TIME/{SCALARS}: it is no work directory of a training')
    values: Dict[str, Dict[int, float]] = {}
    for file in files:
        last = None
        for line, text in enumerate(file.read_text('utf-8').splitlines(), 1):
            try:
                record = json.loads(text)
                step = int(record['step'])
            except (ValueError, KeyError, TypeError):
                raise LaunchError(f'{file}:{line}: no scalars of MMEngine') from None
            if 'iter' in record:
                last = step
            elif last is not None:
                step = last
            for name, value in record.items():
                if isinstance(value, (int, float)) and name not in ('step', 'iter', 'epoch'):
                    values.setdefault(name, {})[step] = float(value)
    return {name: (sorted(by_step), [by_step[step] for step in sorted(by_step)]) for name, by_step in values.items()}
