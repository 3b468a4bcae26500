"""The results for a video as plain data: what the inferencer returns and what the JSON files hold.

Every key is always there and always of the same type, so that the data can be read without looking.
"""
from typing import Any, Dict, List, Optional, TypedDict, Union, cast


class Action(TypedDict):
    """An action of a person."""
    label: str  # name of the class
    score: float  # 0..1


class TubeBox(TypedDict):
    """Where a person is at one time."""
    time: float  # seconds from the first frame; may lie before it or after the last one
    bbox: List[float]  # x1, y1, x2, y2 in pixels of the source


class DetectionDict(TypedDict):
    """A person at a key time: :class:`Detection` as plain data."""
    id: Optional[int]  # number of the person, the same over time; null from a detector alone
    bbox: List[float]  # x1, y1, x2, y2 at the key time in pixels of the source
    actions: List[Action]  # best first, at least one
    tube: List[TubeBox]  # the clip around the key time, one box for each feature frame


class KeyFrameDict(TypedDict):
    """The persons at a key time: :class:`KeyFrame` as plain data."""
    time: float  # seconds from the first frame
    persons: List[DetectionDict]  # best first


class VideoResult(TypedDict):
    """The result for a video or another input."""
    video: str  # path or address; 'camera 0', 'array'
    error: Optional[str]  # why there is no result, for people
    fps: Optional[float]  # frames a second of the source; null if it cannot be read
    width: Optional[int]  # pixels
    height: Optional[int]  # pixels
    duration: Optional[float]  # seconds; null if it cannot be read
    config: str  # file of the model's config
    checkpoint: Optional[str]  # file or address of its weights; null if they are random or not known
    classes: List[str]  # names of the action classes
    class_ids: List[int]  # their numbers in the label map
    stride_seconds: Optional[float]  # between key times; null if the source cannot be read
    score_thr: Union[float, Dict[str, float]]  # as given
    detections: List[KeyFrameDict]  # by time
    broken_from: Optional[float]  # second from which on the file is damaged
    complete: bool  # false if the run was broken off: detections are those up to then


def empty_result(video: str, **known: Any) -> VideoResult:
    """A result without detections.

    Args:
        video (str): Name of the input.
        **known: Values of other fields.

    Returns:
        VideoResult: With null, an empty list or false in the fields that are not given.

    Raises:
        TypeError: If there is no such field.

    Example:
        >>> empty_result('a.mp4', error='cut off')['detections']
        []
    """
    result = VideoResult(
        video=video,
        error=None,
        fps=None,
        width=None,
        height=None,
        duration=None,
        config='',
        checkpoint=None,
        classes=[],
        class_ids=[],
        stride_seconds=None,
        score_thr=0.0,
        detections=[],
        broken_from=None,
        complete=False)
    unknown = set(known) - set(result)
    if unknown:
        raise TypeError(f'a VideoResult has no field {", ".join(sorted(unknown))}')
    return cast(VideoResult, {**result, **known})


def source_fields(source) -> dict:
    """What a result says of the frames' source.

    Args:
        source (VideoSource | ArraySource | StreamSource): The source.

    Returns:
        dict: ``fps``, ``width``, ``height`` and ``duration``, which is None for a stream.
    """
    duration = getattr(source, 'duration', None)
    return dict(
        fps=round(float(source.fps), 4),
        width=int(source.width),
        height=int(source.height),
        duration=None if duration is None else round(float(duration), 3))
