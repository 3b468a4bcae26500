"""Opens videos with decord, and with OpenCV those that decord refuses."""
import os.path as osp

REPAIR = ('Download or copy it again, or try to repair it: ffmpeg -i {path} -c copy repaired.mp4, or with '
          '-c:v libx264 -crf 18 -an in place of -c copy')


def short_reason(error: Exception) -> str:
    """First line of an error's message: decord appends its call stack."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def open_video(path: str, num_threads: int = 1) -> object:
    """Opens a video with decord.

    Args:
        path (str): The file.
        num_threads (int): Threads that decode. Defaults to 1.

    Returns:
        decord.VideoReader: The reader; its frames are RGB.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is empty or decord finds no video in it.
    """
    import decord
    if not osp.isfile(path):
        raise FileNotFoundError(f'video {path} does not exist')
    if osp.getsize(path) == 0:
        raise ValueError(f'video {path} is empty (0 bytes): its download or copy was broken off. Get it again')
    try:
        reader = decord.VideoReader(path, num_threads=num_threads)
        frames = len(reader)
    except (decord.DECORDError, RuntimeError) as error:
        raise ValueError(f'{path} cannot be opened as a video: it is not one, or it is damaged or cut short, or a '
                         'fragmented mp4. '
                         f'{REPAIR.format(path=path)} (decord: {short_reason(error)})') from error
    if frames == 0:
        raise ValueError(f'{path} has no video frame. {REPAIR.format(path=path)}')
    return reader
