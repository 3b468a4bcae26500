"""Reading and writing of videos, streams and cameras; knows no model and no data set."""
from mmstep.errors import VideoError
from .array_source import ArraySource
from .picture_folder import PictureFolder
from .recording import Recording
from .sources import (VIDEO_EXTENSIONS, FrameSource, Input, SeekableSource, SequentialSource, Source, file_stems,
                      files_of_input, input_name, list_inputs, open_source)
from .stream_source import StreamSource, is_stream
from .video_source import VideoSource
from .video_writer import VideoWriter

__all__ = [
    'VIDEO_EXTENSIONS', 'ArraySource', 'FrameSource', 'Input', 'PictureFolder', 'Recording', 'SeekableSource',
    'SequentialSource', 'Source', 'StreamSource', 'VideoError', 'VideoSource', 'VideoWriter', 'file_stems',
    'files_of_input', 'input_name', 'is_stream', 'list_inputs', 'open_source'
]
