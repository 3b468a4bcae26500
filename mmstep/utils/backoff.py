"""How long to wait between attempts."""


class Backoff:
    """Waiting times that grow with each attempt that fails.

    Args:
        first (float): Seconds before the first attempt. Defaults to 0.5.
        factor (float): Growth from one attempt to the next, at least 1. Defaults to 2.
        most (float): Seconds that are never exceeded. Defaults to 30.

    Example:
        >>> backoff = Backoff(first=1, most=5)
        >>> [backoff.next() for _ in range(4)]
        [1, 2, 4, 5]
    """

    def __init__(self, first: float = 0.5, factor: float = 2, most: float = 30) -> None:
        self.first = first
        self.factor = factor
        self.most = most
        self._wait = first

    def next(self) -> float:
        """float: Seconds to wait before the next attempt."""
        wait = min(self._wait, self.most)
        self._wait = min(wait * self.factor, self.most)
        return wait

    def reset(self) -> None:
        """After a success: the next wait is the shortest one again."""
        self._wait = self.first
