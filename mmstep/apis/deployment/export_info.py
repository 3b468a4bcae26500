"""What an exported file says of itself, kept in its metadata."""
import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Tuple

from mmengine.config import Config

from mmstep.errors import LaunchError
from .packages import require_package

KEY = 'mmstep'  # of the metadata
FORMAT = 1
# Parts of a model: the whole of it, or the two that let windows share the features of their clips.
KINDS = ('window', 'clips', 'heads')


@dataclass(frozen=True)
class ExportInfo:
    """What has to be known to feed an exported file and to read what comes out.

    Attributes:
        kind (str): 'window': from frames to tubes; 'clips': from the frames of a clip to its features; 'heads': from
            the features of a window's clips, one after the other in time, to tubes.
        files (dict[str, str]): Names of all files of the export, by kind; they lie in one folder.
        export_id (str): The same in all of them.
        version (str): Of mmstep.
        input (dict): ``name``, ``dtype``, ``shape`` (0 for the batch); for pictures ``layout``, ``colors``, and the
            ``mean`` and ``std`` that the file itself applies to bytes.
        outputs (list[str]): Names in order.
        num_steps (int): Steps of the model.
        window (dict): ``clip_len``, ``num_clips``, ``fps`` (null: that of the video), ``temporal_stride``, ``height``
            and ``width`` of the network input.
        classes (list[str]): Names of the action classes, in the order of the scores.
        class_ids (list[int]): Their numbers in the label map.
        suppressed (list[str]): Of ``outputs`` those after per-class non-maximum suppression.
        precision (str): 'fp32', or 'int8' for quantized convolutions.
        config (dict): The config, in plain data.
    """
    kind: str
    files: Dict[str, str]
    export_id: str
    version: str
    input: Dict[str, Any]
    outputs: List[str]
    num_steps: int
    window: Dict[str, Any]
    classes: List[str]
    class_ids: List[int]
    suppressed: List[str]
    precision: str
    config: Dict[str, Any]

    @property
    def size(self) -> Tuple[int, int]:
        """Height and width of the network input, tuple[int, int]."""
        return self.window['height'], self.window['width']

    def to_text(self) -> str:
        """str: JSON, in which a tuple is ``{"tuple": [...]}``."""
        return json.dumps(dict(format=FORMAT, **_tag(asdict(self))))

    def attach(self, model: Any) -> None:
        """Writes it into an ``onnx.ModelProto``, in place of what is in its metadata."""
        del model.metadata_props[:]
        model.metadata_props.add(key=KEY, value=self.to_text())

    @classmethod
    def from_text(cls, text: str, path: str) -> 'ExportInfo':
        """Reads :meth:`to_text`.

        Args:
            text (str): The JSON.
            path (str): The file that it is from, for the message.

        Returns:
            ExportInfo: The same.

        Raises:
            LaunchError: If another version of this program has written it.
        """
        try:
            fields = _untag(json.loads(text))
            found = fields.pop('format')
            if found == FORMAT:
                return cls(**fields)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LaunchError(f'{path}: its metadata cannot be read ({error}); export the model again') from error
        raise LaunchError(f'{path}: metadata of format {found}, and this version of mmstep reads {FORMAT}: export the '
                          'model again')

    def to_config(self, path: str) -> Config:
        """The config, whose classes have names without a label map.

        Args:
            path (str): The exported file, which stands for the config's own.

        Returns:
            Config: The config.
        """
        cfg = Config(self.config, cfg_text=f'# In {path}', filename=path)  # else it would be read as text
        if self.classes:
            cfg.class_names = list(self.classes)
        return cfg


def read_info(path: str) -> ExportInfo:
    """Reads the metadata of an exported file.

    Args:
        path (str): The .onnx file.

    Returns:
        ExportInfo: What it says of itself.

    Raises:
        LaunchError: If there is no such file, it is no ONNX file, or not one of ``tools/deployment/export_onnx.py``.
    """
    onnx = require_package('onnx', 'onnx')
    try:
        model = onnx.load(path, load_external_data=False)
    except FileNotFoundError as error:
        raise LaunchError(f'{path} does not exist') from error
    except Exception as error:  # noqa: B902  protobuf's own kinds
        raise LaunchError(f'{path} is no ONNX file, or not whole: {str(error).splitlines()[0]}') from error
    found: Optional[str] = next((entry.value for entry in model.metadata_props if entry.key == KEY), None)
    if found is None:
        raise LaunchError(f'{path} was not written by tools/deployment/export_onnx.py: it does not say which windows '
                          'it takes')
    return ExportInfo.from_text(found, path)


def _tag(value: Any) -> Any:
    """Marks tuples, which transforms tell from lists and JSON does not."""
    if isinstance(value, dict):
        return {key: _tag(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return dict(tuple=[_tag(item) for item in value])
    return [_tag(item) for item in value] if isinstance(value, list) else value


def _untag(value: Any) -> Any:
    if isinstance(value, dict):
        if list(value) == ['tuple']:
            return tuple(_untag(item) for item in value['tuple'])
        return {key: _untag(item) for key, item in value.items()}
    return [_untag(item) for item in value] if isinstance(value, list) else value
