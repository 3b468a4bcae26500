"""Some of the key seconds of an AVA data set, for a short validation."""
from typing import List, Sequence, Union

from mmaction.datasets import AVADataset

from mmstep.errors import DataError


class KeySecondSubset(AVADataset):
    """``AVADataset`` whose subsets say which key seconds they hold.

    With ``indices``, of MMEngine's ``BaseDataset``, a data set takes the first so many windows, or those with these
    numbers, counted from 0. If it is one that is tested (``test_mode``), ``metainfo['img_keys']`` names its key
    seconds, and ``StepwiseAVAMetric`` scores these alone.

    Args:
        *args: Of ``AVADataset``.
        **kwargs: Likewise.

    Raises:
        ValueError: If there is no window of one of the numbers.
    """

    @property
    def metainfo(self) -> dict:
        """dict: That of ``AVADataset``; of a subset that is tested with ``img_keys``, those of its windows."""
        info = super().metainfo
        if self.test_mode and self._indices is not None:
            info['img_keys'] = [AVADataset.get_data_info(self, index)['img_key'] for index in range(len(self))]
        return info

    def _get_unserialized_subset(self, indices: Union[Sequence[int], int]) -> List[dict]:
        if not isinstance(indices, int) and max(indices, default=0) >= len(self.data_list):
            raise DataError(f'indices up to {max(indices)}: {self.ann_file} makes {len(self.data_list)} windows')
        return super()._get_unserialized_subset(indices)
