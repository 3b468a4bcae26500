"""Weights of I3D and VGG16 as other projects name them."""

BRANCHES = {
    'branch_0': 'b0',
    'branch_1.0': 'b1a',
    'branch_1.1': 'b1b',
    'branch_2.0': 'b2a',
    'branch_2.1': 'b2b',
    'branch_3.1': 'b3b'
}


def other_naming(weights):
    """Our names -> those with capitals, by replacing words."""
    renamed = {}
    for name, weight in weights.items():
        layer, rest = name.split('.', 1)
        for ours, theirs in BRANCHES.items():
            rest = rest.replace(ours, theirs)
        renamed[f'{layer.capitalize()}.{rest.replace("batch3d", "bn")}'] = weight
    return renamed


def conv_modules(weights):
    """Numbers without the ReLUs, with the poolings: two, two, three, three and three convolutions."""
    plain = sorted({int(name.split('.')[1]) for name in weights})
    numbers = [n for n in range(17) if n not in (2, 5, 9, 13)]
    new = dict(zip(plain, numbers))
    return {f'backbone.features.{new[int(n.split(".")[1])]}.conv.{n.split(".")[2]}': w for n, w in weights.items()}
