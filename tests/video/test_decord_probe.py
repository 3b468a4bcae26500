"""Tests of mmstep.video.decord_probe.

Lists the frames of videos with decord, one file a line of standard input (JSON), and answers with an empty line.
"""
import json
import subprocess
import sys

from helpers.square_detector import write_square_video

from mmstep.video import decord_probe


def test_every_file_is_answered_until_the_input_ends(tmp_path):
    (tmp_path / 'text.mp4').write_text('no video')
    paths = [write_square_video(tmp_path / 'ü\n.mp4', 0.2), tmp_path / 'text.mp4', tmp_path / 'nowhere.mp4']
    lines = ''.join(f'{json.dumps(str(path))}\n' for path in paths)
    # It has to start fast, so without PyTorch.
    program = 'import runpy, sys; runpy.run_path(sys.argv[1], run_name="__main__"); print("torch" in sys.modules)'
    answer = subprocess.run([sys.executable, '-c', program, decord_probe.__file__],
                            input=lines,
                            capture_output=True,
                            text=True,
                            timeout=60)
    assert (answer.returncode, answer.stdout) == (0, '\n\n\nFalse\n'), answer.stderr
