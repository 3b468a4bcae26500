"""What a config says about testing: the window, its preparation and the names of the classes."""
import logging
from typing import List, Optional, Tuple

from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.logging import print_log

from mmstep.datasets.ava_csv import read_label_map
from mmstep.errors import LaunchError

# Geometric transforms other than Resize; boxes could not be mapped back to the video.
MOVING = ('Crop', 'Flip', 'Shift', 'Pad', 'Rotate', 'Rescale')


def dataset_of_test(cfg: Config) -> dict:
    """The test data set's part of a config, without wrappers around it."""
    dataset = cfg.get('test_dataloader', {}).get('dataset', {})
    while 'dataset' in dataset:
        dataset = dataset['dataset']
    return dataset


def transforms_of_test(cfg: Config) -> list:
    """The transforms of a test window: ``test_pipeline``, or those of the test data."""
    pipeline = cfg.get('test_pipeline') or dataset_of_test(cfg).get('pipeline')
    if not pipeline:
        raise LaunchError(f'{cfg.filename}: neither test_pipeline nor test_dataloader.dataset.pipeline says how a '
                          'window is prepared')
    return pipeline


def split_preparation(cfg: Config) -> Tuple[Compose, Compose]:
    """The part of the config's test pipeline that follows the decoding.

    Args:
        cfg (Config): The config.

    Returns:
        tuple[Compose, Compose]: What is done to each frame and flow map, and the packing of a window into ``inputs``
        and ``data_samples``, which begins with FormatShape, or with PackTubeInputs where there is flow alone.

    Raises:
        LaunchError: If nothing in the pipeline decodes or packs, or a transform between moves the picture other than
            by Resize.
    """
    pipeline = transforms_of_test(cfg)
    names = [transform['type'].split('.')[-1] for transform in pipeline]
    decoders = [index for index, name in enumerate(names) if name.endswith('Decode')]
    if not decoders:
        raise LaunchError(f'{cfg.filename}: the test pipeline has no transform whose name ends with "Decode": '
                          f'{", ".join(names)}')
    first = decoders[-1] + 1
    # Flow is packed without FormatShape, which is about pictures.
    alone = {names[index] for index in decoders} == {'FlowFramesDecode'}
    wanted = 'PackTubeInputs' if alone else 'FormatShape'
    if wanted not in names:
        raise LaunchError(f'{cfg.filename}: the test pipeline has no {wanted}: {", ".join(names)}')
    packing = names.index(wanted)
    for name in names[first:]:
        if any(word in name for word in MOVING):
            raise LaunchError(f'{cfg.filename}: {name} in the test pipeline; boxes can be brought back to the video '
                              'through Resize only')
    return Compose(pipeline[first:packing]), Compose(pipeline[packing:])


def class_names(cfg: Config) -> Optional[List[str]]:
    """The names of a model's action classes.

    Taken from the config's ``class_names``, so that a model works without its data set; else from the label map
    (``label_file``) and the ``custom_classes`` of the test data. Without any they are "class 1", "class 2" ... by the
    model's number of classes, which is logged.

    Args:
        cfg (Config): The config.

    Returns:
        list[str] or None: Names of the classes 1, 2, ... (column 0 of the scores is unused); None if the config has
            neither names nor a number of classes.
    """
    if cfg.get('class_names'):
        return list(cfg.class_names)
    dataset = dataset_of_test(cfg)
    path = dataset.get('label_file') or cfg.get('label_file')
    try:
        names = read_label_map(path) if path else {}
    except FileNotFoundError as error:
        print_log(
            f'{error}: classes are called "class 1", "class 2" ... '
            "Put class_names = ['walk', ...] into the config to name them",
            logger='current',
            level=logging.WARNING)
        return _numbered_classes(cfg)
    ids = dataset.get('custom_classes') or range(1, dataset.get('num_classes', len(names) + 1))
    return [names.get(index, f'class {index}') for index in ids] or _numbered_classes(cfg)


def _numbered_classes(cfg: Config) -> Optional[List[str]]:
    """Names classes by their number, from 'class 1' on, as many as the model's heads have."""
    head = cfg.get('model', {}).get('roi_head', {}).get('bbox_head', {})
    count = (head[0] if isinstance(head, (list, tuple)) else head).get('num_classes')
    return count and [f'class {index}' for index in range(1, count + 1)]


def class_ids(cfg: Config, count: int) -> List[int]:
    """The numbers that a model's action classes have in the label map.

    Args:
        cfg (Config): The config.
        count (int): Number of classes.

    Returns:
        list[int]: ``custom_classes`` of the test data, else 1 to ``count``.
    """
    chosen = dataset_of_test(cfg).get('custom_classes')
    return [int(index) for index in chosen] if chosen else list(range(1, count + 1))
