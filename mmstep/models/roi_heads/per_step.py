"""Settings of which each step may have its own."""


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
        raise ValueError(f'{name} has {len(value)} entries for num_steps='
                         f'{num_steps}; give one value, or one for each step')
    return list(value)
