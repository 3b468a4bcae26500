"""Reading config files, and errors that name the place in them."""
import difflib
import hashlib
import inspect
import json
import os.path as osp
import re
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Tuple

from mmengine.config import Config
from mmengine.runner import Runner

from mmstep.errors import LaunchError
from .model_zoo import find_model

RUNNER_KEYS = tuple(name for name in inspect.signature(Runner.__init__).parameters if name not in ('self', 'cfg'))
# Keys that MMEngine or MMAction2 read besides the runner's own arguments ...
OTHER_KEYS = ('activation_checkpointing', 'compile', 'custom_imports', 'default_scope', 'efficient_conv_bn_eval',
              'find_unused_parameters', 'model_wrapper_cfg', 'runner_type', 'sync_bn')
# ... and names that nearly every config gives its own variables.
USUAL_NAMES = ('train_pipeline', 'val_pipeline', 'test_pipeline', 'tta_pipeline', 'tta_model', 'vis_backends')
# What mmstep reads itself: how the optical flow was made that a model learnt from.
OWN_KEYS = ('optical_flow', )
KNOWN_KEYS = RUNNER_KEYS + OTHER_KEYS + USUAL_NAMES + OWN_KEYS


def config_path(name: str) -> str:
    """Finds a config by its path, or by the name of a model of the metafiles.

    Args:
        name (str): For instance 'configs/step/step_i3d_ava.py' or 'step_i3d_ava'.

    Returns:
        str: Path of the config. One that ends with .py or .onnx or names a folder is returned as it is, there or not.

    Raises:
        LaunchError: If there is neither such a file nor such a model.
    """
    if osp.isfile(name) or name.endswith(('.py', '.onnx')) or osp.dirname(name):
        return name
    return find_model(name)[0]


def load_config(path: str, options: Optional[dict] = None) -> Config:
    """Reads a config, merges the options of the command line and looks for misspelt keys.

    Args:
        path (str): The config file, or the name of a model, see :func:`config_path`.
        options (dict, optional): ``--cfg-options``.

    Returns:
        Config: The config, options merged.

    Raises:
        LaunchError: If there is no such file, or a key of the config or the options is unknown.
    """
    path = config_path(path)
    if not osp.isfile(path):
        raise LaunchError(f'The config {path} does not exist.')
    cfg = Config.fromfile(path)
    check_top_level_keys(cfg, path)
    if options:
        check_options(cfg, path, options)
        cfg.merge_from_dict(options)
    for split in ('train', 'val', 'test'):
        loader = cfg.get(f'{split}_dataloader')
        # torch refuses workers that persist where there are none.
        if isinstance(loader, dict) and loader.get('num_workers') == 0 and loader.get('persistent_workers'):
            loader['persistent_workers'] = False
    return cfg


def model_digest(cfg: Config) -> str:
    """Fingerprint of what weights belong to: the model, its classes and how a video becomes its input.

    Args:
        cfg (Config): A config with a test data set.

    Returns:
        str: 16 hexadecimal digits, the same as long as weights of this model stay as good as they were.
    """
    content = cfg.to_dict()
    parts = [content['model'], content.get('class_names'), content['test_dataloader']['dataset']['pipeline']]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def check_top_level_keys(cfg: Config, path: str) -> None:
    """Refuses a misspelt top-level key, which MMEngine ignores without a word.

    A config may define variables of its own: only dicts and lists with a name that is nearly, but not
    quite, that of a key MMEngine reads are refused. ``train_cfg_long`` and ``model2`` pass as variables.

    Args:
        cfg (Config): The config.
        path (str): Its file, for the message.

    Raises:
        LaunchError: Naming the key, the file and the key that was probably meant.
    """
    for key in cfg:
        if key in KNOWN_KEYS or not isinstance(cfg[key], (dict, list, tuple)):
            continue
        near = difflib.get_close_matches(key, RUNNER_KEYS + OTHER_KEYS, n=1, cutoff=0.85)
        if near and not re.fullmatch(rf'{near[0]}(_.*|\d+)', key):
            raise LaunchError(f'{locate(path, key)}: unknown key "{key}". Did you mean "{near[0]}"? '
                              f'MMEngine would ignore "{key}".')


def check_options(cfg: Config, path: str, options: dict) -> None:
    """Refuses options whose top-level key the config does not have, which MMEngine adds and nobody reads.

    Args:
        cfg (Config): The config before merging.
        path (str): Its file, for the message.
        options (dict): ``--cfg-options``, full key -> value.

    Raises:
        LaunchError: Naming the option and the nearest key.
    """
    for option in options:
        key = option.split('.')[0]
        if key not in cfg and key not in KNOWN_KEYS:
            near = difflib.get_close_matches(key, [*cfg, *KNOWN_KEYS], n=1, cutoff=0.6)
            hint = f' Did you mean "{near[0]}"?' if near else ''
            raise LaunchError(f'--cfg-options {option}: {path} has no key "{key}".{hint}')


def locate(path: str, key: str) -> str:
    """Says where a config file sets a key.

    Args:
        path (str): The config file.
        key (str): Name of the key.

    Returns:
        str: 'file:line', or only the file if the key is not spelt out in it.
    """
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if re.search(rf'(?<!\w){re.escape(key)}\b[\'"]?\s*[=:]', line):
                return f'{path}:{number}'
    return f'{path} (or a _base_ file, or --cfg-options)'


@contextmanager
def explain_config_errors(cfg: Config, path: str) -> Iterator[None]:
    """Turns an argument or a type that a registry does not know into an error that names its place in the config.

    Args:
        cfg (Config): The config from which things are built in this context.
        path (str): Its file, for the message.

    Raises:
        LaunchError: In place of the registry's TypeError or KeyError, if the config holds the culprit.
    """
    try:
        yield
    except TypeError as error:
        found = re.search(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", str(error))
        if not found:
            raise
        kind, key = found.groups()
        places = find_places(cfg.to_dict(), lambda node: key in node)
        if not places:
            raise
        # A base class may be the one that complains; then no dict of that type has the key.
        exact = [(place, node) for place, node in places if str(node.get('type')).split('.')[-1] == kind]
        where = ', '.join(f'{node.get("type", "dict")} at {place}' for place, node in exact or places)
        raise LaunchError(f'{locate(path, key)}: unknown argument "{key}" of {where}.') from error
    except KeyError as error:
        found = re.search(r'(\S+) is not in the (\S+) registry', str(error.args[0]))
        if not found:
            raise
        kind, registry = found.groups()
        places = find_places(cfg.to_dict(), lambda node: node.get('type') == kind)
        if not places:
            raise
        raise LaunchError(f'{path}: there is no {registry} of type "{kind}" '
                          f'(in {", ".join(place for place, _ in places)}). Is it misspelt, or the package that '
                          'registers it not in custom_imports?') from error


def find_places(node, fits: Callable[[dict], bool], where: str = '') -> List[Tuple[str, dict]]:
    """Returns (place, dict) for every dict below the top level of a config that fits."""
    places = [(where, node)] if where and isinstance(node, dict) and fits(node) else []
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for key, child in children:
        places += find_places(child, fits, f'{where}.{key}' if where else str(key))
    return places
