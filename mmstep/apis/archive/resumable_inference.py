"""Detection in a file of an archive; what was found before the run was killed counts."""
import os
import os.path as osp

from mmstep.errors import LaunchError, VideoError
from mmstep.utils import printable
from ..inferencer import STEPInferencer
from ..persons.video_result import VideoResult
from .archive_run import ArchiveRun


def infer_file(inferencer: STEPInferencer, run: ArchiveRun, folder: str, video: str, **options) -> VideoResult:
    """Does what :class:`STEPInferencer` does with a file, without tubes, and goes on where an earlier run stopped.

    Args:
        inferencer (STEPInferencer): Its model is used.
        run (ArchiveRun): Where the results are.
        folder (str): Folder of the videos.
        video (str): Path in it.
        **options: ``stride``, ``score_thr``, ``batch_size``, ``fps`` and ``model_fps`` as of the inferencer.

    Returns:
        VideoResult: The same whether and wherever earlier runs were killed; of a video on which anything fails with
        the reason.

    Raises:
        LaunchError: If no video can go on, as with a full disk.
    """
    path = osp.join(folder, video)
    task = inferencer.pipeline(path, keep='boxes', **options)
    try:
        if printable(video) != video:
            raise VideoError(f'the name {printable(path)} is not valid UTF-8: rename the file')
        with task:
            status = os.stat(path)
            before, journal = run.journal(video, dict(size=status.st_size, modified=status.st_mtime_ns))
            task.earlier = before
            for number, key_frame in enumerate(task):
                if number >= len(before):
                    journal.add(key_frame)
    except Exception as error:  # noqa: B902  whatever it is, the other videos go on
        if isinstance(error, LaunchError) and not isinstance(error, VideoError):
            raise  # it is not the video's
        task.fail(error)
        task.result['detections'] = []
    return task.result
