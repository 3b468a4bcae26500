"""Full and read-only disks, under every tool that writes."""
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Iterator, NamedTuple, Optional, Sequence, Tuple, Union

import torch
from helpers.square_detector import write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmstep.apis import STEPInferencer
from mmstep.models import InceptionI3D
from mmstep.video.video_writer import count_frames
from .forks import run_forked
from .frame import Trial
from .processes import ROOT, Outcome, run_tool
from .videos import make_model

KINDS = ('full', 'nearly full', 'read-only')
DISK, LEFT = 4 * 2**20, 8 * 2**10  # bytes: of the disk, and those left on one that is nearly full
GOOD = b'an earlier good file'
REASON = '[Dd]isk is (full|read-only)|is the disk full|Is it full|no permission to|No space left|Read-only file system'
CONFIG = """_base_ = ['{base}']
data = dict(label_file='{mini}/annotations/mini_action_list.pbtxt', data_prefix=dict(img='{mini}/videos'))
train_dataloader = dict(
    num_workers=0, batch_size=1, dataset=dict(ann_file='{mini}/annotations/mini_train.csv', **data))
val_dataloader = dict(num_workers=0, batch_size=1, dataset=dict(ann_file='{mini}/annotations/mini_val.csv', **data))
test_dataloader = val_dataloader
val_evaluator = dict(
    ann_file='{mini}/annotations/mini_val.csv', label_file='{mini}/annotations/mini_action_list.pbtxt')
test_evaluator = val_evaluator
train_cfg = dict(max_iters=1, val_interval=1)
default_hooks = dict(checkpoint=dict(interval=1), logger=dict(interval=1))
"""


class Case(NamedTuple):
    """A tool, and what it would write.

    Attributes:
        words (Sequence or Callable): See :func:`run_forked`; ``{out}`` is the folder on the disk.
        files (Sequence[str]): Names of files in it, each there already, which stay.
        says (str): What has to be said all the same, such as the scores that were computed.
        settled (tuple[str, ...]): Kinds of disks on which the tool may as well end well: what it writes fits.
        before (Callable): Puts more files on the disk.
    """
    words: Union[Sequence, Callable]
    files: Sequence[str] = ()
    says: str = ''
    settled: Tuple[str, ...] = ()
    before: Callable[[Path], None] = lambda out: None


def trials(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """One trial for each tool and kind of disk."""
    for name, case in cases(folder).items():
        for kind in KINDS:
            yield f'{name}, {kind}', partial(attempt, folder, case, kind)


def cases(folder: Path) -> Dict[str, Case]:
    """The tools, and the files that they read."""
    square = make_model(folder)
    (folder / 'films').mkdir()
    film = write_square_video(folder / 'films' / 'a.mp4', seconds=2)
    write_square_video(folder / 'films' / 'b.mp4', seconds=1)
    numbers = ['--num-train', '1', '--num-val', '1', '--num-heldout', '0', '--seconds', '5', '--size', '64']
    mini, made = folder / 'mini', [sys.executable, ROOT / 'tools/data/mini/make_mini.py', *numbers, '--out']
    run_tool([*made, mini], folder)
    base = ROOT / 'configs/step/step_tiny_mini-ava.py'
    tiny = [str(folder / 'tiny.py'), str(folder / 'tiny.pth')]
    (folder / 'tiny.py').write_text(CONFIG.format(base=base, mini=mini))
    init_default_scope('mmaction')
    torch.save(dict(state_dict=MODELS.build(Config.fromfile(tiny[0]).model).state_dict(), meta={}), tiny[1])
    dumped = ['tools/test.py', *tiny, '--work-dir', folder / 'work', '--dump']
    run_forked([*dumped, folder / 'a.pkl'], folder, 120)
    shutil.copy(folder / 'a.pkl', folder / 'b.pkl')
    torch.save(InceptionI3D(width_mult=1, final_endpoint='Mixed_5c').state_dict(), folder / 'i3d.pth')
    cpu = ['--device', 'cpu']
    truth = [mini / 'annotations/mini_val.csv', folder / 'a.pkl', '--label-file',
             mini / 'annotations/mini_action_list.pbtxt']  # yapf: disable
    return {
        'train.py': Case(['tools/train.py', tiny[0], '--work-dir', '{out}/run']),
        'test.py': Case(['tools/test.py', *tiny, '--work-dir', '{out}/run'], settled=('nearly full', )),
        'test.py --dump': Case([*dumped, '{out}/a.pkl'], ['a.pkl'], 'overall', ('nearly full', )),
        'fuse_results.py': Case(['tools/fuse_results.py', tiny[0], folder / 'a.pkl', folder / 'b.pkl', '--out',
                                 '{out}/f.pkl'], ['f.pkl'], 'overall', ('nearly full', )),
        'eval_dump.py': Case(['tools/analysis_tools/eval_dump.py', tiny[0], folder / 'a.pkl', '--out', '{out}/e.json'],
                             ['e.json'], 'overall', ('nearly full', )),
        'evaluate_tubes.py': Case(['tools/evaluate_tubes.py', *truth, '--json', '{out}/t.json'], ['t.json'], 'overall',
                                  ('nearly full', )),
        'infer_videos.py': Case(['tools/infer_videos.py', folder / 'films', *square, '--out', '{out}/run', *cpu],
                                settled=('nearly full', )),
        'inferencer': Case(partial(infer, square, film), ['a.json', 'a.mp4'], '', ('nearly full', )),
        'demo_video.py': Case(['demo/demo_video.py', film, *square, '--out', '{out}/a.mp4', '--contact-sheet', *cpu],
                              ['a.mp4', 'a.json', 'a_sheet.png']),
        'webcam_demo.py': Case(['demo/webcam_demo.py', *square, '--input', film, '--out', '{out}/a.mp4', *cpu,
                                '--no-display'], ['a.mp4'], '', ('nearly full', )),
        'web_demo.py': Case(partial(visit, square, film)),
        'extract_flow.py': Case(['tools/data/extract_flow.py', folder / 'films', '{out}/flow', '--workers', '1',
                                 '--method', 'dis']),
        'make_mini.py': Case(['tools/data/mini/make_mini.py', *numbers, '--out', '{out}/mini']),
        'prepare_tubes.py': Case(['tools/data/prepare_tubes.py', 'jhmdb', '--root', '{out}/root', '--ann-file',
                                  'annotations/gt.pkl', '--subset'], ['root/annotations/subset.pkl'],
                                 settled=('nearly full', ), before=partial(lay_out, mini)),
        'make_metafile.py': Case(write_metafile, ['metafile.yml']),
        'i3d_to_mmstep.py': Case(['tools/convert/i3d_to_mmstep.py', folder / 'i3d.pth', '{out}/i.pth'], ['i.pth']),
    }  # yapf: disable


def attempt(folder: Path, case: Case, kind: str) -> Optional[str]:
    """Runs a tool whose output lies on a disk of some kind."""
    out = folder / 'disk'
    out.mkdir(exist_ok=True)
    mounted = not os.geteuid() and not subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', f'size={DISK}', 'tmpfs',
         str(out)], capture_output=True).returncode
    if not mounted and (kind != 'read-only' or not os.geteuid()):
        return None  # there is no disk to fill
    try:
        for name in case.files:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(GOOD)
        case.before(out)
        words = case.words
        if callable(words):
            words = partial(words, out)
        else:
            words = [str(word).replace('{out}', str(out)) for word in words]
        if kind != 'read-only':
            fill(out / 'filler', LEFT if kind == 'nearly full' else 0)
        elif mounted:
            subprocess.run(['mount', '-o', 'remount,ro', str(out)], check=True)
        else:
            out.chmod(0o555)
        outcome = run_forked(words, folder, 120)
        return judge(outcome, case, kind, out)
    finally:
        if mounted:
            subprocess.run(['umount', '-l', str(out)], check=True)
        else:
            out.chmod(0o755)
            shutil.rmtree(out)


