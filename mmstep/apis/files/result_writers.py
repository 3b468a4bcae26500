"""Results as files of other programs' forms: AVA csv, JSON lines, COCO, MOT.

Everything is made of :class:`VideoResult` dicts, so it works on the inferencer's return value and on its JSON files
alike.
"""
import json
import os.path as osp
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, TypeVar, Union

from mmstep.utils import write_text
from ..persons.video_result import DetectionDict, VideoResult

Number = TypeVar('Number', int, float)


class AVADetection(NamedTuple):
    """A line of AVA's detection csv: ``video_id,timestamp,x1,y1,x2,y2,action_id,score``, no header."""
    video_id: str  # file name without folder and extension
    timestamp: float  # seconds from the first frame
    x1: float  # 0..1 of the frame's width, like x2; y of its height
    y1: float
    x2: float
    y2: float
    action_id: int  # number in the label map
    score: float


class MOTDetection(NamedTuple):
    """A line of MOTChallenge's csv: ``frame,id,x,y,w,h,score,class,visibility``, no header."""
    frame: int  # from 1, of the source
    id: int  # number of the person, from 1
    x: float  # left, pixels
    y: float  # top, pixels
    w: float
    h: float
    score: float  # of the best action
    class_id: int  # number of the best action in the label map
    visibility: int  # not known: -1


def ava_rows(results: Sequence[VideoResult]) -> List[AVADetection]:
    """One row for each action of each person at each key time.

    Args:
        results (Sequence[VideoResult]): Any number.

    Returns:
        list[AVADetection]: By video, time and person.
    """
    rows = []
    for result, time, person in _persons(results):
        ids = _class_ids(result)
        x1, y1, x2, y2 = [
            min(max(value / size, 0.0), 1.0) for value, size in zip(
                person['bbox'], [_known(result['width']), _known(result['height'])] * 2)
        ]
        name = osp.splitext(osp.basename(result['video']))[0]
        rows += [
            AVADetection(name, time, x1, y1, x2, y2, ids[action['label']], action['score'])
            for action in person['actions']
        ]
    return rows


def mot_rows(result: VideoResult) -> List[MOTDetection]:
    """One row for each person at each key time. Frames between the key times have none.

    Args:
        result (VideoResult): Of one video.

    Returns:
        list[MOTDetection]: By frame.
    """
    rows = []
    for _, time, person in _persons([result]):
        x1, y1, x2, y2 = person['bbox']
        best = person['actions'][0]
        rows.append(
            MOTDetection(
                round(time * _known(result['fps'])) + 1,
                _known(person['id']) + 1, x1, y1, round(x2 - x1, 1), round(y2 - y1, 1), best['score'],
                _class_ids(result)[best['label']], -1))
    return rows


def jsonl_rows(results: Sequence[VideoResult]) -> List[dict]:
    """One dict for each person at each key time.

    Args:
        results (Sequence[VideoResult]): Any number.

    Returns:
        list[dict]: ``video``, ``time``, and what :class:`DetectionDict` has.
    """
    return [dict(video=result['video'], time=time, **person) for result, time, person in _persons(results)]


def coco_dict(results: Sequence[VideoResult]) -> dict:
    """An image for each key time, an annotation for each action of each person there.

    Args:
        results (Sequence[VideoResult]): Any number, with the same classes.

    Returns:
        dict: ``images`` (id, file_name, video, time, frame, width, height), ``annotations`` (id, image_id,
        category_id, bbox as x, y, width, height in pixels, area, iscrowd, score, track_id) and ``categories``
        (id, name). Files of images do not exist: ``file_name`` is VIDEO/FRAME.jpg with the frame's number from 0.

    Raises:
        ValueError: If the results have different classes.
    """
    images: List[dict] = []
    annotations: List[dict] = []
    categories: Dict[int, str] = {}
    for result in results:
        for label, number in _class_ids(result).items():
            if categories.setdefault(number, label) != label:
                raise ValueError(f'class {number} is {categories[number]!r} and, in {result["video"]}, {label!r}: '
                                 'write the results of different models into different files')
        for key_time in result['detections']:
            frame = round(key_time['time'] * _known(result['fps']))
            name = osp.splitext(osp.basename(result['video']))[0]
            images.append(
                dict(
                    id=len(images) + 1,
                    file_name=f'{name}/{frame:06d}.jpg',
                    video=result['video'],
                    time=key_time['time'],
                    frame=frame,
                    width=result['width'],
                    height=result['height']))
            for person in key_time['persons']:
                x1, y1, x2, y2 = person['bbox']
                w, h = round(x2 - x1, 1), round(y2 - y1, 1)
                annotations += [
                    dict(
                        id=len(annotations) + index,
                        image_id=len(images),
                        category_id=_class_ids(result)[action['label']],
                        bbox=[x1, y1, w, h],
                        area=round(w * h, 2),
                        iscrowd=0,
                        score=action['score'],
                        track_id=person['id']) for index, action in enumerate(person['actions'], 1)
                ]
    return dict(
        images=images,
        annotations=annotations,
        categories=[dict(id=number, name=label) for number, label in sorted(categories.items())])


