"""Files thought out to break a reader, given to the tools: exit code 1, the file named in a line, nothing run."""
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from .forks import run_forked
from .hostile_binaries import archives, checkpoints
from .hostile_content import Files, dumps, proposals, texts, tubes
from .processes import ROOT, Outcome

# Lines of an error: one; several only where faults of several places are listed.
MOST_LINES = 4

AVA_CONFIG = '''_base_ = ['{root}/configs/step/step_tiny_mini-ava.py']
data = dict(label_file='{labels}', data_prefix=dict(img='{folder}/videos'), num_classes=4, timestamp_start=0,
            exclude_file={excluded}, proposal_file={proposals})
model = dict(roi_head=dict(bbox_head=dict(num_classes=3, loss_cls=dict(loss_weight=3.))))
class_names = ['stand', 'walk', 'wave']
train_dataloader = dict(dataset=dict(ann_file='{annotations}', **data))
val_dataloader = dict(dataset=dict(ann_file='{annotations}', **data))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file='{annotations}', label_file='{labels}', exclude_file={excluded}, num_classes=4,
                     groups=None)
test_evaluator = val_evaluator
'''
TUBE_CONFIG = '''_base_ = ['{root}/configs/step/step_tiny_mini-ucf.py']
data = dict(ann_file='{tubes}', data_prefix=dict(img='{folder}/videos'))
model = dict(roi_head=dict(bbox_head=dict(num_classes=2)))
class_names = ['a', 'b']
train_dataloader = dict(dataset=data)
val_dataloader = dict(dataset=data)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file='{tubes}')
test_evaluator = val_evaluator
'''


def refused(outcome: Outcome, name: str, folder: Path) -> Optional[str]:
    """Judges a tool that was given a hostile file."""
    fault = outcome.fault(1)
    if fault:
        return fault
    if (folder / 'run_by_a_file').exists():
        return 'what is in the file was run'
    said = outcome.output.rpartition('\nError: ')[2].strip().splitlines()
    if '\nError: ' not in '\n' + outcome.output or len(said) > MOST_LINES or len('\n'.join(said)) > 2500:
        return f'an error of {len(said)} lines: {said[:2]}'
    if '--debug shows' in outcome.output or 'The traceback is in' in outcome.output:
        return f'an error that nobody meant for people: {said[0]}'
    return None if name in outcome.output else f'the file {name} is not named: {said[0][:300]}'


class Setting:
    """A folder with good files, in whose places hostile ones are put.

    Args:
        folder (Path): Empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.good = Files(folder / 'good')
        (folder / 'videos').mkdir()
        for name in ('v', 'w'):
            (folder / 'videos' / f'{name}.mp4').touch()

    def config(self, kind: str = 'ava', **places: Path) -> Path:
        """Writes a config whose files are the good ones but for ``places``."""
        files = {**self.good.paths, **{name: str(path) for name, path in places.items()}}
        optional = {name: repr(files[name]) if name in places else None for name in ('excluded', 'proposals')}
        text = (AVA_CONFIG if kind == 'ava' else TUBE_CONFIG).format(
            root=ROOT, folder=self.folder, **{
                **files,
                **optional
            })
        (self.folder / 'my.py').write_text(text, encoding='utf-8')
        return self.folder / 'my.py'

    def trials(self, place: str, made: Iterator[Tuple[str, bytes]], ending: str,
               commands: Dict[str, Callable[[Path], List]]) -> Iterator[Tuple[str, Callable]]:
        """A trial for each file and each command that reads such a file."""
        for number, (what, content) in enumerate(made):
            for tool, words in commands.items():

                def trial(number: int = number,
                          content: bytes = content,
                          tool: str = tool,
                          words: Callable = words) -> Optional[str]:
                    path = self.folder / f'{place}{number}{ending}'
                    path.write_bytes(content)
                    outcome = run_forked([f'tools/{tool.split(" ")[0]}.py', *words(path)], self.folder)
                    return refused(outcome, path.name, self.folder)

                yield f'{what} to tools/{tool}', trial


def hostile_texts(folder: Path, times: Optional[int] = None) -> Iterator[Tuple[str, Callable]]:
    """csv files and label maps: annotations, excluded seconds, detections."""
    use = Setting(folder)
    good = use.good.paths
    scored = ['--label-file', good['labels']]
    commands = dict(
        annotations={
            'train --check': lambda path: [use.config(annotations=path), '--check'],
            'data/check_dataset': lambda path: [use.config(annotations=path)],
            'evaluate_tubes': lambda path: [path, good['detections'], *scored],
            'analysis_tools/eval_dump': lambda path: [use.config(annotations=path), good['dump']],
        },
        excluded={
            'train --check': lambda path: [use.config(excluded=path), '--check'],
            'evaluate_tubes': lambda path: [good['annotations'], good['detections'], *scored, '--exclude-file', path],
        },
        detections={'evaluate_tubes': lambda path: [good['annotations'], path, *scored]},
        labels={
            'train --check': lambda path: [use.config(labels=path), '--check'],
            'evaluate_tubes': lambda path: [good['annotations'], good['detections'], '--label-file', path],
            'analysis_tools/eval_dump': lambda path: [use.config(labels=path), good['dump']],
        })
    for place, made in texts().items():
        yield from use.trials(place, iter(made.items()), '.pbtxt' if place == 'labels' else '.csv', commands[place])


def hostile_pickles(folder: Path, times: Optional[int] = None) -> Iterator[Tuple[str, Callable]]:
    """Pickles of tubes, proposals and predictions, and archives of arrays."""
    use = Setting(folder)
    good = use.good.paths
    yield from use.trials(
        'tubes', iter(tubes(folder).items()), '.pkl', {
            'train --check': lambda path: [use.config('tubes', tubes=path), '--check'],
            'data/check_dataset': lambda path: [use.config('tubes', tubes=path)],
            'evaluate_tubes': lambda path: [path, good['npz']],
            'data/prepare_tubes': lambda path: ['jhmdb', '--root', folder, '--ann-file', path.name],
        })
    yield from use.trials(
        'proposals', iter(proposals(folder).items()), '.pkl', {
            'train --check': lambda path: [use.config(proposals=path), '--check'],
            'data/check_dataset': lambda path: [use.config(proposals=path)]
        })
    out = folder / 'out.pkl'
    yield from use.trials(
        'dump', iter(dumps(folder).items()), '.pkl', {
            'analysis_tools/eval_dump': lambda path: [use.config(), path],
            'evaluate_tubes': lambda path: [good['npz'], path, '--clip-len', '6'],
            'evaluate_tubes on AVA': lambda path: [good['annotations'], path, '--label-file', good['labels']],
            'fuse_results': lambda path: [use.config(), path, good['dump'], '--out', out],
        })
    yield from use.trials('tubes', iter(archives(folder).items()), '.npz', {
        'evaluate_tubes': lambda path: [path, path],
    })


def hostile_checkpoints(folder: Path, times: Optional[int] = None) -> Iterator[Tuple[str, Callable]]:
    """Weight files."""
    use = Setting(folder)
    out = folder / 'out.pth'
    yield from use.trials(
        'weights', iter(checkpoints(folder).items()), '.pth', {
            'test --check': lambda path: [use.config(), path, '--check'],
            'train --check --load-from': lambda path: [use.config(), '--check', '--load-from', path],
            'train --check --resume': lambda path: [use.config(), '--check', '--resume', path],
            'convert/i3d_to_mmstep': lambda path: [path, out],
            'convert/nvlabs_to_mmstep': lambda path: [path, out],
        })
    yield 'nothing is written', lambda: f'{out} is there' if out.exists() else None
