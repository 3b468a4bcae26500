"""The released model with every width divided, and few tubes: same layout, same steps, a hundredth of the work."""
from pathlib import Path

from mmengine.config import Config

CONFIG = Path(__file__).parents[2] / 'configs' / 'step' / 'step_i3d_ava_released.py'
EXTENSIONS = dict(anticipation='LocationAnticipation', extrapolation='LinearExtrapolation')


def released_model(mode='anticipation'):
    """Config of the released model."""
    model = Config.fromfile(str(CONFIG)).model
    model.roi_head.temporal_extension.type = EXTENSIONS[mode]
    return model


def small_model(mode='anticipation', divide=8, config=CONFIG):
    """The same, small."""
    model = Config.fromfile(str(config)).model
    head = model.roi_head
    if 'temporal_extension' in head:
        head.temporal_extension.type = EXTENSIONS[mode]
    head.prior_generator = dict(type='TubeGridGenerator', scales=(2, ), overlaps=(0, ))
    narrow = dict(width_mult=1 / divide)
    model.backbone.update(narrow)
    head.scene_context.update(narrow, in_channels=832 // divide)
    box = head.bbox_head
    box.update(in_channels=832 // divide, reduced_channels=256 // divide, context_channels=1024 // divide)
    box.global_branch.update(narrow, in_channels=832 // divide)
    box.local_branch.update(channels=1024 // divide, inner_channels=256 // divide)
    return model
