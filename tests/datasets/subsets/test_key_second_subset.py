"""Some of the key seconds of an AVA data set."""
import pytest

from mmstep.datasets import AVAWindowDataset


@pytest.fixture
def build(tmp_path):
    """Builds a data set of two videos, three key seconds each."""
    rows = [f'{video},{second},0.1,0.1,0.9,0.9,1,7' for video in 'ab' for second in (4, 5, 6)]
    (tmp_path / 'six.csv').write_text('\n'.join(rows) + '\n')
    for name in 'ab':
        (tmp_path / f'{name}.mp4').touch()

    def build_(**kwargs):
        settings = dict(pipeline=[], num_classes=6, use_frames=False, timestamp_start=0, **kwargs)
        return AVAWindowDataset(str(tmp_path / 'six.csv'), data_prefix=dict(img=str(tmp_path)), **settings)

    return build_


@pytest.mark.parametrize('indices, keys', [([0, 4], ['a,0004', 'b,0005']), (2, ['a,0004', 'a,0005'])])
def test_a_subset_that_is_tested_says_which_seconds_it_holds(build, indices, keys):
    subset = build(indices=indices, test_mode=True)
    assert len(subset) == 2 and subset.metainfo['img_keys'] == keys
    assert 'img_keys' not in build(indices=indices).metainfo  # it would go into every checkpoint


def test_all_of_it_is_no_subset(build):
    assert 'img_keys' not in build(test_mode=True).metainfo


def test_numbers_that_there_are_not(build):
    with pytest.raises(ValueError, match='indices up to 6: .*six.csv makes 6 windows'):
        build(indices=[0, 6])
