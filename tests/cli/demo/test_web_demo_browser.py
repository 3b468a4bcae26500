"""The page as a visitor uses it: in Chromium, from upload to download."""
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import torch
from helpers.chromium import needs_chromium, open_chromium
from helpers.page_checks import axe_violations, describe, page_faults, set_phone
from helpers.square_detector import SquareDetector, square_config, write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.slow, needs_chromium]
# Where pictures of the page are kept, at both widths.
PICTURES = Path(os.environ.get('MMSTEP_PAGE_PICTURES', ROOT / 'outputs'))


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """Folder of two models, a video, a broken one and an example."""
    root = tmp_path_factory.mktemp('page')
    for name in ('temp', 'downloads', 'examples'):
        (root / name).mkdir()
    config = square_config()
    config.custom_imports = dict(imports=['helpers.square_detector'], allow_failed_imports=False)
    config.dump(str(root / 'square.py'))
    config.model.seconds = 2  # for a window: time to press a button
    config.dump(str(root / 'slow.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), root / 'square.pth')
    weights = MODELS.build(Config.fromfile(ROOT / 'configs/step/step_tiny_mini-ava.py').model).state_dict()
    torch.save(dict(state_dict=weights, meta={}), root / 'tiny.pth')
    write_square_video(root / 'ä b.mp4', seconds=3)
    write_square_video(root / 'examples' / 'short.mp4', seconds=1.5)
    (root / 'broken.mp4').write_bytes(b'text' * 100)
    return root


@pytest.fixture(scope='module')
def server(files):
    """Process and address of the page."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, 'demo/web_demo.py', files / 'square.py', files / 'square.pth',
        'configs/step/step_tiny_mini-ava.py', files / 'tiny.pth', files / 'slow.py', files / 'square.pth', '--device',
        'cpu', '--port', port, '--examples', files / 'examples'
    ]
    paths = [str(ROOT / 'tests'), str(ROOT)]
    env = dict(
        os.environ, PYTHONPATH=os.pathsep.join(paths), OMP_NUM_THREADS='1', TMPDIR=str(files / 'temp'), no_proxy='*')
    with open(files / 'server.log', 'w+') as log:
        process = subprocess.Popen([str(item) for item in command], cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            _wait_for(lambda: process.poll() is not None or 'The page is at' in (files / 'server.log').read_text())
            assert process.poll() is None, (files / 'server.log').read_text()
            yield process, f'http://127.0.0.1:{port}/'
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope='module')
def driver(files):
    """Chromium that notes its requests and saves downloads."""
    with open_chromium({'download.default_directory': str(files / 'downloads')}) as driver:
        yield driver


@pytest.fixture
def page(server, driver):
    # A page that is left with its connection open complains of that: no fault of the page that comes.
    driver.get('about:blank')
    driver.get_log('browser')
    driver.get(server[1])
    _find(driver, '#video input[type=file]')
    return driver


def _wait_for(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, 'nothing happens'
        time.sleep(0.1)
    return found


def _find(driver, selector):
    return WebDriverWait(driver, 100).until(lambda _: driver.find_elements(By.CSS_SELECTOR, selector))[0]


def _upload(page, path):
    _find(page, '#video input[type=file]').send_keys(str(path))
    # The player takes the place of the field once the file is there.
    _find(page, '#video video')


def _choose_model(page, name):
    _find(page, '#model input').click()

    # The list opens gradually, and what is not seen yet has no text.
    def choice():
        choices = page.find_elements(By.CSS_SELECTOR, '[role=option]')
        return next((item for item in choices if name in item.text), None)

    _wait_for(choice).click()


def _said(page, text):
    """The summary, once it has a text in it."""
    _wait_for(lambda: text in _find(page, '#summary').text)
    return ' '.join(_find(page, '#summary').text.split())


def _check(page, name):
    """Looks at the page as it is now at both widths, and keeps pictures of it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        set_phone(page, width == 390)
        page.set_window_size(1280, 1700)
        time.sleep(0.5)
        page.save_screenshot(str(PICTURES / f'{name}_{width}.png'))
        faults = axe_violations(page) + page_faults(page)
        assert not faults, describe(faults)
    set_phone(page, False)


def _duration(page, selector):
    """Length of a video that can be played."""
    _find(page, selector)
    # Looked up anew each time: Gradio replaces the element while results come.
    script = 'const v = document.querySelector(arguments[0]); return v && v.readyState >= 2 ? v.duration : null'
    return WebDriverWait(page, 60).until(lambda _: page.execute_script(script, selector))


def _download(page, folder, selector, name):
    _find(page, selector).click()
    _wait_for(lambda: (folder / name).is_file())
    return (folder / name).read_text(encoding='utf-8')


def test_from_upload_to_download(page, files):
    _upload(page, files / 'ä b.mp4')
    _find(page, '#detect').click()
    assert _duration(page, '#drawn video') == pytest.approx(3, abs=0.1)
    assert _said(page, 'left, right') == 'ä b.mp4 (3.0 s, 256x128, 24 fps): 1 person: left, right.'
    # A bar for each of two actions.
    assert len(page.find_elements(By.CSS_SELECTOR, '#timeline .timeline-bar')) == 2
    assert not page.find_elements(By.CSS_SELECTOR, '#steps img')
    result = json.loads(_download(page, files / 'downloads', '#json', 'ä b.json'))
    assert result['complete'] and [entry['time'] for entry in result['detections']] == [0, 1, 2]
    rows = list(csv.reader(_download(page, files / 'downloads', '#csv', 'ä b.csv').splitlines()))
    assert [(row[0], row[1], row[6]) for row in rows[:3]] == [('ä b', '0', '1'), ('ä b', '0', '2'), ('ä b', '1', '1')]

    # A click in the middle of a bar of 2.5 s seeks there, its action's button to the start.
    def now():
        return page.execute_script("return document.querySelector('#drawn video').currentTime")

    _find(page, '#timeline .timeline-bar').click()
    WebDriverWait(page, 60).until(lambda _: now() == pytest.approx(1.25, abs=0.1))
    _find(page, '#timeline [data-starts]').click()
    WebDriverWait(page, 60).until(lambda _: now() < 0.1)
    # The search leaves one of the two rows.
    _find(page, '#search textarea, #search input').send_keys('righ')
    _wait_for(lambda: len(page.find_elements(By.CSS_SELECTOR, '#timeline .timeline-bar')) == 1)
    # Another threshold, by the keyboard.
    _find(page, '#score_thr input[type=range]').send_keys(Keys.END)
    assert 'nobody was found' in _said(page, 'nobody')
    _find(page, '#score_thr input[type=range]').send_keys(*[Keys.ARROW_LEFT] * 5)
    assert _said(page, 'left').endswith('1 person: left.')


def test_stop_shows_what_was_found_up_to_then(page, files):
    _choose_model(page, 'slow')
    _upload(page, files / 'ä b.mp4')
    _find(page, '#detect').click()
    _find(page, '#stop:not([disabled])').click()
    # How far it is by then depends on the machine.
    seconds = float(re.search(r'this is what was found in the first (\d\.\d) s', _said(page, 'Stopped'))[1])
    assert seconds < 3 and _duration(page, '#drawn video') == pytest.approx(seconds, abs=0.1)
    _find(page, '#detect:not([disabled])')


def test_page_is_accessible_with_and_without_results(page):
    _check(page, 'page_empty')
    # The copy that browsers play, not the mp4v file.
    _find(page, '#examples button').click()
    assert _duration(page, '#video video') == pytest.approx(1.5, abs=0.1)
    _choose_model(page, 'step_tiny_mini-ava')
    _find(page, '#score_thr input[type=range]').send_keys(Keys.HOME)
    _find(page, '#detect').click()
    assert _find(page, '#steps img').is_displayed()
    assert _duration(page, '#drawn video') == pytest.approx(1.5, abs=0.1)
    _find(page, '#actions button').click()
    _find(page, '#detect:not([disabled])')
    _check(page, 'page_result')
    # On a phone each step's picture has the width of the screen.
    set_phone(page)
    widths = {image.rect['width'] for image in page.find_elements(By.CSS_SELECTOR, '#steps img')}
    set_phone(page, False)
    assert min(widths) > 280


@pytest.mark.parametrize('name,said', [('broken.mp4', 'broken.mp4 is not a video'), (None, 'Choose or record')])
def test_errors_are_shown(page, files, name, said):
    if name:
        _upload(page, files / name)
    _find(page, '#detect').click()

    # Gradio itself may have said before that the browser cannot play the file.

    def toast():
        items = page.find_elements(By.CSS_SELECTOR, '[data-testid=toast-text]')
        return next((item.text for item in items if said in item.text), None)

    assert str(files) not in _wait_for(toast)


def test_nothing_is_asked_of_other_machines(page):
    events = [json.loads(entry['message'])['message'] for entry in page.get_log('performance')]
    urls = [event['params']['request']['url'] for event in events if event['method'] == 'Network.requestWillBeSent']
    assert len(urls) > 10
    assert {urlsplit(url).hostname for url in urls if url.startswith('http')} == {'127.0.0.1'}


def test_ends_without_files_left(server, files):
    process, address = server
    assert urlopen(address).status == 200 and any(path.is_file() for path in (files / 'temp').rglob('*.webm'))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not list((files / 'temp').glob('mmstep_web_*'))
    assert 'Traceback' not in (files / 'server.log').read_text()
