import numpy as np
import pytest

from mmstep.apis import VideoError, VideoSource, VideoWriter


@pytest.mark.parametrize('fps,size,extension', [(29.97, (64, 48), 'mp4'), (5, (65, 49), 'mp4'),
                                                (25, (64, 48), 'webm')])
def test_round_trip(tmp_path, fps, size, extension):
    path = str(tmp_path / 'sub' / f'ö.{extension}')
    red = np.zeros((size[1], size[0], 3), np.uint8)
    red[..., 0] = 200
    with VideoWriter(path, fps, size) as writer:
        for _ in range(6):
            writer.write(red)
    source = VideoSource(path)
    assert len(source.times) == 6 and source.fps == pytest.approx(fps, rel=1e-3)
    assert (source.width, source.height) == (size[0] // 2 * 2, size[1] // 2 * 2)
    np.testing.assert_allclose(source.frames_at([0])[0].mean(axis=(0, 1)), [200, 0, 0], atol=12)


def test_broken_off_work_keeps_what_was_written(tmp_path):
    path = tmp_path / 'o.mp4'
    path.write_bytes(b'older')
    with pytest.raises(RuntimeError), VideoWriter(str(path), 10, (64, 64)) as writer:
        writer.write(np.zeros((64, 64, 3), np.uint8))
        assert path.read_bytes() == b'older'
        raise RuntimeError
    assert len(VideoSource(str(path)).times) == 1
    assert [p.name for p in tmp_path.iterdir()] == ['o.mp4']


def test_without_a_frame_nothing_changes(tmp_path):
    path = tmp_path / 'o.mp4'
    path.write_bytes(b'older')
    with VideoWriter(str(path), 10, (64, 64)):
        pass
    assert path.read_bytes() == b'older' and len(list(tmp_path.iterdir())) == 1


def test_names_and_sizes_that_cannot_be_written(tmp_path):
    with pytest.raises(VideoError, match='.mp4'):
        VideoWriter(str(tmp_path / 'o.avi'), 10, (64, 64))
    with pytest.raises(VideoError, match='1x1'):
        VideoWriter(str(tmp_path / 'o.mp4'), 10, (1, 1))
