"""Arguments that tools and demos share, each defined once."""
import argparse
from typing import Any, Callable, Optional, Sequence

from mmengine.config import DictAction

from .config_files import config_path

BACKENDS = ('eager', 'compile', 'onnxruntime', 'openvino')
DTYPES = ('fp32', 'bf16', 'fp16')
FLOW_METHODS = ('pyramid', 'deepflow', 'dis', 'tvl1', 'brox')


def read_arguments(add_arguments: Callable[[argparse.ArgumentParser], None],
                   argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads a command line.

    Args:
        add_arguments (Callable): Describes it to a parser.
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(argv)


def add_config_argument(parser: argparse.ArgumentParser,
                        help: str = 'config file, or name of a model',
                        **kwargs: Any) -> None:
    """Adds ``config``, which takes the name of a model of the metafiles, too.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
        help (str): What the tool does with it.
        kwargs: More arguments of ``add_argument``.
    """
    parser.add_argument('config', type=config_path, help=help, **kwargs)


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """Adds ``--cfg-options``.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config: key=value, a.b.c=value; lists as key="[a,b]" or key=a,b, nested ones '
        'as key="[(a,b),(c,d)]", with the quotation marks and without blanks')


def add_device_argument(parser: argparse.ArgumentParser) -> None:
    """Adds ``--device``.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    parser.add_argument('--device', default='auto', help='cpu, cuda:0 ...; auto: a GPU if there is one, or the CPU')


def add_picture_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds ``--fps``, for tools that take folders of pictures.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    parser.add_argument(
        '--fps',
        type=_rate,
        help='pictures a second of a folder of numbered pictures (img_00001.jpg ...), which is one video')


def _rate(text: str) -> float:
    """A number of frames a second."""
    rate = float(text)
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f'it must be over 0 and at most 1000, got {text}')
    return rate


def add_backend_argument(parser: argparse.ArgumentParser) -> None:
    """Adds ``--backend``.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    parser.add_argument(
        '--backend',
        choices=BACKENDS,
        help='what runs the model, see docs/deployment.rst (default: eager, and onnxruntime for an .onnx file)')


def add_dtype_argument(parser: argparse.ArgumentParser) -> None:
    """Adds ``--dtype``.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    parser.add_argument(
        '--dtype',
        choices=DTYPES,
        default='fp32',
        help='what backbone and heads compute in; probabilities, boxes and NMS are always fp32 (default: fp32)')


def add_inference_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what everything takes that runs one model on videos: device, backend, type, settings of the config, rate,
    method of optical flow.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    add_device_argument(parser)
    add_backend_argument(parser)
    add_dtype_argument(parser)
    add_cfg_options(parser)
    parser.add_argument(
        '--model-fps',
        type=float,
        metavar='FPS',
        help="for a model of native frames (UCF101-24: 25): the rate of the videos it was trained on (default: the "
        "video's own)")
    parser.add_argument(
        '--flow-method',
        choices=FLOW_METHODS,
        help="for a model that sees optical flow: how it is made (default: the config's, or dis)")
