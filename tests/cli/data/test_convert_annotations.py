"""The command that brings annotations of other programs into a data set, and detections back to people."""
import sys

import pytest
from helpers.video_files import grey_pictures, write_frames

from mmstep.cli.data import convert_annotations
from mmstep.datasets import read_tube_annotations
from mmstep.datasets.ava_csv import read_annotations, read_label_map
from mmstep.errors import LaunchError

TRACK = '''<annotations><version>1.1</version><meta><task><name>{0}</name><size>30</size>
<original_size><width>64</width><height>48</height></original_size><source>{0}.mp4</source></task></meta>
<track id="0" label="{1}"><box frame="0" keyframe="1" outside="0" xtl="1" ytl="2" xbr="21" ybr="40"/></track>
</annotations>'''


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in a folder with two videos and their exports from CVAT."""
    (tmp_path / 'videos').mkdir()
    for name, action in (('yard', 'walk'), ('hall', 'wave')):
        write_frames(tmp_path / 'videos' / f'{name}.mp4', grey_pictures(30), fps=10)
        (tmp_path / f'{name}.xml').write_text(TRACK.format(name, action))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['convert_annotations.py', *arguments])
        convert_annotations.main()

    return run


def test_cvat_to_ava_and_back(run, tmp_path):
    run('cvat', 'yard.xml', 'hall.xml', '--videos', 'videos', '--out', 'ava')
    assert read_label_map('ava/actions.pbtxt') == {1: 'walk', 2: 'wave'}
    assert [(row.video_id, row.timestamp) for row in read_annotations('ava/val.csv')] == [('hall', i)
                                                                                          for i in range(3)]
    assert {row.label for row in read_annotations('ava/train.csv')} == {1}
    run('ava', 'ava/train.csv', '--label-file', 'ava/actions.pbtxt', '--videos', 'videos', '--to', 'cvat', '--out',
        'back')
    assert 'name="walk">true' in (tmp_path / 'back' / 'yard.xml').read_text()


def test_cvat_to_tubes(run):
    run('cvat', 'yard.xml', 'hall.xml', '--to', 'tubes', '--out', '.', '--classes', 'wave', 'walk')
    truth = read_tube_annotations('tubes.pkl', subset='train')
    assert (truth.videos, truth.labels, truth.tube_label.tolist(), len(truth.rows)) == (['yard'], ['wave',
                                                                                                   'walk'], [1], 30)


def test_one_video_alone_is_for_both(run, capsys):
    run('cvat', 'yard.xml', '--videos', 'videos', '--out', 'ava')
    assert len(list(read_annotations('ava/val.csv'))) == 3
    assert 'for training and for validation alike' in capsys.readouterr().out


def test_classes_that_leave_some_out(run):
    with pytest.raises(LaunchError, match='leaves out: wave'):
        run('cvat', 'yard.xml', 'hall.xml', '--videos', 'videos', '--out', 'ava', '--classes', 'walk')


def test_a_video_twice(run, tmp_path):
    (tmp_path / 'again.xml').write_text(TRACK.format('yard', 'sit'))
    with pytest.raises(LaunchError, match='again.xml and yard.xml both annotate yard'):
        run('cvat', 'yard.xml', 'again.xml', '--videos', 'videos', '--out', 'ava')


def test_an_input_is_not_overwritten(run, tmp_path):
    before = (tmp_path / 'yard.xml').read_text()
    with pytest.raises(LaunchError, match='is the file that is read'):
        run('cvat', 'yard.xml', '--to', 'cvat', '--out', '.')
    assert (tmp_path / 'yard.xml').read_text() == before


def test_key_times_between_whole_seconds(run, capsys):
    run('cvat', 'yard.xml', '--videos', 'videos', '--out', 'whole')
    run('cvat', 'yard.xml', '--videos', 'videos', '--out', 'halves', '--every', '0.5')
    whole, halves = ({(row.timestamp, row.label)
                      for row in read_annotations(f'{name}/train.csv')} for name in ('whole', 'halves'))
    assert whole < halves and {second % 1 for second, _ in halves} == {0, 0.5}
    for options, said in ((['--every',
                            '0'], 'at least 0.001'), (['--every',
                                                       'inf'], 'finite'), (['--every', '2', '--to',
                                                                            'tubes'], 'every frame')):
        with pytest.raises(SystemExit):
            run('cvat', 'yard.xml', '--videos', 'videos', '--out', 'none', *options)
        assert said in capsys.readouterr().err