def fill(path: Path, left: int) -> None:
    """Writes until a disk is full, then gives back some bytes."""
    with open(path, 'wb', buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
        file.truncate(max(file.tell() - left, 0))


def judge(outcome: Outcome, case: Case, kind: str, out: Path) -> Optional[str]:
    """No half file under a final name, earlier ones still there, one line with place and reason."""
    if outcome.code == 0 and kind in case.settled:
        return outcome.fault()
    fault = outcome.fault(1, case.says)
    if fault:
        return fault
    errors = re.split(r'^Error: ', outcome.output, flags=re.MULTILINE)
    if len(errors) != 2 or len(errors[1].strip().splitlines()) != 1:
        return f'not one line: {errors[1:]}'
    if str(out) not in errors[1] or not re.search(REASON, errors[1]):
        return f'without place or reason: {errors[1]}'
    for name in case.files:
        if not (out / name).exists() or (out / name).read_bytes() != GOOD and not sound(out / name):
            return f'{name}, which was there before, is lost or half written'
    known = {str(out / name) for name in (*case.files, 'filler', 'root/annotations/gt.pkl')}
    there = [path for path in out.rglob('[!.]*') if path.is_file() and not path.is_symlink()]
    half = [path for path in there if str(path) not in known and not sound(path)]
    return f'left half written: {[str(path.relative_to(out)) for path in half]}' if half else None


def sound(path: Path) -> bool:
    """Whether a file that was written before the disk was full is whole; logs grow."""
    if path.suffix in ('.log', '.csv', '.py') or path.name in ('scalars.json', 'last_checkpoint'):
        return True
    content = path.read_bytes()
    ends = {'.json': (b'}', b'}\n'), '.jpg': (b'\xff\xd9', ), '.txt': (b'\n', )}
    if path.suffix == '.pth':
        return bool(torch.load(path, weights_only=True))
    if path.suffix == '.mp4':
        return count_frames(str(path)) > 0
    return content.endswith(ends.get(path.suffix, (b'', ))) and bool(content)


def infer(files: Sequence[str], film: str, out: Path) -> None:
    """The inferencer as a user's program calls it."""
    from mmstep.engine.launch import run_tool as run
    run(lambda: STEPInferencer(*files, device='cpu', show_progress=False)([film], out_dir=str(out)))


def visit(files: Sequence[str], film: str, out: Path) -> None:
    """A visit of the web page, whose error is said as a tool says it."""
    sys.path.append(str(ROOT / 'demo'))
    import gradio
    import web_demo
    page = web_demo.Page(web_demo.load_models(list(files), 'cpu'), str(out), 1, threading.Event())
    try:
        page.run(film, 'config', 0.3, lambda *_, **__: None)
    except gradio.Error as error:
        print(f'\nError: {error.message} (the folder is {out})')
        sys.exit(1)


def lay_out(mini: Path, out: Path) -> None:
    """A data set of tubes, its videos linked."""
    (out / 'root/videos').mkdir()
    shutil.copy(mini / 'annotations/mini_tubes.pkl', out / 'root/annotations/gt.pkl')
    for video in (mini / 'videos').iterdir():
        (out / 'root/videos' / video.name).symlink_to(video)


def write_metafile(out: Path) -> None:
    """tools/make_metafile.py, on another file than the project's."""
    sys.path.append(str(ROOT / 'tools'))
    import make_metafile

    from mmstep.engine.launch import run_tool as run
    make_metafile.METAFILE = out / 'metafile.yml'
    sys.argv = ['make_metafile.py']
    run(make_metafile.main)
