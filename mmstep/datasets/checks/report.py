"""What a check of a data set found."""
from typing import List, Mapping, Sequence

import numpy as np

PERCENTILES = (5, 50, 95)


class Report:
    """Faults and figures of one data set.

    Args:
        name (str): Its places in the config.

    Attributes:
        faults (list[str]): What has to be corrected, each with its file and line, video or tube.
        notes (list[str]): What is allowed and worth a look.
        lines (list[str]): Figures.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: List[str] = []
        self.notes: List[str] = []
        self.lines: List[str] = []

    def add_counts(self, title: str, counts: Mapping[str, Sequence[int]], columns: Sequence[str]) -> None:
        """Adds a table of counts.

        Args:
            title (str): What the rows are.
            counts (dict[str, Sequence[int]]): Numbers by name.
            columns (Sequence[str]): What the numbers are.
        """
        width = max([len(title), *map(len, counts)]) + 2
        self.lines.append(f'{title:<{width}}' + ''.join(f'{column:>14}' for column in columns))
        self.lines += [f'{name:<{width}}' + ''.join(f'{value:>14,}' for value in row) for name, row in counts.items()]

    def add_spread(self, title: str, values: np.ndarray, unit: str = '') -> None:
        """Adds the percentiles of a quantity.

        Args:
            title (str): What it is.
            values (np.ndarray): Any number of values.
            unit (str): Of the values.
        """
        if len(values):
            low, middle, high = np.percentile(values, PERCENTILES)
            self.lines.append(f'{title}: {middle:.3g}{unit} in the middle, 90% of {low:.3g} to {high:.3g}, at most '
                              f'{np.max(values):.3g}')

    def text(self) -> str:
        """The figures and notes as text, without the faults."""
        return '\n'.join(
            [f'{self.name}:', *(f'  {line}' for line in self.lines), *(f'  Note: {n}' for n in self.notes)])
