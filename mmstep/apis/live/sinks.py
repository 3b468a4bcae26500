"""Where pictures go: a window on the screen or a file."""
import os
import re
import sys
from typing import Any, List, Optional, Tuple

import cv2
import numpy as np

from mmstep.errors import LaunchError
from mmstep.video.video_writer import VideoWriter

# A longer gap between two pictures is cut out of the file, seconds.
MAX_GAP = 2.0


class OpenCVWindow:
    """A window of an OpenCV that has them.

    Args:
        title (str): Its title.

    Raises:
        OSError: If this OpenCV has no windows, or there is no screen.
    """

    def __init__(self, title: str) -> None:
        built = re.search(r'GUI:\s+(\S+)', cv2.getBuildInformation())
        if built is None or built.group(1) == 'NONE':
            raise OSError('this OpenCV is built without windows (headless)')
        # Qt would end the whole program.
        if sys.platform.startswith('linux') and not (os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
            raise OSError('there is no screen (DISPLAY is not set)')
        self._title = title
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL)
        except cv2.error as error:
            raise OSError(str(error)) from error

    def show(self, picture: np.ndarray, time: float) -> bool:
        """Shows a picture; False once q or Esc was pressed or the window closed."""
        cv2.imshow(self._title, np.ascontiguousarray(picture[..., ::-1]))
        key = cv2.waitKey(1) & 0xFF
        return key not in (ord('q'), 27) and cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1

    def close(self) -> None:
        """Closes the window."""
        cv2.destroyAllWindows()


class TkWindow:
    """A window of Tk, which comes with most Pythons.

    Args:
        title (str): Its title.

    Raises:
        OSError: If this Python has no Tk, or there is no screen.
    """

    def __init__(self, title: str) -> None:
        try:
            import tkinter

            from PIL import Image, ImageTk
        except ImportError as error:
            raise OSError(f'this Python has no Tk ({error})') from error
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise OSError(str(error)) from error
        self._from_array, self._photo_of = Image.fromarray, ImageTk.PhotoImage
        self._root.title(title)
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._photo: Any = None  # a PhotoImage, once there is a picture
        self._open = True
        for event in ('<q>', '<Q>', '<Escape>'):
            self._root.bind(event, self._quit)
        self._root.protocol('WM_DELETE_WINDOW', self._quit)

    def _quit(self, *_) -> None:
        self._open = False

    def show(self, picture: np.ndarray, time: float) -> bool:
        """Shows a picture; False once q or Esc was pressed or the window closed."""
        size = (picture.shape[1], picture.shape[0])
        if self._photo is None or (self._photo.width(), self._photo.height()) != size:
            self._photo = self._photo_of(self._from_array(picture))
            self._label.configure(image=self._photo)
        else:
            self._photo.paste(self._from_array(picture))
        self._root.update()
        return self._open

    def close(self) -> None:
        """Closes the window."""
        self._root.destroy()


def open_window(title: str):
    """Opens a window: OpenCV's, or Tk's where OpenCV has none.

    Args:
        title (str): Its title.

    Returns:
        OpenCVWindow | TkWindow: The window.

    Raises:
        LaunchError: If neither can be opened; it says why and what to do instead.
    """
    reasons: List[str] = []
    for window in (OpenCVWindow, TkWindow):
        try:
            return window(title)
        except OSError as error:
            reasons.append(f'{window.__name__}: {error}')
    raise LaunchError('No window can be opened (' + '; '.join(reasons) + '). See the picture in a browser with '
                      '--serve 8000, or write it to a file with --out FILE.mp4 --no-display')


class PacedWriter(VideoWriter):
    """Writes pictures to an .mp4 so that it plays as fast as they were captured, whatever the rate at which they come.

    While a stream is down nothing is written: gaps of more than two seconds are cut out.

    Args:
        path (str): The file.
        fps (float): Its frames a second.
        size (tuple[int, int]): Width and height, pixels.

    Raises:
        VideoError: See :class:`VideoWriter`.
    """

    def __init__(self, path: str, fps: float, size: Tuple[int, int]) -> None:
        super().__init__(path, fps, size)
        self._fps = fps
        self._begin = 0.0
        self._last: Optional[Tuple[np.ndarray, float]] = None

    def show(self, picture: np.ndarray, time: float) -> bool:
        """Takes a picture, which replaces the last one if it has the same time.

        Args:
            picture (np.ndarray): (H, W, 3) uint8, RGB.
            time (float): When it was captured, seconds.

        Returns:
            bool: True, as a file never ends a session.
        """
        if self._last is None:
            self._begin = time
        elif time > self._last[1]:
            gap = time - self._last[1]
            if gap > MAX_GAP:
                self._begin += gap - 1 / self._fps
            due = round((time - self._begin) * self._fps)
            while self.count < due:
                self.write(self._last[0])
        self._last = (picture, time)
        return True

    def close(self) -> None:
        """Writes the last picture and ends the file."""
        try:
            if self._last is not None and not self.closed:
                self.write(self._last[0])
        finally:
            super().close()
