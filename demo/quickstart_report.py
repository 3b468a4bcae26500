"""What demo/quickstart.sh says: who does what in a video; at its end the scores at each step, and where all lies.

``python demo/quickstart_report.py DETECTIONS.json`` says the first, ``python demo/quickstart_report.py WORK_DIR
VIDEO`` the second.
"""
import json
import sys
from pathlib import Path
from typing import Dict, List

FIGURES = {
    'overall': 'frame mAP@0.5',
    'context': 'of the actions that need context',
    'recall@0.5_top3': 'recall@0.5, three best boxes'
}


def newest_scores(folder: Path) -> Dict[str, float]:
    """The figures of the last test run in a work directory.

    Args:
        folder (Path): The ``--work-dir`` of tools/test.py.

    Returns:
        dict[str, float]: ``step1/overall`` and so on, 0..1.

    Raises:
        FileNotFoundError: If no test has ended there.
    """
    files = sorted(folder.glob('*/*.json'), key=lambda path: path.stat().st_mtime)
    if not files:
        raise FileNotFoundError(f'{folder} holds no scores (<time>/<time>.json): tools/test.py has not ended there')
    return json.loads(files[-1].read_text(encoding='utf-8'))


def score_table(scores: Dict[str, float]) -> List[str]:
    """One line for each figure of :data:`FIGURES`, one column for each step, in percent.

    Args:
        scores (dict[str, float]): See :func:`newest_scores`.

    Returns:
        list[str]: The lines.
    """
    steps = sorted({int(key.split('/')[0][4:]) for key in scores if key.startswith('step')})
    width = max(len(title) for title in FIGURES.values())
    lines = [' ' * width + ''.join(f'   step {step}' for step in steps)]
    for name, title in FIGURES.items():
        values = [scores.get(f'step{step}/{name}') for step in steps]
        cells = ''.join(f'{"-":>9}' if value is None else f'{100 * value:9.1f}' for value in values)
        lines.append(f'{title:<{width}}{cells}')
    return lines


def detection_lines(result: dict) -> List[str]:
    """One line for each key time of a video.

    Args:
        result (dict): What demo/demo_video.py writes.

    Returns:
        list[str]: The time, and everybody's number and best action.
    """
    lines = []
    for entry in result['detections']:
        persons = [
            f'person {person["id"]}: {person["actions"][0]["label"]} {person["actions"][0]["score"]:.2f}'
            for person in sorted(entry['persons'], key=lambda person: person['id'])
        ]
        lines.append(f'second {entry["time"]:4.1f}   {"   ".join(persons) or "nobody"}')
    return lines


def main() -> int:
    if len(sys.argv) == 2:
        result = json.loads(Path(sys.argv[1]).read_text(encoding='utf-8'))
        print('\nFound in a video that the model has not seen:')
        print('\n'.join(f'  {line}' for line in detection_lines(result)))
        return 0
    work, video = Path(sys.argv[1]), Path(sys.argv[2])
    print('\nScores on the validation videos (%):')
    print('\n'.join(f'  {line}' for line in score_table(newest_scores(work / 'test'))))
    checkpoint = work / (work / 'last_checkpoint').read_text(encoding='utf-8').strip()
    logs = sorted(work.glob('*/*.log'), key=lambda path: path.stat().st_mtime)
    places = {
        f'detections on {video.name}, which it has not seen': '',
        '  picture (rows: steps)': work / f'{video.stem}.png',
        '  video': work / f'{video.stem}.mp4',
        '  JSON': work / f'{video.stem}.json',
        'checkpoint': checkpoint,
        'predictions on validation': work / 'val_predictions.pkl',
        'training log': logs[-1] if logs else '',
        'scores': work / 'test'
    }
    print('\nWhere it lies:')
    for name, path in places.items():
        print(f'  {name:<28}{path}' if path else f'  {name}')
    print('\nYour own video:\n  .venv/bin/python demo/demo_video.py VIDEO configs/step/step_tiny_mini-ava.py \\\n'
          f'    {checkpoint} --out out.mp4')
    return 0


if __name__ == '__main__':
    sys.exit(main())
