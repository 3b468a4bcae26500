"""Example videos for a page in the browser, as files that browsers play."""
import os.path as osp
from pathlib import Path
from typing import List

import av
import numpy as np

from mmstep.video.sources import VIDEO_EXTENSIONS
from mmstep.video.video_source import VideoSource
from mmstep.video.video_writer import VideoWriter

MAX_EXAMPLES = 4
# What browsers play, by the ending of the file. Others are detected in all the same, but a page cannot show them.
PLAYABLE_CODECS = {'.mp4': ('h264', 'vp9', 'av1'), '.webm': ('vp8', 'vp9', 'av1')}
PLAYABLE_FORMATS = ('yuv420p', 'yuvj420p')  # 8 bits, 4:2:0


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
    """Copies a video to a .webm, which every browser plays, unless they play it as it is.

    Args:
        video (str): Its path.
        folder (str): Where the copy goes.

    Returns:
        str: Path of the copy or of the video.

    Raises:
        VideoError: If the video cannot be read, or the copy not written.
    """
    if is_playable(video):
        return video
    source = VideoSource(video)
    with VideoWriter(osp.join(folder, f'{Path(video).stem}.webm'), source.fps,
                     (source.width, source.height)) as writer:
        # At a constant rate: of a variable one frames are repeated or left out, so that times stay right.
        for time in np.arange(0, source.duration - 0.5 / source.fps, 1 / source.fps):
            writer.write(source.frames_at([time])[0])
    return writer.path


def is_playable(video: str) -> bool:
    """Whether browsers play a video file as it is.

    Args:
        video (str): Its path.

    Returns:
        bool: Whether they do; False also if it cannot be read.
    """
    codecs = PLAYABLE_CODECS.get(osp.splitext(video)[1].lower(), ())
    try:
        with av.open(video) as container:
            context = container.streams.video[0].codec_context
            return context.codec.canonical_name in codecs and context.pix_fmt in PLAYABLE_FORMATS
    except (av.FFmpegError, IndexError):  # no video, which whoever opens it says better
        return False
