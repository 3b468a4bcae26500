"""Pictures of what a data set hands to the model: key frames, and whole windows after augmentation."""
import copy
import os
import os.path as osp
from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np
import torch
from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmstep.datasets.ava_files import key_time
from mmstep.engine.config_files import explain_config_errors
from mmstep.engine.seeding import seed_sample
from mmstep.errors import LaunchError
from mmstep.utils import cannot_write, write_image
from mmstep.visualization import contact_sheet, draw_dashed_box, draw_persons, person_color
from ..config_reading import class_names

LEAST_SIDE = 240  # of a drawn frame, pixels; labels want room
COLUMNS = 10  # frames of a window side by side
SHEET = 'sheet.jpg'


class WindowView(NamedTuple):
    """A drawn window.

    Attributes:
        name (str): Video and time, as a name of a file.
        key_frame (np.ndarray): (H, W, 3) uint8, RGB: the middle frame as it is in the video, with what is annotated.
        window (np.ndarray): (H', W', 3): all feature frames as the model gets them, in rows.
    """
    name: str
    key_frame: np.ndarray
    window: np.ndarray


def browse_dataset(cfg: Config, path: str, split: str, out_dir: str, number: int = 20) -> List[str]:
    """Draws windows of a data set into a folder.

    ``NAME_key.jpg`` is the key frame with boxes, classes and identities; ``NAME_window.jpg`` the window after all
    transforms, a picture for each feature frame, dashed where a box is not annotated and not trained; ``sheet.jpg``
    has the key frames on one page. Windows are spread evenly over the data set; two runs draw the same.

    Args:
        cfg (Config): The config.
        path (str): Its file, for messages.
        split (str): 'train', 'val' or 'test'.
        out_dir (str): The folder; it is made.
        number (int): How many windows. Defaults to 20.

    Returns:
        list[str]: The files, the sheet last.

    Raises:
        LaunchError: If the config has no such data set, or a file cannot be written.
    """
    if number < 1:
        raise LaunchError(f'at least one window has to be drawn, got {number}')
    loader = cfg.get(f'{split}_dataloader')
    if not loader:
        raise LaunchError(f'{path} has no {split}_dataloader')
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, path):
        dataset = DATASETS.build(loader['dataset'])
    names = class_names(cfg)
    try:
        os.makedirs(out_dir, exist_ok=True)
    except OSError as error:
        raise cannot_write(out_dir, error) from error
    files: List[str] = []
    sheet: List[Tuple[str, np.ndarray]] = []
    for view in window_views(dataset, names, number):
        for kind, picture in (('key', view.key_frame), ('window', view.window)):
            files.append(osp.join(out_dir, f'{view.name}_{kind}.jpg'))
            write_image(files[-1], picture)
        sheet.append((view.name, view.key_frame))
    files.append(osp.join(out_dir, SHEET))
    write_image(files[-1], contact_sheet([picture for _, picture in sheet], [name for name, _ in sheet]))
    return files


def window_views(dataset: Any, names: Optional[Sequence[str]], number: int) -> Iterator[WindowView]:
    """Draws windows of a data set.

    Args:
        dataset (Dataset): ``AVAWindowDataset``, a ``TubeWindowDataset``, or one that wraps them.
        names (Sequence[str], optional): Names of the classes; a data set of tubes names its own.
        number (int): How many, evenly spread.

    Yields:
        WindowView: The pictures of one.
    """
    places = [(inner, index) for inner in _unwrap(dataset) for index in range(len(inner))]
    for place in np.unique(np.linspace(0, len(places) - 1, min(number, len(places))).round().astype(int)):
        inner, index = places[place]
        labels = list(inner.metainfo.get('classes') or names or [])
        yield _view(inner, index, labels)


def _unwrap(dataset: Any) -> List[Any]:
    """The data sets within wrappers such as RepeatDataset and ConcatDataset."""
    if hasattr(dataset, 'datasets'):
        return [inner for item in dataset.datasets for inner in _unwrap(item)]
    return _unwrap(dataset.dataset) if hasattr(dataset, 'dataset') else [dataset]


