"""Key frames of the mini data set as pictures, with boxes in COCO's form, for detectors of MMDetection."""
import json
from collections import defaultdict
from pathlib import Path
from typing import Dict, List, Tuple

from mmstep.datasets.ava_csv import read_annotations
from mmstep.utils import write_image, write_text
from mmstep.video.video_source import VideoSource


def write_key_frames(data: Path, split: str, out: Path) -> None:
    """Writes the annotated frames of a split, and then ``OUT/SPLIT.json``; nothing if that is there.

    Args:
        data (Path): Folder of the mini data set.
        split (str): 'train' or 'val'.
        out (Path): Folder for pictures and annotations.
    """
    if (out / f'{split}.json').is_file():
        return
    persons: Dict[str, Dict[int, set]] = defaultdict(lambda: defaultdict(set))
    for row in read_annotations(str(data / f'annotations/mini_{split}.csv')):
        persons[row.video_id][row.timestamp].add(row.box)
    (out / split).mkdir(parents=True, exist_ok=True)
    images: List[dict] = []
    annotations: List[dict] = []
    for video, seconds in persons.items():
        source = VideoSource(str(data / f'videos/{video}.mp4'))
        for second, boxes in seconds.items():
            picture, = source.frames_at([float(second)])
            name = f'{split}/{video}_{second:04d}.png'
            write_image(out / name, picture)
            height, width = picture.shape[:2]
            images.append(dict(id=len(images), file_name=name, width=width, height=height))
            for box in sorted(boxes):
                annotations.append(coco_box(box, (height, width), len(annotations) + 1, images[-1]['id']))
        source.close()
    content = dict(images=images, annotations=annotations, categories=[dict(id=1, name='person')])
    write_text(out / f'{split}.json', json.dumps(content))


def coco_box(box: Tuple[float, ...], size: Tuple[int, int], number: int, image: int) -> dict:
    """A person in COCO's form.

    Args:
        box (tuple): x1, y1, x2, y2 as fractions of the picture.
        size (tuple[int, int]): Height and width of the picture.
        number (int): Number of the annotation.
        image (int): Number of the picture.

    Returns:
        dict: The entry.
    """
    height, width = size
    x1, y1, x2, y2 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    area = (x2 - x1) * (y2 - y1)
    return dict(id=number, image_id=image, category_id=1, bbox=[x1, y1, x2 - x1, y2 - y1], area=area, iscrowd=0)
