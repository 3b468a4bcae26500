"""A stream that is kept on the disk while it is read, so that it can be drawn on afterwards."""
import os
from typing import Iterator, Tuple

import numpy as np

from .stream_source import StreamSource
from .video_writer import VideoWriter


class Recording:
    """Reads a stream and writes its frames into a file at the stream's nominal rate: where frames come late the one
    before is repeated, where they come early one is left out, so that times stay right.

    Args:
        stream (StreamSource): The stream.
        path (str): The .mp4 file.

    Attributes:
        path, fps, width, height, broken_from: Those of the stream.
        file (str): The .mp4 file.
    """

    def __init__(self, stream: StreamSource, path: str) -> None:
        self._stream = stream
        self.file = path
        self.path, self.fps, self.broken_from = stream.path, stream.fps, stream.broken_from
        self.width, self.height = stream.width, stream.height

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields what the stream does."""
        with VideoWriter(self.file, self.fps, (self.width, self.height)) as writer:
            last = None
            for frame, time in self._stream:
                # The frame before is on the screen until now.
                while last is not None and writer.count < round(time * self.fps):
                    writer.write(last)
                last = frame
                yield frame, time
            if last is not None:
                writer.write(last)

    def remove(self) -> None:
        """Deletes the file."""
        if os.path.exists(self.file):
            os.remove(self.file)
