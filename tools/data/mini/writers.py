"""Writers of videos and annotations: .mp4, AVA's csv and pbtxt, ACT's pickle of per-frame tubes."""
import pickle
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

import cv2
import numpy as np
from actions import ACTIONS
from scene import Scene


class Annotation(NamedTuple):
    """What one video holds.

    Args:
        video_id (str): Name of the video without its extension.
        rows (list[str]): Lines of AVA's csv.
        num_frames (int): Number of frames.
        tubes (dict): From label index (0-based) to a list of float32 (n, 5): frame (1-based), x1, y1, x2, y2 in
            pixels, 0-based and inclusive.
    """
    video_id: str
    rows: List[str]
    num_frames: int
    tubes: Dict[int, List[np.ndarray]]


def key_seconds(scene: Scene) -> range:
    """The annotated seconds t: those whose window [t - 1.5, t + 1.5) lies in the video with half a second to spare."""
    return range(2, scene.num_frames // scene.fps - 1)


def annotate(scene: Scene, video_id: str) -> Annotation:
    """Boxes and labels of a scene at every key second and in every frame."""
    rows = []
    for second in key_seconds(scene):
        frame = second * scene.fps
        for actor in sorted(scene.actors, key=lambda a: a.person_id):
            box = actor.box(frame, scene.fps, scene.size) / scene.size
            numbers = ','.join(f'{value:.5f}' for value in box)
            action_id = ACTIONS.index(actor.action(frame, scene.fps)) + 1
            rows.append(f'{video_id},{second:04d},{numbers},{action_id},{actor.person_id}')
    return Annotation(video_id, rows, scene.num_frames, _tubes(scene))


def _tubes(scene: Scene) -> Dict[int, List[np.ndarray]]:
    tubes: Dict[int, List[np.ndarray]] = {}
    for actor in scene.actors:
        previous, rows = None, []
        for frame in range(scene.num_frames + 1):
            action = actor.action(frame, scene.fps) if frame < scene.num_frames else None
            if action != previous and rows:
                tubes.setdefault(ACTIONS.index(previous), []).append(np.array(rows, np.float32))
                rows = []
            if action is not None:
                x1, y1, x2, y2 = actor.box(frame, scene.fps, scene.size)
                rows.append((frame + 1, x1, y1, x2 - 1, y2 - 1))
            previous = action
    return tubes


def write_video(scene: Scene, path: Path) -> None:
    """Writes a scene as .mp4.

    Raises:
        OSError: If OpenCV cannot write the file, or the file does not hold every frame afterwards.
    """
    draft = path.with_name(f'.{path.name}')
    writer = cv2.VideoWriter(str(draft), cv2.VideoWriter_fourcc(*'mp4v'), scene.fps, (scene.size, scene.size))
    if not writer.isOpened():
        raise OSError(f'OpenCV cannot write {path}: is the disk full? Check that the folder is writable and that this '
                      'OpenCV build has FFmpeg (cv2.getBuildInformation())')
    for image in scene.frames():
        writer.write(image)
    writer.release()
    reader = cv2.VideoCapture(str(draft))
    found = int(reader.get(cv2.CAP_PROP_FRAME_COUNT))
    reader.release()
    if found != scene.num_frames:
        draft.unlink(missing_ok=True)
        raise OSError(f'{path} holds {found} frames after writing {scene.num_frames}: is the disk full?')
    draft.replace(path)


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file, whole or not at all.

    Raises:
        OSError: If it cannot be written; it names the file.
    """
    draft = path.with_name(f'.{path.name}')
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_csv(annotations: Sequence[Annotation], path: Path) -> None:
    """Writes AVA's csv: video_id, timestamp, x1, y1, x2, y2 (0..1), action_id, person_id."""
    write_bytes(path, ''.join(f'{row}\n' for item in annotations for row in item.rows).encode())


def write_action_list(path: Path) -> None:
    """Writes the map from action ids to names in AVA's pbtxt form."""
    items = (f'item {{\n  name: "{name}"\n  id: {index}\n}}\n' for index, name in enumerate(ACTIONS, 1))
    write_bytes(path, ''.join(items).encode())


def write_tubes(annotations: Dict[str, Sequence[Annotation]], size: int, path: Path) -> None:
    """Writes per-frame tubes in the layout of ACT's pickles (UCF101-24, J-HMDB).

    Training videos are the split ``train``, test videos the split ``val``; held-out videos are in neither list.
    """
    everything = [item for items in annotations.values() for item in items]
    content = dict(
        labels=list(ACTIONS),
        gttubes={item.video_id: item.tubes
                 for item in everything},
        nframes={item.video_id: item.num_frames
                 for item in everything},
        train_videos=[[item.video_id for item in annotations['train']]],
        test_videos=[[item.video_id for item in annotations['val']]],
        resolution={item.video_id: (size, size)
                    for item in everything})
    write_bytes(path, pickle.dumps(content, protocol=4))
