"""Checks of settings, also of those of which each step may have its own."""
from typing import Sequence, Tuple


def per_step(value, num_steps: int, name: str) -> list:
    """One value for all steps, or a list with one for each.

    Args:
        value: The setting; a list or tuple counts as one entry per step.
        num_steps (int): Number of steps.
        name (str): Name of the setting, for the message.

    Returns:
        list: ``num_steps`` entries.

    Raises:
        ValueError: If the list has another length than ``num_steps``.
    """
    if not isinstance(value, (list, tuple)):
        return [value] * num_steps
    if len(value) != num_steps:
        raise ValueError(f'{name} has {len(value)} entries for num_steps={num_steps}; give one value, or one for each '
                         'step')
    return list(value)


def check_extension(extend_at: Sequence[int], has_extension: bool, num_steps: int, num_clips: int) -> Tuple[int, ...]:
    """Checks at which steps tubes are extended in time.

    Args:
        extend_at (Sequence[int]): Steps before which they are extended.
        has_extension (bool): Whether there is a ``temporal_extension``.
        num_steps (int): Number of steps S.
        num_clips (int): Clips of a window.

    Returns:
        tuple[int, ...]: The steps.

    Raises:
        ValueError: If a step is not from 2 to S, there is no extension, or the window has too few clips.
    """
    if any(not 2 <= step <= num_steps for step in extend_at):
        raise ValueError(f'extend_at={tuple(extend_at)}: each step has to be from 2 to num_steps={num_steps}')
    if extend_at and not has_extension:
        raise ValueError(f'extend_at={tuple(extend_at)} needs a temporal_extension')
    if 2 * len(extend_at) >= num_clips:
        raise ValueError(f'{len(extend_at)} extensions need at least {2 * len(extend_at) + 1} clips, '
                         f'num_clips={num_clips}')
    return tuple(extend_at)


def check_tube_frames(tube_frames: str) -> None:
    """Checks on which feature frames the last step's tubes are wanted.

    Args:
        tube_frames (str): 'window' for all of them, 'clip' for the target clip's.

    Raises:
        ValueError: If it is something else.
    """
    if tube_frames not in ('window', 'clip'):
        raise ValueError(f"test_cfg.tube_frames={tube_frames!r} is unknown; choose 'window' or 'clip'")
