"""How often something happens."""
from collections import deque


class RateMeter:
    """Counts events of the last seconds.

    Args:
        span (float): Seconds. Defaults to 5.
    """

    def __init__(self, span: float = 5.0) -> None:
        self.span = span
        self.count = 0
        self._times: deque = deque(maxlen=1000)

    def tick(self, now: float) -> None:
        """Counts an event.

        Args:
            now (float): Seconds, ascending.
        """
        self.count += 1
        self._times.append(now)

    def rate(self, now: float) -> float:
        """Events a second up to now.

        Args:
            now (float): Seconds.

        Returns:
            float: 0 if there were none lately.
        """
        times = [time for time in tuple(self._times) if time >= now - self.span]
        return (len(times) - 1) / max(now - times[0], 1e-3) if len(times) > 1 else 0.0
