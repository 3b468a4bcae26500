"""What tells a source of any time from one that is read once."""
import numpy as np
from helpers.video_files import grey_pictures, write_frames

from mmstep.video import ArraySource, Recording, SeekableSource, SequentialSource, StreamSource, VideoSource


def test_files_and_arrays_can_be_asked_for_any_time(tmp_path):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(3))
    for source in (VideoSource(path), ArraySource(np.zeros((2, 4, 6, 3), np.uint8), 25)):
        assert isinstance(source, SeekableSource) and not isinstance(source, SequentialSource)


def test_streams_are_read_once(tmp_path):
    stream = StreamSource(f'file://{write_frames(tmp_path / "a.mp4", grey_pictures(3))}')
    for source in (stream, Recording(stream, str(tmp_path / 'b.mp4'))):
        assert isinstance(source, SequentialSource) and not isinstance(source, SeekableSource)
    stream.close()
