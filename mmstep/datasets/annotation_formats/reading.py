"""What the readers of annotation files share."""
import json
import os.path as osp
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Union

import numpy as np

from mmstep.errors import DataError, MissingDataError
from mmstep.video.picture_folder import PictureFolder
from mmstep.video.video_source import VideoSource
from ..data_files import list_videos

# Words for somebody, as annotation programs label the box when the action is an attribute of it.
PERSON = ('person', 'people', 'pedestrian', 'human', 'actor')
# What a checkbox or a list says when the action is not done.
NOT_DONE = ('', 'false', '0', 'no', 'none', 'undefined', '__undefined__')
DONE = ('true', '1', 'yes')


class VideoFacts(NamedTuple):
    """What a video file says of itself.

    Attributes:
        width (int): Pixels.
        height (int): Pixels.
        times (np.ndarray): (n,) seconds of its frames from the first one.
        fps (float): Frames a second.
    """
    width: int
    height: int
    times: np.ndarray
    fps: float


class VideoFolder:
    """Looks up videos by name, each once.

    Args:
        folder (str, optional): Where the videos lie, files or folders of numbered pictures; None: there are none.
        fps (float, optional): Pictures a second of such folders, which do not tell.
    """

    def __init__(self, folder: Optional[Union[str, Path]] = None, fps: Optional[float] = None) -> None:
        self.folder = folder
        self.fps = fps
        self._paths: Dict[str, str] = {}
        self._facts: Dict[str, VideoFacts] = {}
        if folder is not None:
            if not Path(folder).is_dir():
                raise MissingDataError(f'the folder of videos {folder} does not exist')
            self._paths = {name: path for name, path in list_videos(str(folder)).items() if not name.startswith('.')}

    def find(self, name: str) -> Optional[VideoFacts]:
        """Facts of a video; None if there is no such file.

        Raises:
            VideoError: If it cannot be opened.
        """
        if name not in self._facts and name in self._paths:
            path = self._paths[name]
            source: Union[PictureFolder, VideoSource]
            source = PictureFolder(path, self.fps) if osp.isdir(path) else VideoSource(path)
            self._facts[name] = VideoFacts(source.width, source.height, np.asarray(source.times), source.fps)
        return self._facts.get(name)

    def get(self, name: str, wanted: str) -> VideoFacts:
        """Facts of a video that has to be there.

        Args:
            name (str): Without extension.
            wanted (str): What they are needed for, for the message.

        Raises:
            MissingDataError: If there is no such file.
        """
        facts = self.find(name)
        if facts is None:
            where = 'give the folder of the videos' if self.folder is None else f'it is not in {self.folder}'
            raise MissingDataError(f'the video {name} is needed for {wanted}: {where}')
        return facts


def read_json(path: str) -> Any:
    """Reads a JSON file.

    Raises:
        MissingDataError: If there is none.
        DataError: If it is not JSON.
    """
    try:
        with open(path, encoding='utf-8-sig') as file:
            return json.load(file)
    except FileNotFoundError:
        raise MissingDataError(f'{path} does not exist') from None
    except (ValueError, RecursionError) as error:
        raise DataError(f'{path} is not JSON ({error})') from error


def actions_of(label: str, attributes: Dict[str, str], attribute: Optional[str] = None) -> FrozenSet[str]:
    """Actions of a box, by how annotation programs let people say them.

    A ticked checkbox is an action of its own name; a chosen value is an action; without either, the label of the box
    is the action, unless it only says that this is a person.

    Args:
        label (str): Label of the box.
        attributes (dict[str, str]): Its attributes.
        attribute (str, optional): The one attribute that says the action; the others are ignored.

    Returns:
        frozenset[str]: Names.

    Example:
        >>> sorted(actions_of('person', {'walk': 'true', 'wave': 'false', 'action': 'talk'}))
        ['talk', 'walk']
        >>> actions_of('jump', {})
        frozenset({'jump'})
    """
    names: List[str] = []
    for name, value in attributes.items():
        if attribute is not None and name != attribute:
            continue
        said = str(value).strip()
        if said.lower() in DONE:
            names.append(name)
        elif said.lower() not in NOT_DONE:
            names += [part.strip() for part in said.split(',') if part.strip()]
    if not names and attribute is None and label and label.lower() not in PERSON:
        names = [label]
    return frozenset(names)


def stem(name: str) -> str:
    """Name of a video without folder, extension and the prefix that Label Studio's uploads have."""
    return Path(name.split('?')[0].replace('\\', '/')).stem
