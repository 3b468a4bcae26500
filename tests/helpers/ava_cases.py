"""AVA's files and dumped windows of a few made key seconds, to score."""
import numpy as np
import torch

NAMES = {1: 'walk', 2: 'run', 15: 'carry', 70: 'talk'}


def write_files(folder, rows, excluded=(), names=NAMES):
    """Writes AVA files; a row is (video, second, box, label, entity)."""
    labels = ''.join(f'item {{\n  name: "{name}"\n  id: {label}\n}}\n' for label, name in names.items())
    (folder / 'labels.pbtxt').write_text(labels)
    (folder / 'truth.csv').write_text(''.join(
        f'{video},{second:04d},{",".join(f"{x:.3f}" for x in box)},{label},{entity}\n'
        for video, second, box, label, entity in rows))
    (folder / 'excluded.csv').write_text(''.join(f'{video},{second:04d}\n' for video, second in excluded))
    return dict(
        ann_file=str(folder / 'truth.csv'),
        label_file=str(folder / 'labels.pbtxt'),
        exclude_file=str(folder / 'excluded.csv'))


def sample(video, second, steps):
    """A data sample as a dict; steps are (boxes, scores)."""
    return dict(
        video_id=video,
        timestamp=second,
        **{
            f'pred_instances_step{i}': dict(
                bboxes=torch.tensor(b, dtype=torch.float32).view(-1, 4), scores=torch.tensor(s, dtype=torch.float32))
            for i, (b, s) in enumerate(steps, 1)
        })


def random_case(folder, num_classes=81, labels=tuple(NAMES), windows=40):
    """Random annotations and detections near them, some windows without one or the other."""
    rng = np.random.default_rng(0)
    rows, samples = [], []
    for second in range(902, 902 + windows):
        corners = rng.uniform(0, .5, (rng.integers(0, 4), 2))
        boxes = np.concatenate([corners, corners + rng.uniform(.2, .5, corners.shape)], axis=1)
        for entity, box in enumerate(boxes):
            for label in rng.choice(labels, rng.integers(1, 3), replace=False):
                rows.append(('v', second, box, label, entity))
        steps = []
        for _ in range(2):
            near = np.concatenate([boxes, boxes, rng.uniform(0, .4, (2, 4)) + [0, 0, .5, .5]])
            near = (near + rng.normal(0, .05, near.shape))[:0 if second % 7 == 0 else None]
            scores = np.zeros((len(near), num_classes), dtype=np.float32)
            for label in labels:
                scores[:, label] = rng.choice([0, 1], len(near)) * rng.uniform(0, 1, len(near)).round(2)
            steps.append((near.tolist(), scores.tolist() if len(near) else np.zeros((0, num_classes)).tolist()))
        samples.append(sample('v', second, steps))
    for s in samples:
        for i in (1, 2):
            s[f'pred_instances_step{i}']['scores'] = s[f'pred_instances_step{i}']['scores'].view(-1, num_classes)
    return write_files(folder, rows, excluded=[('v', 905), ('v', 910)]), samples


def run(metric, samples):
    metric.process(None, samples)
    return metric.evaluate(len(samples))


def one_hot(label, score=.9, num_classes=81):
    row = [0.] * num_classes
    row[label] = score
    return row


def two_windows(folder):
    """Two annotated windows: a walker who also carries in the first, a runner in the second."""
    files = write_files(folder, [
        ('v', 902, (0, 0, .5, 1), 1, 0),
        ('v', 902, (0, 0, .5, 1), 15, 0),
        ('v', 903, (.5, 0, 1, 1), 2, 0),
    ])
    return files
