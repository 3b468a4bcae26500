"""UCF101-24."""
from mmaction.registry import DATASETS

from .tube_annotations import UCF101_24_CLASSES
from .tube_window_dataset import TubeWindowDataset


@DATASETS.register_module()
class UCF101_24Dataset(TubeWindowDataset):
    """UCF101-24: 24 sports, untrimmed, several actors a video, 2,284 training and 910 test videos (split 1).

    Reads ``pyannot.pkl`` with its list of test videos and files of ACT's layout (``UCF101v2-GT.pkl``); of the latter
    any, with the classes that the file names. See :class:`TubeWindowDataset` for the arguments and
    tools/data/ucf101_24/README.md for the files.
    """
    METAINFO = dict(classes=UCF101_24_CLASSES)
    PAGE = 'tools/data/ucf101_24/README.md'
