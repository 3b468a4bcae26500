"""Makes a page that detects in the visitor's browser: ``python tools/deployment/browser_page.py MODEL.onnx FOLDER``.

MODEL.onnx comes from ``export_onnx.py --nms --one-file``. The folder is plain files, for any web server:

    python -m http.server --directory FOLDER

Videos stay on the visitor's machine. ONNX Runtime's build for browsers (20 MB, MIT) is fetched from npm once; where
npm cannot be reached, --runtime takes the package as a file.
"""
import argparse
import tempfile
from functools import partial
from typing import Optional, Sequence

from mmstep.apis.deployment.browser_page import RUNTIME, write_browser_page
from mmstep.cli.demo.example_videos import playable_copy
from mmstep.engine.arguments import read_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = "Make a page that detects in the visitor's browser"
    parser.epilog = 'example: %(prog)s model.onnx public --video video.mp4'
    parser.add_argument('model', metavar='MODEL.onnx', help='from export_onnx.py --nms --one-file')
    parser.add_argument('folder', help='where the page goes; a new or an empty one')
    parser.add_argument('--video', help='an example that visitors can choose')
    parser.add_argument('--runtime', metavar='FILE.tgz', help=f'instead of fetching {RUNTIME.address}')


parse_args = partial(read_arguments, add_arguments)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Makes the page.

    Args:
        argv (Sequence[str], optional): See :func:`parse_args`.
    """
    args = parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        video = args.video and playable_copy(args.video, folder)
        write_browser_page(args.model, args.folder, video, args.runtime)
    print(f'Written: {args.folder}\nTo see it: python -m http.server --directory {args.folder}  and open '
          'http://localhost:8000')
