"""Files from outside, changed by chance: read, or refused in a line; nothing crashes, warns, hangs or swells."""
import io
import pickle
import random
import zipfile
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Tuple

import numpy as np
import torch
from helpers.file_faults import mutate_bytes, mutate_value, pickled, written
from helpers.tube_cases import random_case
from mmengine.logging import HistoryBuffer

from mmstep.checkpoints import read_checkpoint, read_foreign, read_resumable, unwrap
from mmstep.checkpoints.finite import require_finite
from mmstep.datasets import read_annotations, read_excluded, read_label_map, read_tube_annotations
from mmstep.datasets.person_boxes import read_person_boxes
from mmstep.evaluation.files import (ava_detections_of_dump, check_windows_of_dump, read_ava_detections,
                                     read_detections_npz, read_dump, read_truth_npz, tubelets_of_dump, write_npz)
from .fuzz_frame import Kind, run_kind


def checkpoints(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Checkpoints in torch's two formats, with MMEngine's records."""
    good = dict(
        meta=dict(iter=3, epoch=1, cfg='x = 1', seed=3, time='now', betas=(.9, .999)),
        state_dict={f'backbone.{i}.weight': torch.randn(3, 4)
                    for i in range(3)},
        optimizer=dict(state={0: dict(step=torch.tensor(3.), exp_avg=torch.randn(3, 4))}, param_groups=[dict(lr=.1)]),
        message_hub=dict(log_scalars={'train/loss': HistoryBuffer([1., 2.5], [1, 1])}, runtime_info=dict(iter=3)),
        random=[np.random.get_state(), np.float64(3),
                np.arange(9, dtype=np.int32)])
    formats = []
    for zipped in (True, False):
        torch.save(good, folder / 'good.pth', _use_new_zipfile_serialization=zipped)
        formats.append((folder / 'good.pth').read_bytes())

    def make(rng: random.Random) -> bytes:
        if rng.random() < 0.6:
            return mutate_bytes(rng.choice(formats), rng)
        path = folder / 'changed.pth'
        try:
            torch.save(mutate_value(good, rng), path, _use_new_zipfile_serialization=rng.random() < 0.5)
        except Exception:  # not everything can be written
            return b''
        content = path.read_bytes()
        return change_pickle_in_zip(content, rng) if rng.random() < 0.5 else content

    def read(path: str) -> None:
        read_foreign(path)
        require_finite(unwrap(read_checkpoint(path)) or {}, path)
        read_resumable(path)

    return run_kind(Kind('checkpoint.pth', make, read), folder, times)


def change_pickle_in_zip(content: bytes, rng: random.Random) -> bytes:
    """A checkpoint whose archive is sound and whose pickle is not."""
    if not content.startswith(b'PK'):
        return mutate_bytes(content, rng)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, 'w') as target:
        for item in source.infolist():
            data = source.read(item)
            target.writestr(item.filename, mutate_bytes(data, rng) if item.filename.endswith('.pkl') else data)
    return out.getvalue()


def tubes(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Annotations of tubes in ACT's layout and as pyannot.pkl."""
    rows = np.array([[i + 1, 10 + i, 20, 29 + i, 59] for i in range(5)], np.float32)
    act = dict(
        labels=['a', 'b'],
        gttubes=dict(v={0: [rows]}, w={1: [rows, rows + 1]}),
        nframes=dict(v=9, w=12),
        train_videos=[['v']],
        test_videos=[['w']],
        resolution=dict(v=(120, 160), w=(120, 160)))
    boxes = np.array([[1, 1, 30, 40]] * 5, np.uint8)
    pyannot = {
        name: dict(annotations=[dict(label=0, sf=1, ef=6, boxes=boxes)], numf=20, label=0)
        for name in ('c/v', 'c/w')
    }
    (folder / 'tests.txt').write_text('c/w.avi 1\n')

    def read(path: str) -> None:
        found: List[str] = []
        read_tube_annotations(path, 1, 'train', str(folder / 'tests.txt'), found.append)
        for text in found:
            if len(text.splitlines()) != 1 or len(text) > 500:
                raise AssertionError(f'a fault on several lines: {text[:300]!r}')
        for subset in ('train', 'test'):
            read_tube_annotations(path, 1, subset, str(folder / 'tests.txt'))

    return run_kind(Kind('tubes.pkl', pickled([act, pyannot], (0, 2, 4)), read), folder, times)


def lists_of_videos(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Lists of test videos."""
    boxes = np.array([[1, 1, 30, 40]] * 5, np.uint8)
    ann_file = folder / 'pyannot.pkl'
    ann_file.write_bytes(
        pickle.dumps({
            name: dict(annotations=[dict(label=0, sf=1, ef=6, boxes=boxes)], numf=20, label=0)
            for name in ('c/v', 'c/w')
        }))
    return run_kind(
        Kind('tests.txt', written('c/w.avi 1\nc/v.avi 1\n', ' '),
             lambda path: read_tube_annotations(str(ann_file), 1, 'test', path)), folder, times)


def proposals(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Boxes of a person detector."""
    good = {f'v,{second:04d}': np.array([[.1, .2, .5, .9, .8], [0, 0, 1, 1, .3]]) for second in range(4)}
    return run_kind(Kind('proposals.pkl', pickled([good]), read_person_boxes), folder, times)


def dumps(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Predictions of windows, of tubes and of key seconds, dense and compact."""
    truth, _ = random_case(0)
    scores = np.array([[0, .5, .25, .1], [0, 0, .125, 0]], np.float32)
    boxes = np.array([[.1, .2, .5, .9], [0, 0, 1, 1]], np.float32)
    stored = dict(
        shape=(2, 4), index=np.array([1, 2, 3, 6], np.uint16), value=np.array([.5, .25, .1, .125], np.float32))
    tube = dict(tubes=np.tile(boxes[:, None] * 100, (1, 18, 1)), scores=scores)
    tube_window = dict(video_id='video0', clip_start=1, img_key='video0,1', img_shape=(240, 320), pred_instances=tube)
    second = dict(bboxes=boxes, scores=scores)
    good = [
        [dict(tube_window, pred_instances_step1=tube),
         dict(tube_window, clip_start=7)],
        [dict(video_id='video0', timestamp=902, img_shape=(240, 320), pred_instances=second)] * 2,
        [dict(video_id='video1.mp4', timestamp=2, pred_instances={
            k: torch.from_numpy(v)
            for k, v in second.items()
        })],
        [
            dict(
                video_id='video2',
                timestamp=2,
                pred_instances='pred_instances_step1',
                pred_instances_step1=dict(bboxes=boxes, scores=stored))
        ],
    ]

    def read(path: str) -> None:
        windows, refusal = read_dump(path), None
        check_windows_of_dump(windows, [('video0', 902)], truth.videos, path)
        for read_all in (lambda: ava_detections_of_dump(path, {1, 2, 3}), lambda: tubelets_of_dump(path, truth, 6),
                         lambda: ava_detections_of_dump(path, {1, 2}, 1)):
            try:
                read_all()
            except Exception as error:  # each of them refuses the others' files
                if not type(error).__module__.startswith('mmstep'):
                    raise
                refusal = refusal or error
        if refusal is not None:
            raise refusal

    return run_kind(Kind('dump.pkl', pickled(good), read), folder, times)


def npz(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Tubes and tubelets as arrays."""
    truth, tubelets = random_case(1)
    write_npz(str(folder / 'good.npz'), truth, tubelets)
    with np.load(folder / 'good.npz') as file:
        arrays = dict(file)
    np.savez(folder / 'plain.npz', **arrays)
    files = [(folder / name).read_bytes() for name in ('good.npz', 'plain.npz')]

    def make(rng: random.Random) -> bytes:
        if rng.random() < 0.4:
            return mutate_bytes(rng.choice(files), rng)
        changed = mutate_value(arrays, rng)
        if not isinstance(changed, dict):
            return b''
        try:
            np.savez(folder / 'changed.npz', **{str(key).replace('\n', ''): value for key, value in changed.items()})
        except Exception:  # not everything can be written
            return b''
        return (folder / 'changed.npz').read_bytes()

    def read(path: str) -> None:
        read_detections_npz(path, read_truth_npz(path))
        read_detections_npz(path, truth)

    return run_kind(Kind('tubes.npz', make, read), folder, times)


def annotations(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """AVA's csv of annotations."""
    good = ''.join(f'v{i % 2},{902 + i},.1,.2,.{4 + i},.9,{1 + i % 3},{i}\n' for i in range(5))

    def read(path: str) -> None:
        found: List[str] = []
        rows = list(read_annotations(path, {1, 2, 3}, 'labels', found.append))
        np.array([[row.timestamp, row.label, row.entity_id] for row in rows], dtype=np.int64)
        if any(len(text.splitlines()) != 1 or len(text) > 500 for text in found):
            raise AssertionError(f'a fault on several lines: {found!r}'[:300])
        list(read_annotations(path))

    return run_kind(Kind('annotations.csv', written(good), read), folder, times)


def excluded(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """AVA's csv of excluded seconds."""
    return run_kind(Kind('excluded.csv', written('v,0902\nw,1000\nx,3\n'), read_excluded), folder, times)


def detections(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Detections as csv."""
    good = ''.join(f'v{i % 2},{902 + i},.1,.2,.{4 + i},.9,{1 + i % 3},.{i}5\n' for i in range(5))
    return run_kind(
        Kind('detections.csv', written(good), lambda path: read_ava_detections(path, {1, 2, 3})), folder, times)


def label_maps(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Label maps in both spellings."""
    good = 'item {\n  name: "stand"\n  id: 1\n}\nlabel {\n  name: "walk"\n  label_id: 2\n  label_type: X\n}\n'
    return run_kind(Kind('labels.pbtxt', written(good, ' '), read_label_map), folder, times)
