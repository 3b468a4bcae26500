"""What a run would write over in its folder, besides what earlier runs have left there."""
import ast
import io
import os.path as osp
import re
import tokenize

from mmengine.config import Config

from mmstep.errors import LaunchError
from mmstep.utils import printable

CHECKPOINT = re.compile(r'(iter|epoch)_\d+\.pth|best_.*\.pth')


def check_work_dir(cfg: Config, path: str) -> None:
    """Refuses a work dir in which MMEngine would write over what it has not written, or over what is read.

    MMEngine keeps a copy of the config there, without its comments and ``_base_``, under the config's own name, and
    the training its checkpoints.

    Args:
        cfg (Config): The config with ``work_dir``, and ``load_from`` and ``resume`` as they will be used.
        path (str): Its file.

    Raises:
        LaunchError: Naming the file that would be lost.
    """
    folder = cfg.work_dir
    copy = osp.join(folder, osp.basename(cfg.filename or path))
    if osp.isfile(copy) and not is_dumped_config(copy):
        raise LaunchError(
            f'{printable(copy)} was written by hand, and the run would keep its copy of {printable(path)} '
            'there, without comments and _base_: nothing is run. Choose another --work-dir.')
    start = cfg.get('load_from')
    if start and not cfg.get('resume') and CHECKPOINT.fullmatch(osp.basename(start)) and osp.isfile(start) and \
            osp.realpath(osp.dirname(start)) == osp.realpath(folder):
        raise LaunchError(
            f'The weights {printable(start)} lie where this training would write its own checkpoints over '
            'them. Choose another --work-dir, or go on with that training by --resume.')


def is_dumped_config(path: str) -> bool:
    """Whether a config file looks as MMEngine writes it: settings alone, by name, and no comments.

    Args:
        path (str): The file, which is not run.

    Returns:
        bool: Whether it does; False if it is not Python.
    """
    try:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        statements = ast.parse(text).body
        comments = any(token.type == tokenize.COMMENT
                       for token in tokenize.generate_tokens(io.StringIO(text).readline))
    except (OSError, SyntaxError, ValueError, tokenize.TokenError):
        return False
    names = [
        statement.targets[0].id for statement in statements
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    ]
    return not comments and len(names) == len(statements) and names == sorted(names) and '_base_' not in names