def read_ava_csv(path: str) -> List[AVADetection]:
    """Reads what :func:`write_results` wrote as 'ava'."""
    kinds = (str, float, float, float, float, float, int, float)
    # A video's name may have commas; AVA's csv has no quotes.
    lines = [line.rsplit(',', len(kinds) - 1) for line in _lines(path)]
    return [AVADetection(*(kind(field) for kind, field in zip(kinds, line))) for line in lines]


def read_mot_csv(path: str) -> List[MOTDetection]:
    """Reads what :func:`write_results` wrote as 'mot'."""
    kinds = (int, int, float, float, float, float, float, int, int)
    return [MOTDetection(*(kind(field) for kind, field in zip(kinds, line.split(',')))) for line in _lines(path)]


def write_results(results: Union[VideoResult, Sequence[VideoResult]], path: str, kind: str) -> None:
    """Writes results into a file, whole or not at all.

    Args:
        results (VideoResult | Sequence[VideoResult]): One video's or several; 'mot' takes one.
        path (str): The file; its folder is made.
        kind (str): 'json' (the dict as it is), 'jsonl', 'ava', 'coco' or 'mot'.

    Raises:
        LaunchError: If the file cannot be written.
        ValueError: If ``kind`` is unknown, or does not take several videos.
    """
    if kind not in WRITERS:
        raise ValueError(f'unknown kind of file {kind!r}; there are {", ".join(WRITERS)}')
    text = WRITERS[kind].text([results] if isinstance(results, dict) else list(results))
    write_text(path, text, make_folder=True)


def write_result(result: VideoResult, stem: str, kind: str) -> str:
    """Writes one video's result into ``stem`` with the ending of its kind.

    Args:
        result (VideoResult): The result.
        stem (str): Path without ending.
        kind (str): See :func:`write_results`.

    Returns:
        str: The path: ``stem`` with .json, .jsonl, .csv (AVA), _coco.json or _mot.txt.
    """
    path = stem + WRITERS[kind].ending
    write_results(result, path, kind)
    return path


def _persons(results: Sequence[VideoResult]) -> Iterator[Tuple[VideoResult, float, DetectionDict]]:
    for result in results:
        for key_time in result['detections']:
            for person in key_time['persons']:
                yield result, key_time['time'], person


def _class_ids(result: VideoResult) -> Dict[str, int]:
    return dict(zip(result['classes'], result['class_ids']))


def _known(value: Optional[Number]) -> Number:
    """A field that is null in results without detections only."""
    if value is None:
        raise ValueError('a result with detections has to name fps, width, height and the numbers of persons')
    return value


def _json_text(results: List[VideoResult]) -> str:
    return json.dumps(results[0] if len(results) == 1 else results, ensure_ascii=False) + '\n'


def _jsonl_text(results: List[VideoResult]) -> str:
    return ''.join(json.dumps(row, ensure_ascii=False) + '\n' for row in jsonl_rows(results))


def _ava_text(results: List[VideoResult]) -> str:
    return ''.join(
        f'{row.video_id},{row.timestamp:.10g},{row.x1:.5f},{row.y1:.5f},{row.x2:.5f},{row.y2:.5f},{row.action_id},'
        f'{row.score:.4f}\n' for row in ava_rows(results))


def _mot_text(results: List[VideoResult]) -> str:
    if len(results) != 1:
        raise ValueError(f'a MOT file holds one video, got {len(results)}')
    return ''.join(
        f'{row.frame},{row.id},{row.x:.1f},{row.y:.1f},{row.w:.1f},{row.h:.1f},{row.score:.4f},{row.class_id},'
        f'{row.visibility}\n' for row in mot_rows(results[0]))


def _coco_text(results: List[VideoResult]) -> str:
    return json.dumps(coco_dict(results), ensure_ascii=False) + '\n'


def _lines(path: str) -> List[str]:
    with open(path, encoding='utf-8') as file:
        return file.read().splitlines()


class Writer(NamedTuple):
    """A kind of file: how its name ends, and its text."""
    ending: str
    text: Callable[[List[VideoResult]], str]


WRITERS = {
    'json': Writer('.json', _json_text),
    'jsonl': Writer('.jsonl', _jsonl_text),
    'ava': Writer('.csv', _ava_text),
    'coco': Writer('_coco.json', _coco_text),
    'mot': Writer('_mot.txt', _mot_text)
}
