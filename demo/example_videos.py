"""Example videos for a page in the browser, as files that browsers play."""
import os.path as osp
from pathlib import Path
from typing import List

import cv2

from mmstep.video.sources import VIDEO_EXTENSIONS
from mmstep.video.video_source import VideoSource
from mmstep.video.video_writer import VideoWriter

MAX_EXAMPLES = 4
# What browsers play; files of another codec are detected in all the same, but a page cannot show them.
PLAYABLE_CODECS = ('avc1', 'h264', 'VP80', 'VP90', 'AV01')


def find_examples(source: str, folder: str) -> List[str]:
    """Finds some example videos, those that no model was trained on first, as files that browsers play.

    Args:
        source (str): Folder of videos, which need not be there.
        folder (str): Where copies of videos go that browsers do not play.

    Returns:
        list[str]: Paths, at most :data:`MAX_EXAMPLES`.

    Raises:
        VideoError: If a video that has to be copied cannot be read, or its copy not written.
    """
    there = sorted(path for path in Path(source).glob('*') if path.suffix.lower() in VIDEO_EXTENSIONS)
    there.sort(key=lambda path: not path.stem.startswith('heldout'))
    return [playable_copy(str(path), folder) for path in there[:MAX_EXAMPLES]]


def playable_copy(video: str, folder: str) -> str:
    """Copies a video to a .webm unless browsers play it as it is.

    Args:
        video (str): Its path.
        folder (str): Where the copy goes.

    Returns:
        str: Path of the copy or of the video.

    Raises:
        VideoError: If the video cannot be read, or the copy not written.
    """
    # OpenCV says -1 of some files that it cannot read.
    code = int(cv2.VideoCapture(video).get(cv2.CAP_PROP_FOURCC)) & 0xffffffff
    if code.to_bytes(4, 'little').decode('latin-1') in PLAYABLE_CODECS:
        return video
    source = VideoSource(video)
    with VideoWriter(osp.join(folder, f'{Path(video).stem}.webm'), source.fps,
                     (source.width, source.height)) as writer:
        for time in source.times:
            writer.write(source.frames_at([time])[0])
    return writer.path
