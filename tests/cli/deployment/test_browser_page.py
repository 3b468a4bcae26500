"""The page in Chromium: what it finds is what the exported file finds in the same frames."""
import functools
import http.server
import json
import threading
import time

import numpy as np
import pytest
import torch
from helpers.chromium import needs_chromium, open_chromium
from helpers.exported import small_model
from helpers.page_checks import axe_violations, page_faults, set_phone
from helpers.square_detector import write_square_video

from mmstep.apis.deployment import export_onnx
from mmstep.apis.deployment.browser_page import RUNTIME
from mmstep.apis.deployment.runtimes import OnnxRuntime
from mmstep.checkpoints.sources.fetch import download
from mmstep.cli.deployment.browser_page import main
from mmstep.errors import LaunchError
from mmstep.video.video_source import VideoSource

pytestmark = [pytest.mark.slow, needs_chromium]
FPS, FRAMES, SIZE = 12, 36, 64


class Files(http.server.SimpleHTTPRequestHandler):
    """A plain web server that says nothing."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Folder with a page, of a small model and of two seconds of video."""
    for name in ('onnx', 'onnxruntime', 'onnxscript'):
        pytest.importorskip(name)
    try:
        download(RUNTIME)
    except LaunchError as error:
        pytest.skip(f'npm cannot be reached: {error}')
    root = tmp_path_factory.mktemp('browser')
    export_onnx(small_model(), str(root / 'small.onnx'), nms=True, one_file=True)
    write_square_video(root / 'square.mp4', seconds=2, size=(SIZE, SIZE))
    main([str(root / 'small.onnx'), str(root / 'page'), '--video', str(root / 'square.mp4')])
    return root


@pytest.fixture(scope='module')
def address(folder):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                             functools.partial(Files, directory=str(folder / 'page')))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_address[1]}/'
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(address):
    with open_chromium() as driver:
        driver.get(address)
        wait_for(driver, 'Choose a video')
        yield driver


def wait_for(driver, text, seconds=120):
    """Waits until the page says something."""
    deadline = time.monotonic() + seconds
    while text not in (said := driver.find_element('id', 'status').text):
        assert 'Error' not in said and time.monotonic() < deadline, said
        time.sleep(0.1)


def set_value(driver, name, value):
    """Sets an input and says so to the page."""
    driver.execute_script(
        '''const input = document.getElementById(arguments[0]);
           input.value = arguments[1]; input.dispatchEvent(new Event('input'));''', name, value)


def saved(driver):
    """What the page would save."""
    return driver.execute_async_script('''const done = arguments[0];
           fetch(document.getElementById('save').href).then((answer) => answer.json()).then(done);''')


def test_finds_what_the_file_finds(page, folder):
    page.find_element('id', 'example').click()
    wait_for(page, 'example.webm: 2.0 seconds')
    set_value(page, 'threshold', 0.05)
    page.find_element('id', 'detect').click()
    wait_for(page, 'Done: 2 of 2 key frames')
    found = saved(page)
    assert found['model'] == 'small' and [item['time'] for item in found['key_frames']] == [0, 1]

    source = VideoSource(str(folder / 'page' / 'example.webm'))
    runtime = OnnxRuntime(str(folder / 'small.onnx'))
    names = json.loads((folder / 'page' / 'page.json').read_text())['classes']
    for item in found['key_frames']:
        numbers = np.clip(round(item['time'] * FPS) - FRAMES // 2 + np.arange(FRAMES), 0, 2 * FPS - 1)
        window = np.stack(source.frames_at((numbers / FPS).tolist()))
        out = runtime(torch.from_numpy(window.transpose(3, 0, 1, 2)[None].copy()))
        scores, tubes = out['kept_scores'][0].numpy(), out['tubes_step2'][0].numpy()
        boxes = tubes[:, tubes.shape[1] // 2] / SIZE
        wanted = sorted(((scores[i, j], names[j], boxes[i]) for i, j in zip(*np.nonzero(scores > 0.05))),
                        key=lambda row: -row[0])
        assert len(wanted) == len(item['detections']) > 0
        # A browser turns YUV into RGB a little otherwise, so that scores near each other may change places.
        for row in item['detections']:
            assert any(
                name == row['action'] and abs(score - row['score']) < 0.02 and abs(box - row['box']).max() < 0.02
                for score, name, box in wanted), row


def test_least_score_is_a_filter_and_a_row_goes_to_its_second(page):
    page.find_element('id', 'example').click()
    wait_for(page, 'example.webm: 2.0 seconds')
    set_value(page, 'stride', 0.5)
    set_value(page, 'threshold', 0.05)
    page.find_element('id', 'detect').click()
    wait_for(page, 'Done: 4 of 4 key frames')
    everything = saved(page)
    rows = page.find_elements('css selector', '#rows tr')
    assert len(rows) == sum(len(item['detections']) for item in everything['key_frames']) > 0
    page.find_elements('css selector', '#rows button')[-1].click()
    assert page.execute_script("return document.getElementById('video').currentTime") == pytest.approx(1.5)
    set_value(page, 'threshold', 0.95)
    assert page.find_elements('css selector', '#rows tr') == []
    assert [item['detections'] for item in saved(page)['key_frames']] == [[]] * 4


def test_a_file_that_is_no_video_is_an_error_and_the_next_one_works(page, folder):
    (folder / 'text.mp4').write_text('no video')
    page.find_element('id', 'file').send_keys(str(folder / 'text.mp4'))
    with pytest.raises(AssertionError, match='Error: this browser cannot play text.mp4'):
        wait_for(page, 'seconds')
    page.find_element('id', 'file').send_keys(str(folder / 'page' / 'example.webm'))
    deadline = time.monotonic() + 30
    while 'example.webm: 2.0 seconds' not in page.find_element('id', 'status').text:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert page.find_element('id', 'detect').is_enabled()


def test_everybody_can_use_it(page):
    assert axe_violations(page) == []
    assert page_faults(page) == []
    set_phone(page)
    assert page_faults(page) == []