def _view(dataset: Any, index: int, names: List[str]) -> WindowView:
    # The draws of a window are its own, whichever others are drawn.
    seed_sample(index)
    packed = dataset.pipeline(dataset.get_data_info(index))
    window, sample = _frames(packed['inputs']), packed['data_samples']
    key = _key_frame(dataset, index, names)
    height, width = window.shape[1:3]
    if key is None:
        tubes = sample.gt_tubes
        middle = tubes.bboxes.shape[1] // 2
        key = _draw(window[(2 * middle + 1) * len(window) // (2 * tubes.bboxes.shape[1])], tubes, middle, names)
    rows = []
    for row in range(0, sample.gt_tubes.bboxes.shape[1], COLUMNS):
        rows.append(range(row, min(row + COLUMNS, sample.gt_tubes.bboxes.shape[1])))
    stride = len(window) // sample.gt_tubes.bboxes.shape[1]
    pictures = [_draw(window[i * stride + stride // 2], sample.gt_tubes, i, names) for row in rows for i in row]
    captions = [f'feature frame {i}' for row in rows for i in row]
    strip = contact_sheet(pictures, captions, min(COLUMNS, len(pictures)), pictures[0].shape[0])
    return WindowView(_name(sample), key, strip)


def _key_frame(dataset: Any, index: int, names: List[str]) -> Optional[np.ndarray]:
    """The middle frame before it is changed; None for optical flow alone."""
    results = dataset.get_data_info(index)
    for transform in dataset.pipeline.transforms:
        if getattr(transform, 'jitter', 0):
            transform = copy.copy(transform)
            transform.jitter = 0
        results = transform(results)
        if type(transform).__name__.endswith('Decode') and 'imgs' in results:
            break
    else:
        return None
    boxes, valid = np.asarray(results['gt_bboxes'], dtype=np.float64), np.asarray(results['gt_valid'])
    middle = boxes.shape[1] // 2
    stride = len(results['imgs']) // boxes.shape[1]
    there = valid[:, middle]
    return _draw_persons(results['imgs'][middle * stride + stride // 2], boxes[there, middle],
                         np.asarray(results['gt_labels'])[there],
                         np.asarray(results['entity_ids'])[there], names)


def _draw(frame: np.ndarray, tubes: Any, place: int, names: List[str]) -> np.ndarray:
    """A frame of the window with the boxes of its feature frame; dashed where they are not trained."""
    valid = tubes.valid[:, place].numpy().astype(bool)
    boxes = tubes.bboxes[:, place].numpy().astype(np.float64)
    labels, ids = tubes.labels.numpy(), tubes.entity_ids.numpy()
    picture = _draw_persons(frame, boxes[valid], labels[valid], ids[valid], names)
    scale = picture.shape[0] / frame.shape[0]
    for box, number in zip(boxes[~valid] * scale, ids[~valid].tolist()):
        draw_dashed_box(picture, box, person_color(max(number, 0)))
    return picture


def _draw_persons(frame: np.ndarray, boxes: np.ndarray, labels: np.ndarray, ids: np.ndarray,
                  names: List[str]) -> np.ndarray:
    scale = max(LEAST_SIDE / min(frame.shape[:2]), 1.)
    size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
    picture = cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC) if scale > 1 else np.array(frame)
    actions = [_actions(label, names) for label in labels]
    return draw_persons(picture, boxes * scale, actions, [None if number < 0 else number for number in ids.tolist()])


def _actions(label: np.ndarray, names: List[str]) -> List[Tuple[str, Optional[float]]]:
    """Names of a person's actions."""
    indices = [int(label)] if label.ndim == 0 else (np.flatnonzero(label[1:])).tolist()
    texts = [names[index] if index < len(names) else f'class {index + 1}' for index in indices] or ['no class']
    return [(text, None) for text in texts]


def _frames(inputs: Any) -> np.ndarray:
    """Frames of a window as RGB pictures (F, H, W, 3); flow as its length, the longest white."""
    if isinstance(inputs, dict):
        inputs = inputs['imgs' if 'imgs' in inputs else 'flows']
    if inputs.shape[0] == 3:
        return inputs.permute(1, 2, 3, 0).numpy().astype(np.uint8)
    length = torch.linalg.vector_norm(inputs.float(), dim=0).numpy()
    grey = (255 * length / max(float(length.max()), 1.)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=3)


def _name(sample: Any) -> str:
    stem = str(sample.video_id).replace('/', '_')
    time = sample.get('timestamp')
    return f'{stem}_{key_time(time)}' if time is not None else f'{stem}_frame{sample.clip_start:06d}'
