"""The rules of MultiSports against MMAction2's own code, rule by rule, on random sets."""
from collections import defaultdict

import numpy as np
import pytest
from helpers.tube_cases import random_case
from mmaction.evaluation.functional import multisports_utils

from mmstep.evaluation import frame_map, link_tubes, video_map
from mmstep.structures import ActionTube, Tubelets, tubelets_by_video

EXCLUDED = 'basketball save'


@pytest.fixture
def theirs(monkeypatch):
    """MMAction2's functions; numpy 2.4 no longer makes an int of an array of one number, which they need."""
    monkeypatch.setattr(
        multisports_utils,
        'int',
        lambda value: value.item() if isinstance(value, np.ndarray) else int(value),
        raising=False)
    monkeypatch.setattr(multisports_utils, 'track', lambda items, description: items)
    return multisports_utils


def small_set(seed):
    """Annotations, in their form too, and detections of single frames, shuffled."""
    truth, tubelets = random_case(seed, num_labels=4, clip_len=1, specific=True)
    order = np.random.default_rng(seed).permutation(len(tubelets.video))
    tubelets = Tubelets(*(column[order] for column in tubelets))
    if seed % 2:  # one annotated class is not scored
        truth = truth._replace(labels=[EXCLUDED, *truth.labels[1:]])
    tubes = {video: defaultdict(list) for video in truth.videos}
    for tube, (video, label) in enumerate(zip(truth.tube_video, truth.tube_label)):
        tubes[truth.videos[video]][int(label)].append(truth.rows[truth.row_tube == tube])
    annotations = dict(
        labels=truth.labels,
        test_videos=[truth.videos],
        nframes=dict(zip(truth.videos, truth.nframes.tolist())),
        gttubes={
            video: dict(item)
            for video, item in tubes.items()
        })
    return truth, tubelets, annotations


def as_rows(tubelets):
    """Video, frame, class, score, box."""
    return np.column_stack(
        [tubelets.video, tubelets.start, tubelets.label, tubelets.scores,
         tubelets.boxes.reshape(-1, 4)])


@pytest.mark.parametrize('seed', range(6))
@pytest.mark.parametrize('thr', [.5, .75])
def test_frame_map(theirs, seed, thr):
    truth, tubelets, annotations = small_set(seed)
    expected = theirs.frameAP(annotations, as_rows(tubelets), thr, print_info=False)
    assert 100 * frame_map(truth, tubelets, 'multisports', thr)[thr]['mAP'] == pytest.approx(expected)


@pytest.mark.parametrize('seed', range(6))
def test_linking(theirs, seed):
    """Their detections all have the last one's score in linking, so that most choices are ties."""
    truth, tubelets, annotations = small_set(seed)
    linked = theirs.link_tubes(annotations, as_rows(tubelets), len_thre=3)
    expected = sorted((label, video, *np.round(rows[:, :5].ravel(), 2)) for label, items in linked.items()
                      for video, _, rows in items)
    found = []
    for video, part in tubelets_by_video(tubelets, len(truth.videos)):
        for tube in link_tubes(part, 4, dict(type='multisports', min_tube_length=3), stride=1):
            frames = np.arange(tube.start, tube.start + len(tube.boxes))[:, None]
            found.append((tube.label, truth.videos[video], *np.round(np.hstack([frames, tube.boxes]).ravel(), 2)))
    assert [item[:2] for item in sorted(found)] == [item[:2] for item in expected]
    assert len(found) >= 3
    for mine, other in zip(sorted(found), expected):
        assert mine[2:] == pytest.approx(other[2:], abs=0.02)


@pytest.mark.parametrize('seed', range(6))
@pytest.mark.parametrize('thr', [.2, .5, .7])
def test_video_map(theirs, seed, thr):
    """Of tubes that are parts of the annotated ones, some of them doubled."""
    truth, _, annotations = small_set(seed)
    rng = np.random.default_rng(seed)
    mine, other = defaultdict(list), {label: [] for label in range(4)}
    for tube, (video, label) in enumerate(zip(truth.tube_video.tolist(), truth.tube_label.tolist())):
        for _ in range(3):
            rows = truth.rows[truth.row_tube == tube]
            rows = rows[rng.integers(5):len(rows) - rng.integers(5)] + [0, *rng.normal(0, 3, 4)]
            score = float(rng.random())
            mine[video].append(ActionTube(label, score, int(rows[0, 0]), rows[:, 1:]))
            other[label].append((truth.videos[video], score, rows))
    expected = theirs.videoAP(annotations, other, thr, print_info=False)
    assert 100 * video_map(truth, mine, thr, 'multisports')[thr]['mAP'] == pytest.approx(expected)
    assert 0 < expected or thr == .7
