"""Detection in a file of an archive; what was found before the run was killed counts."""
import os
import os.path as osp

from mmstep.errors import VideoError
from mmstep.video.video_probe import VideoProbe
from mmstep.video.video_source import VideoSource
from ..detection.detect_video import detect_video, video_layout
from ..inferencer import STEPInferencer
from ..persons.person_matcher import PersonMatcher
from ..persons.video_result import VideoResult, empty_result, source_fields
from .archive_run import ArchiveRun, printable


def infer_file(inferencer: STEPInferencer, run: ArchiveRun, probe: VideoProbe, folder: str, video: str,
               **options) -> VideoResult:
    """Does what :class:`STEPInferencer` does with a file, without tubes, and goes on where an earlier run stopped.

    Args:
        inferencer (STEPInferencer): Its model is used.
        run (ArchiveRun): Where the results are.
        probe (VideoProbe): Opens the file first.
        folder (str): Folder of the videos.
        video (str): Path in it.
        **options: ``stride``, ``score_thr``, ``batch_size`` and ``model_fps`` as of the inferencer.

    Returns:
        VideoResult: The same whether and wherever earlier runs were killed; of a broken video with the reason.
    """
    path = osp.join(folder, video)
    result = empty_result(
        path, classes=inferencer.classes, class_ids=inferencer.class_ids, score_thr=options['score_thr'])
    matcher = PersonMatcher()

    def keep(key_frame):
        matcher.update(key_frame)
        entry = key_frame.to_dict()
        for person in entry['persons']:
            person['tube'] = []  # of a day's recording they would fill the memory
        result['detections'].append(entry)

    try:
        if printable(video) != video:
            raise VideoError(f'the name {printable(path)} is not valid UTF-8: rename the file')
        probe.check(path)
        source = VideoSource(path)
        layout = video_layout(inferencer.cfg, source, options['model_fps'])
        result.update(source_fields(source), stride_seconds=round(layout.round_stride(options['stride']), 4))
        status = os.stat(path)
        before, journal = run.journal(video, dict(size=status.st_size, modified=status.st_mtime_ns))
        for key_frame in before:
            keep(key_frame)
        found = detect_video(
            inferencer.model,
            inferencer.cfg,
            source,
            options['stride'],
            options['score_thr'],
            options['batch_size'],
            options['model_fps'],
            start=len(before))
        for key_frame in found:
            journal.add(key_frame)
            keep(key_frame)
    except VideoError as error:
        return dict(result, error=str(error), detections=[])
    broken_from = source.broken_from
    return dict(result, broken_from=broken_from and round(broken_from, 3), complete=True)
