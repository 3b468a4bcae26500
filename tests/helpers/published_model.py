"""The published STEP detector in plain torch, written from facts about it alone: a second opinion on our model.

It works on the published file itself, a dict of state dicts. Nothing of mmstep is used; ``mmcv.ops.roi_align`` is the
only operator that torch lacks. Clarity before speed.
"""
import math

import torch
import torch.nn.functional as F
from mmcv.ops import roi_align

# Widths of a Mixed block: 1x1; 1x1 -> 3x3x3; 1x1 -> 3x3x3; pooling -> 1x1.
STEM = {0: (7, 3, 64), 2: (1, 64, 64), 3: (3, 64, 192)}
BLOCKS = {
    5: (64, 96, 128, 16, 32, 32),
    6: (128, 128, 192, 32, 96, 64),
    8: (192, 96, 208, 16, 48, 64),
    9: (160, 112, 224, 24, 64, 64),
    10: (128, 128, 256, 24, 64, 64),
    11: (112, 144, 288, 32, 64, 64),
    12: (256, 160, 320, 32, 128, 128)
}
MIXED_5 = ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128))

# ------------------------------------------------------------------ random weights in the published layout


def conv_shapes(name, kernel, width_in, width_out):
    shapes = {f'{name}.conv3d.weight': (width_out, width_in) + (kernel, ) * 3}
    shapes.update(
        {f'{name}.batch3d.{part}': (width_out, )
         for part in ('weight', 'bias', 'running_mean', 'running_var')})
    return {**shapes, f'{name}.batch3d.num_batches_tracked': ()}


def mixed_shapes(name, width_in, widths):
    a, b, c, d, e, f = widths
    shapes = conv_shapes(f'{name}.branch_0', 1, width_in, a)
    for branch, (middle, out) in ((1, (b, c)), (2, (d, e))):
        shapes.update(conv_shapes(f'{name}.branch_{branch}.0', 1, width_in, middle))
        shapes.update(conv_shapes(f'{name}.branch_{branch}.1', 3, middle, out))
    shapes.update(conv_shapes(f'{name}.branch_3.1', 1, width_in, f))
    return shapes, a + c + e + f


