"""The hostile files of :mod:`.hostile_files`: a name that says what is wrong -> content."""
import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any, Dict

import numpy as np
from helpers.tube_cases import random_case

from mmstep.evaluation.files import write_npz

ROW = 'v,1,.1,.2,.4,.9,1,0\n'
LABELS = ''.join(f'item {{\n  name: "{name}"\n  id: {i}\n}}\n' for i, name in enumerate(['stand', 'walk', 'wave'], 1))
TUBE = np.array([[i + 1, 10 + i, 20, 29 + i, 59] for i in range(9)], np.float32)
ACT: Dict[str, Any] = dict(
    labels=['a', 'b'],
    gttubes=dict(v={0: [TUBE]}, w={1: [TUBE]}),
    nframes=dict(v=9, w=9),
    train_videos=[['v']] * 3,
    test_videos=[['w']] * 3,
    resolution=dict(v=(120, 160), w=(120, 160)))
SCORES = np.array([[0, .5, .25, .1]], np.float32)
WINDOW: Dict[str, Any] = dict(
    video_id='v',
    timestamp=1,
    img_key='v,0001',
    img_shape=(120, 160),
    pred_instances=dict(bboxes=np.array([[.1, .2, .4, .9]], np.float32), scores=SCORES))


class Files:
    """Good files of every kind.

    Args:
        folder (Path): Where; made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        content = dict(
            annotations=('good.csv', (ROW + ROW.replace('v,', 'w,')).encode()),
            detections=('found.csv', b'v,1,.1,.2,.4,.9,1,.5\n'),
            labels=('good.pbtxt', LABELS.encode()),
            excluded=('excluded.csv', b'v,2\n'),
            tubes=('good.pkl', pickle.dumps(ACT)),
            proposals=('boxes.pkl', pickle.dumps({'v,0001': np.array([[0., 0, 1, 1]])})),
            dump=('dump.pkl', pickle.dumps([WINDOW, dict(WINDOW, video_id='w', img_key='w,0001')])))
        self.paths = {}
        for name, (file, data) in content.items():
            (folder / file).write_bytes(data)
            self.paths[name] = str(folder / file)
        write_npz(str(folder / 'good.npz'), *random_case(0))
        self.paths['npz'] = str(folder / 'good.npz')


def texts() -> Dict[str, Dict[str, bytes]]:
    """Text files by what they stand for."""
    rows = {
        'an empty file': '',
        'a byte-order mark alone': '\ufeff',
        'blank lines alone': '\n\n\n',
        'a header alone': 'video_id,timestamp,x1,y1,x2,y2,action_id,entity_id\n',
        'semicolons': ROW.replace(',', ';'),
        'seven columns': 'v,1,.1,.2,.4,.9,1\n',
        'a million commas': 'v' + ',' * 10**6 + '\n',
        'a quotation mark that does not end': '"' + ROW * 1000,
        'a field of 200,000 characters': 'v' * 200000 + ROW,
        'a line break in a name': '"v\nw"' + ROW[1:],
        'a sequence that clears the terminal': '\x1b[2J' + ROW,
        'a NUL': '\x00' + ROW,
        'a second of 5,000 digits': ROW.replace('v,1', 'v,' + '9' * 5000),
        'a second in a billion': ROW.replace('v,1', 'v,1000000000'),
        'a negative second': ROW.replace('v,1', 'v,-99999999'),
        'a second that is a fraction': ROW.replace('v,1', 'v,1.5'),
        'a box that is NaN': ROW.replace('.9', 'nan'),
        'a box that is infinite': ROW.replace('.9', '1e999'),
        'a box of no width': ROW.replace('.4', '.1'),
        'a box in pixels': ROW.replace('.4', '400'),
        'a class of 19 digits': ROW.replace(',1,0\n', ',9999999999999999999,0\n'),
        'class 0': ROW.replace(',1,0\n', ',0,0\n'),
        'an entity beyond 64 bits': ROW.replace(',0\n', ',99999999999999999999\n'),
        'an empty name': ROW[1:],
    }
    annotations = {name: text.encode() for name, text in rows.items()}
    annotations['UTF-16'] = ROW.encode('utf-16')
    annotations['bytes that are no text'] = bytes(range(128, 256)) * 10
    annotations['an archive'] = archive(a=b'1')
    found = 'v,1,.1,.2,.4,.9,1,.5\n'
    return dict(
        annotations=annotations,
        excluded={
            'one column': b'v\n',
            'a second in words': b'v,one\n',
            'a huge second': b'v,' + b'9' * 400 + b'\n',
            'no text': b'\xff\xfe\x00',
            'a control character': b'v\x07,1\n',
        },
        detections={
            'a header of detections': b'video_id,timestamp,x1,y1,x2,y2,action_id,score\n' + found.encode(),
            'a score that is NaN': found.replace('.5\n', 'nan\n').encode(),
            'a score that is infinite': found.replace('.5\n', 'inf\n').encode(),
            'a huge box': found.replace('.9', '1e400').encode(),
            'a second of 5,000 digits, detected': found.replace('v,1', 'v,' + '9' * 5000).encode(),
            'nine columns': found.replace('\n', ',1\n').encode(),
            'detections in UTF-16': found.encode('utf-16'),
        },
        labels={
            'an empty map': b'',
            'a map without ids': LABELS.replace('id:', 'no:').encode(),
            'a huge id': LABELS.replace('id: 3', 'id: ' + '9' * 5000).encode(),
            'an id twice': LABELS.replace('id: 3', 'id: 2').encode(),
            'an id without a name': b'item {\n  id: 1\n}\n',
            'a map that is no text': b'\xff' * 100,
            'a control character in a name': LABELS.replace('walk', 'wa\x1b[2Jlk').encode(),
        })


class Program:
    """Leaves a file if it is run."""

    def __reduce__(self) -> tuple:
        return os.mkdir, ('run_by_a_file', )


class Forged:
    """Pickled as an array whose type says that its bytes are addresses of Python objects."""

    def __reduce__(self) -> tuple:
        dtype = type(
            'Forged', (),
            dict(__reduce__=lambda self: (np.dtype, ('O8', False, True), (3, '|', None, None, None, -1, -1, 63))))()
        return np.zeros(1).__reduce__()[:2] + ((1, (2, ), dtype, False, b'A' * 16), )


def doubled(levels: int = 60) -> tuple:
    """A tuple that unfolds to more than there is memory."""
    value = (1, )
    for _ in range(levels):
        value = (value, value)
    return value


def hostile_pickles(folder: Path) -> Dict[str, bytes]:
    """Pickles that no reader may take, whatever it reads."""
    cycle: list = []
    cycle.append(cycle)
    return {
        'an empty file': b'',
        'a program': pickle.dumps(Program()),
        'a program in protocol 0': pickle.dumps([Program()], 0),
        'a program behind good content': pickle.dumps([WINDOW])[:-1] + b'0cos\nsystem\n(S"mkdir run_by_a_file"\ntR.',
        'an array of addresses': pickle.dumps([Forged()]),
        'a place in the memo of 8 GB': b'\x80\x02]r\xff\xff\xff\x3f0.',
        'a text of 2^40 bytes': b'\x80\x04\x8d\x00\x00\x00\x00\x00\x01\x00\x00.',
        'a bytearray of 2^33 bytes': b'\x80\x05\x96\x00\x00\x00\x00\x02\x00\x00\x00.',
        'a list that holds itself': pickle.dumps(cycle),
        'tuples of tuples': pickle.dumps(doubled()),
        'tuples of tuples as a key': b'\x80\x02}' + pickle.dumps(doubled(), 2)[2:-1] + b'K\x01s.',
        'a hundred thousand lists': b'\x80\x02' + b']' * 10**5 + b'a' * (10**5 - 1) + b'.',
        'an integer of a million digits': pickle.dumps(1 << 3000000),
        'a wrong type': pickle.dumps(3.5),
        'an empty list': pickle.dumps([]),
    }


def tubes(folder: Path) -> Dict[str, bytes]:
    """Pickles in the place of annotated tubes."""
    changes: Dict[str, dict] = {
        'labels as one text': dict(labels='ab'),
        'a name with a line break': dict(labels=['a\nb', 'c']),
        'a video of 10^12 frames': dict(nframes=dict(v=10**12, w=10**12)),
        'a video of "nine" frames': dict(nframes=dict(v='nine', w='nine')),
        'a size of 10^9': dict(resolution=dict(v=(10**9, 10**9), w=(10**9, 10**9))),
        'a size of three': dict(resolution=dict(v=(1, 2, 3), w=(1, 2, 3))),
        'boxes of 1e300': dict(gttubes=dict(v={0: [TUBE.astype('f8') * 1e300]}, w={0: [TUBE.astype('f8') * 1e300]})),
        'complex boxes': dict(gttubes=dict(v={0: [TUBE + 1j]}, w={0: [TUBE + 1j]})),
        'a tube of no boxes': dict(gttubes=dict(v={0: [np.zeros((0, 5))]}, w={0: [np.zeros((2**40, 0))]})),
        'a class of 10^30': dict(gttubes=dict(v={10**30: [TUBE]}, w={10**30: [TUBE]})),
        'splits as a number': dict(train_videos=3, test_videos=3),
        'tubes as a list': dict(gttubes=dict(v=[TUBE], w=[TUBE])),
        'no video at all': dict(train_videos=[[]] * 3, test_videos=[[]] * 3),
    }
    return {**hostile_pickles(folder), **{name: pickle.dumps({**ACT, **change}) for name, change in changes.items()}}


def proposals(folder: Path) -> Dict[str, bytes]:
    """Pickles in the place of a person detector's boxes."""
    boxes = {
        'a key without a second': {
            'v': np.zeros((1, 4))
        },
        'a number as key': {
            3: np.zeros((1, 4))
        },
        'boxes in pixels': {
            'v,0001': np.full((1, 4), 300.)
        },
        'boxes that are NaN': {
            'v,0001': np.full((1, 4), np.nan)
        },
        'boxes as texts': {
            'v,0001': np.array([['a'] * 4])
        },
        'boxes of other videos': {
            'x,0001': np.array([[0., 0, 1, 1]])
        },
    }
    return {**hostile_pickles(folder), **{name: pickle.dumps(content) for name, content in boxes.items()}}


