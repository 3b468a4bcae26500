"""Reading frames of a video by the transforms of a window."""
import numpy as np

from mmstep.datasets import WindowDecode, WindowInit


def grey(index):
    return 20 + 5 * index


def read(path, frame_inds, init=None, **results):
    init = init or WindowInit()
    results = init.transform(dict(filename=str(path), **results))
    results['frame_inds'] = np.array(frame_inds)
    return WindowDecode().transform(results)


def opened(init, path):
    return init.transform(dict(filename=str(path)))['video_reader']


def numbers(imgs):
    """The frame numbers burnt into the frames as grey level, which the codecs lower by two or three."""
    return [int(round((float(img.mean()) - 17.5) / 5)) for img in imgs]
