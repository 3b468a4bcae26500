"""J-HMDB."""
from mmaction.registry import DATASETS

from .tube_window_dataset import TubeWindowDataset


@DATASETS.register_module()
class JHMDBDataset(TubeWindowDataset):
    """J-HMDB: 21 actions, 928 trimmed clips of one actor, three splits, in ACT's layout (``JHMDB-GT.pkl``).

    See :class:`TubeWindowDataset` for the arguments and tools/data/jhmdb/README.md for the files.
    """
    METAINFO = dict(
        classes=('brush_hair', 'catch', 'clap', 'climb_stairs', 'golf', 'jump', 'kick_ball', 'pick', 'pour', 'pullup',
                 'push', 'run', 'shoot_ball', 'shoot_bow', 'shoot_gun', 'sit', 'stand', 'swing_baseball', 'throw',
                 'walk', 'wave'))
    PAGE = 'tools/data/jhmdb/README.md'