def dumps(folder: Path) -> Dict[str, bytes]:
    """Pickles in the place of predictions."""
    good = WINDOW['pred_instances']

    def predicted(**change: Any) -> dict:
        return dict(WINDOW, pred_instances={**good, **change})

    windows = {
        'a window that is a number': 3,
        'a key that is a number': {
            **WINDOW, 3: 4,
            'pred_instances': 5
        },
        'no scores': dict(WINDOW, pred_instances=dict(bboxes=good['bboxes'])),
        'no boxes': dict(WINDOW, pred_instances=dict(scores=SCORES)),
        'a second that is a list': dict(WINDOW, timestamp=[1]),
        'a second of 10^30': dict(WINDOW, timestamp=10**30),
        'a video that is an array': dict(WINDOW, video_id=SCORES),
        'scores of 2^40 columns': predicted(scores=np.zeros((0, 2**40), np.float32)),
        'scores that are NaN': predicted(scores=SCORES + np.nan),
        'scores as texts': predicted(scores=np.array([['a', 'b', 'c', 'd']])),
        'more boxes than scores': predicted(bboxes=np.zeros((5, 4), np.float32)),
        'tubes of no frames': predicted(tubes=np.zeros((1, 0, 4), np.float32)),
        'sparse scores of 2^62': predicted(
            scores=dict(shape=(2**31, 2**31), index=np.zeros(0, 'u2'), value=SCORES[0, :0])),
        'a step that is not there': dict(WINDOW, pred_instances='pred_instances_step9'),
    }
    return {**hostile_pickles(folder), **{name: pickle.dumps([window] * 2) for name, window in windows.items()}}


def archive(**members: bytes) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()
