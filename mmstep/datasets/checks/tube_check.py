"""Check of a data set of densely annotated videos."""
import os.path as osp
from collections import defaultdict

import numpy as np

from mmstep.structures import TubeGroundTruth
from ..data_files import find_flow, locate_videos
from ..frame_folders import count_frames
from ..transforms import WindowInit
from ..transforms.clip_sampling import check_length
from ..tube_annotations import read_tube_annotations
from ..tube_checks import oddities, visible_rows
from ..tube_window_dataset import TubeWindowDataset
from .report import Report


def check_tubes(dataset: TubeWindowDataset, report: Report, open_videos: bool) -> None:
    """Checks every tube, box, class and video of one half of the split.

    Args:
        dataset (TubeWindowDataset): Made with ``lazy_init=True``.
        report (Report): Gets faults and figures.
        open_videos (bool): Whether to open every video file; folders of frames are counted in any case.
    """
    subset = 'test' if dataset.test_mode else 'train'
    try:
        truth = read_tube_annotations(dataset.ann_file, dataset.split, subset, dataset.test_list,
                                      lambda text: report.faults.append(f'{dataset.ann_file}: {text}'))
    except (ValueError, FileNotFoundError) as error:
        report.faults.append(str(error))
        return
    report.notes += [f'{dataset.ann_file}: {text}' for text in oddities(truth)]
    _check_videos(dataset, truth, report, open_videos)
    _describe(dataset, truth, report)


def _check_videos(dataset: TubeWindowDataset, truth: TubeGroundTruth, report: Report, open_videos: bool) -> None:
    folder, flow = dataset.data_prefix.get('img'), dataset.data_prefix.get('flow')
    if flow and osp.isdir(flow):
        try:
            find_flow(flow, truth.videos)
        except FileNotFoundError as error:
            report.faults.append(str(error))
    if not folder or not osp.isdir(folder):
        return
    paths = locate_videos(folder, truth.videos, dataset.use_frames)
    for video, nframes in zip(truth.videos, truth.nframes.tolist()):
        if video not in paths:
            report.faults.append(f'{dataset.ann_file}: the video {video} is not in {folder}')
            continue
        try:
            if dataset.use_frames:
                found = count_frames(paths[video], dataset.filename_tmpl, dataset.start_index)
            elif open_videos:
                found = WindowInit(max_open=1).transform(dict(filename=paths[video]))['total_frames']
            else:
                continue
            check_length(dict(num_frames_total=nframes, video_id=video), found, paths[video])
        except (ValueError, FileNotFoundError) as error:
            report.faults.append(str(error))


def _describe(dataset: TubeWindowDataset, truth: TubeGroundTruth, report: Report) -> None:
    report.lines.append(f'{len(truth.tube_video):,} tubes of {dataset.ann_file}: {len(truth.videos):,} videos, '
                        f'{int(truth.nframes.sum()):,} frames, {len(truth.rows):,} boxes')
    num = len(truth.labels)
    boxes = np.bincount(truth.tube_label[truth.row_tube], minlength=num).tolist()
    videos = defaultdict(set)
    for label, video in zip(truth.tube_label.tolist(), truth.tube_video.tolist()):
        videos[label].add(video)
    tubes = np.bincount(truth.tube_label, minlength=num).tolist()
    rows = {f'{i} {name}': [tubes[i], boxes[i], len(videos[i])] for i, name in enumerate(truth.labels)}
    report.add_counts('class', rows, ('tubes', 'boxes', 'videos'))
    kept = truth.rows[visible_rows(truth)]
    tube = truth.row_tube[visible_rows(truth)]
    if not len(kept):
        return
    video = truth.tube_video[tube]
    sizes = truth.resolution[video][:, ::-1]
    _, persons = np.unique(np.stack([video, kept[:, 0].astype(np.int64)]), axis=1, return_counts=True)
    report.add_spread('persons per annotated frame', persons)
    corners = np.clip(kept[:, 1:] + [0, 0, 1, 1], 0, np.concatenate([sizes, sizes], axis=1)) / np.tile(sizes, 2)
    report.add_spread('width of a box', 100 * (corners[:, 2] - corners[:, 0]), ' % of the picture')
    report.add_spread('height of a box', 100 * (corners[:, 3] - corners[:, 1]), ' % of the picture')
    report.add_spread('frames of a tube', np.bincount(truth.row_tube))
    clip = dataset.clip_len - 1
    if 0 < clip < len(kept):
        # A box and the one at the other end of a clip that begins with it.
        whole = (tube[clip:] == tube[:-clip]) & (kept[clip:, 0] - kept[:-clip, 0] == clip)
        centers = (corners[:, :2] + corners[:, 2:]) / 2
        moved = np.linalg.norm(centers[clip:] - centers[:-clip], axis=1)[whole]
        report.add_spread(f'displacement over a clip of {dataset.clip_len} frames', 100 * moved, ' % of the picture')
