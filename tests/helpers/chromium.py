"""Headless Chromium, and how it plays a video file."""
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = shutil.which('chromium'), shutil.which('chromedriver')
needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason='needs a browser: apt-get install chromium chromium-driver')
# Without a sandbox Chromium runs as root too; the rest keeps it from asking other machines for anything. Its camera is
# a moving test picture.
OPTIONS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic',
           '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
           '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--window-size=1400,1700')


@contextmanager
def open_chromium(prefs=None):
    """Starts Chromium that notes its requests; gives its driver.

    Args:
        prefs (dict, optional): Its settings.
    """
    options = webdriver.ChromeOptions()
    for option in OPTIONS:
        options.add_argument(option)
    options.binary_location = CHROMIUM
    options.add_experimental_option('prefs', prefs or {})
    options.set_capability('goog:loggingPrefs', {'performance': 'ALL', 'browser': 'ALL'})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def play(driver, path, seconds=60):
    """Plays a file to its end.

    Args:
        driver (webdriver.Chrome): Chromium.
        path (str): The file.
        seconds (float): How long to wait until it can be played.

    Returns:
        dict: ``ready_state`` (4: enough is there to play on), ``error`` (None or the browser's message), ``size``,
        ``duration`` in seconds, ``ended``, and ``color``, the RGB in the middle of the last frame.
    """
    driver.get(Path(path).absolute().as_uri())
    state = '''
        const video = document.querySelector('video');
        if (!video) return {error: 'no video: ' + document.body.innerText};
        video.muted = true;
        if (video.paused && !video.ended) video.play().catch(() => null);
        return {ready_state: video.readyState, error: video.error && video.error.message, ended: video.ended,
                size: [video.videoWidth, video.videoHeight], duration: video.duration};'''

    def is_over():
        seen = driver.execute_script(state)
        return seen['error'] or seen['ready_state'] == 4 and seen['ended']

    with suppress(TimeoutException):
        WebDriverWait(driver, seconds, 0.1).until(lambda _: is_over())
    found = driver.execute_script(state)
    if not found['error']:
        shot = driver.find_element(By.TAG_NAME, 'video').screenshot_as_png
        height, width = (picture := cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR)).shape[:2]
        found['color'] = picture[height // 2, width // 2, ::-1].tolist()
    return found
