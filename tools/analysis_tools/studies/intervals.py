"""Means, spreads, and confidence intervals of paired differences."""
from typing import NamedTuple, Sequence, Tuple

import numpy as np
from scipy.special import stdtrit


class Difference(NamedTuple):
    """Differences between two variants over the same seeds.

    Attributes:
        mean (float): Mean difference.
        low (float): Lower end of the 95 % interval; -inf with one seed.
        high (float): Upper end; inf with one seed.
        number (int): Seeds.
    """
    mean: float
    low: float
    high: float
    number: int

    @property
    def verdict(self) -> str:
        """What the interval says of the claim that the difference is above 0."""
        if self.number < 2:
            return 'one seed'
        return 'shown' if self.low > 0 else 'contradicted' if self.high < 0 else 'open'


def mean_and_spread(values: Sequence[float]) -> Tuple[float, float]:
    """Mean and standard deviation.

    Args:
        values (Sequence[float]): At least one.

    Returns:
        tuple[float, float]: The mean, and the sample's standard deviation, 0 for one value.
    """
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.


def paired_difference(more: Sequence[float], less: Sequence[float]) -> Difference:
    """Mean of the differences with its 95 % interval by Student's t.

    Args:
        more (Sequence[float]): Figures of one variant, a seed each, at least one.
        less (Sequence[float]): Those of the other, of the same seeds.

    Returns:
        Difference: Of ``more - less``.

    Examples:
        >>> paired_difference([3., 5., 4.], [1., 2., 3.])  # 2 +- 4.303 * 1 / sqrt(3)
        Difference(mean=2.0, low=-0.484..., high=4.484..., number=3)
    """
    mean, deviation = mean_and_spread(np.subtract(more, less))
    number = len(more)
    if number < 2:
        return Difference(mean, -np.inf, np.inf, number)
    half = float(stdtrit(number - 1, 0.975)) * deviation / np.sqrt(number)
    return Difference(mean, mean - half, mean + half, number)