def published_shapes(steps=3, num_classes=60, divide=1):
    """Names and shapes of the published file; ``divide`` makes every inner width so many times smaller."""
    base, width = {}, 3
    for index, (kernel, _, out) in STEM.items():
        base.update(conv_shapes(f'module.base_model.{index}', kernel, width, out // divide))
        width = out // divide
    for index, widths in BLOCKS.items():
        shapes, width = mixed_shapes(f'module.base_model.{index}', width, [n // divide for n in widths])
        base.update(shapes)
    features, context, mixed = width, {}, {}
    for index, widths in enumerate(MIXED_5):
        widths = [n // divide for n in widths]
        context.update(mixed_shapes(f'module.i3d_conv_context.{index + 1}', width, widths)[0])
        shapes, width = mixed_shapes(f'i3d_conv.{index}', width, widths)
        mixed.update(shapes)
    small, large = 256 // divide, 1024 // divide
    head = {
        **mixed, 'downsample.weight': (small, width, 1, 1, 1),
        'downsample.bias': (small, ),
        'global_cls.weight': (num_classes, small * 49 + width, 1, 1, 1),
        'global_cls.bias': (num_classes, ),
        'local_conv.0.conv1.weight': (large, features + small, 1, 1),
        'local_conv.0.conv2.weight': (small, features + small, 1, 1),
        'local_conv.0.conv3.weight': (small, small, 3, 3),
        'local_conv.0.conv4.weight': (large, small, 1, 1)
    }
    for block in (1, 2):
        head[f'local_conv.{block}.conv1.weight'] = (small, large, 1, 1)
        head[f'local_conv.{block}.conv2.weight'] = (small, small, 3, 3)
        head[f'local_conv.{block}.conv3.weight'] = (large, small, 1, 1)
    head.update({'downsample2.weight': (small, large, 1, 1), 'downsample2.bias': (small, )})
    for name in ('local_reg', 'neighbor_reg1', 'neighbor_reg2'):
        head.update({f'{name}.weight': (4, small * 49), f'{name}.bias': (4, )})
    return dict(base_net=base, context_net=context, **{f'det_net{i}': dict(head) for i in range(steps)})


def random_published(seed=0, **layout):
    """A file in the published layout whose random weights move boxes by some pixels and give scores of all sizes."""
    rng = torch.Generator().manual_seed(seed)

    def fill(name, shape):
        if name.endswith('num_batches_tracked'):
            return torch.tensor(1000)
        values = torch.randn(shape, generator=rng)
        if name.endswith('running_var') or name.endswith('batch3d.weight'):
            return 0.75 + 0.5 * torch.rand(shape, generator=rng)
        if len(shape) == 1:
            return 0.1 * values
        std = math.sqrt(2 / math.prod(shape[1:]))
        if 'local_conv' in name:  # three residual blocks without batch norm
            std *= 0.7
        if name.startswith('global_cls'):
            std *= 1.5
        if '_reg' in name:
            std *= 0.3
        return std * values

    return {
        part: {
            name: fill(name, shape)
            for name, shape in shapes.items()
        }
        for part, shapes in published_shapes(**layout).items()
    }


# ------------------------------------------------------------------ the networks


def pad(x, kernel, stride):
    """Zeros: max(kernel - stride, 0) along each axis, the smaller half in front."""
    amounts = []
    for k, s in zip(reversed(kernel), reversed(stride)):
        total = max(k - s, 0)
        amounts += [total // 2, total - total // 2]
    return F.pad(x, amounts)


def conv(x, net, name, stride=1):
    weight = net[f'{name}.conv3d.weight']
    x = F.conv3d(pad(x, weight.shape[2:], (stride, ) * 3), weight, stride=stride)
    mean, var, gamma, beta = (
        net[f'{name}.batch3d.{part}'].view(-1, 1, 1, 1) for part in ('running_mean', 'running_var', 'weight', 'bias'))
    return torch.relu((x - mean) / torch.sqrt(var + 1e-5) * gamma + beta)


def pool(x, kernel, stride):
    return F.max_pool3d(pad(x, kernel, stride), kernel, stride, ceil_mode=True)


def mixed(x, net, name):
    return torch.cat([
        conv(x, net, f'{name}.branch_0'),
        conv(conv(x, net, f'{name}.branch_1.0'), net, f'{name}.branch_1.1'),
        conv(conv(x, net, f'{name}.branch_2.0'), net, f'{name}.branch_2.1'),
        conv(pool(x, (3, 3, 3), (1, 1, 1)), net, f'{name}.branch_3.1')
    ],
                     dim=1)


def backbone(x, net):
    space = ((1, 3, 3), (1, 2, 2))
    name = 'module.base_model.{}'.format
    x = pool(conv(x, net, name(0), stride=2), *space)
    x = pool(conv(conv(x, net, name(2)), net, name(3)), *space)
    x = mixed(mixed(x, net, name(5)), net, name(6))
    x = pool(x, (3, 3, 3), (2, 2, 2))
    for index in range(8, 13):
        x = mixed(x, net, name(index))
    return x


def context_of(features, net):
    """One vector per feature frame of the window, shape (C, T)."""
    x = pool(features, (1, 3, 3), (1, 2, 2))
    for index in (1, 2):
        x = mixed(x, net, f'module.i3d_conv_context.{index}')
    return x.mean(dim=(3, 4))[0]


def head(regions, context, net):
    """One tube.

    Args:
        regions: RoI features (C, T, 7, 7).
        context: (C', T).

    Returns:
        Scores (classes), deltas (T, 4), and those of the three frames before and after.
    """
    x = regions[None]
    for index in (0, 1):
        x = mixed(x, net, f'i3d_conv.{index}')
    shared = F.conv3d(x, net['downsample.weight'], net['downsample.bias'])[0]
    flat = torch.stack([shared[:, t].reshape(-1) for t in range(shared.shape[1])], dim=1)
    both = torch.cat([flat, context])[None, :, :, None, None]
    scores = F.conv3d(both, net['global_cls.weight'], net['global_cls.bias']).mean(dim=2).flatten().sigmoid()

    def conv2d(x, name, padding=0):
        return F.conv2d(x, net[f'local_conv.{name}.weight'], padding=padding)

    deltas, before, after = [], [], []
    for t in range(regions.shape[1]):
        x = torch.cat([regions[:, t], shared[:, t]])[None]
        inner = torch.relu(conv2d(torch.relu(conv2d(x, '0.conv2')), '0.conv3', 1))
        x = torch.relu(conv2d(inner, '0.conv4') + conv2d(x, '0.conv1'))
        for block in (1, 2):
            inner = torch.relu(conv2d(torch.relu(conv2d(x, f'{block}.conv1')), f'{block}.conv2', 1))
            x = torch.relu(conv2d(inner, f'{block}.conv3') + x)
        x = F.conv2d(x, net['downsample2.weight'], net['downsample2.bias']).flatten()
        here, left, right = (
            F.linear(x, net[f'{name}.weight'], net[f'{name}.bias'])
            for name in ('local_reg', 'neighbor_reg1', 'neighbor_reg2'))
        deltas.append(here)
        before.append(here + left)
        after.append(here + right)
    return scores, torch.stack(deltas), torch.stack(before[:3]), torch.stack(after[-3:])


# ------------------------------------------------------------------ boxes and steps


def decode(boxes, deltas, size):
    """Widths count the last pixel; boxes are clipped, and one that all but vanishes becomes the whole frame."""
    out = []
    for (x1, y1, x2, y2), (dx, dy, dw, dh) in zip(boxes.tolist(), deltas.tolist()):
        width, height = x2 - x1 + 1, y2 - y1 + 1
        x, y = x1 + width / 2 + dx * width, y1 + height / 2 + dy * height
        width, height = width * math.exp(dw), height * math.exp(dh)
        out.append([x - width / 2, y - height / 2, x + width / 2 - 1, y + height / 2 - 1])
    return in_frame(torch.tensor(out), size)


def in_frame(boxes, size):
    boxes = boxes.clamp(0, size)
    small = ((boxes[:, 2:] - boxes[:, :2]) <= 2).any(dim=1)
    boxes[small] = torch.tensor([0., 0., size, size])
    return boxes


def extrapolate(tube):
    """Equation 4 on the three feature frames at either end."""
    after = [tube[-1] + k / 2 * (tube[-1] - tube[-3]) for k in (1, 2, 3)]
    before = [tube[0] + k / 2 * (tube[0] - tube[2]) for k in (3, 2, 1)]
    return torch.stack(before), torch.stack(after)


def detect(published, window, boxes, mode):
    """All three steps.

    Args:
        published: The file.
        window: Pixels in [-1, 1], shape (3, 36, S, S).
        boxes: Initial boxes in pixels, shape (N, 4).
        mode: 'anticipation' or 'extrapolation'.

    Returns:
        For each step: scores (N, classes) and tubes (N, 3 or 9, 4).
    """
    size = float(window.shape[-1])
    features = backbone(window[None], published['base_net'])
    context = context_of(features, published['context_net'])
    tubes, steps = [box.expand(3, 4) for box in boxes], []
    for step in range(3):
        net, start = published[f'det_net{step}'], (9 - len(tubes[0])) // 2
        scores, refined, neighbours = [], [], []
        for tube in tubes:
            frames = range(start, start + len(tube))
            rois = torch.cat([torch.tensor([[float(t)] for t in frames]), tube], dim=1)
            maps = features[0].transpose(0, 1).contiguous()
            regions = roi_align(maps, rois, 7, 1 / 16, 0, 'avg', False)
            score, deltas, before, after = head(regions.transpose(0, 1), context[:, list(frames)], net)
            scores.append(score)
            refined.append(decode(tube, deltas, size))
            neighbours.append((decode(tube[:3], before, size), decode(tube[-3:], after, size)))
        steps.append((torch.stack(scores), torch.stack(refined)))
        tubes = refined
        if step == 1:
            if mode == 'extrapolation':
                neighbours = [[in_frame(part, size) for part in extrapolate(tube)] for tube in tubes]
            tubes = [torch.cat([before, tube, after]) for tube, (before, after) in zip(tubes, neighbours)]
    return steps
