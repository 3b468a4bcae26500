"""The text of a config is Python that says what the data set needs."""
from mmengine.config import Config

from mmstep.apis.new_config import new_config


def read(folder, **kwargs):
    written = new_config(str(folder.name), **kwargs)
    return written, Config.fromfile(written.path)


def test_a_config_for_named_actions(actions):
    written, cfg = read(actions, base='step_tiny_mini-ava')
    assert cfg.class_names == ['sit', 'walk'] and cfg.model.roi_head.bbox_head.num_classes == 2
    assert cfg.model.roi_head.bbox_head.loss_cls.loss_weight == 2.
    assert cfg.model.roi_head.test_cfg.prune is None and cfg.model.roi_head.test_cfg.keep_steps
    assert cfg.train_dataloader.dataset.num_classes == cfg.val_evaluator.num_classes == 3
    assert cfg.val_dataloader.dataset.ann_file == cfg.test_evaluator.ann_file == 'mine/step_mine/val.csv'
    windows = [t for t in cfg.train_dataloader.dataset.pipeline if t.type == 'SampleTubeWindow']
    assert [(t.clip_len, t.fps, t.jitter) for t in windows] == [(8, 8, 2)]
    assert [t for t in cfg.test_pipeline if t.type == 'Resize'][0].scale == (224, 224)
    assert cfg.test_dataloader.dataset.pipeline == cfg.test_pipeline
    assert cfg.param_scheduler[1].end == cfg.train_cfg.max_iters == 600 and cfg.val_evaluator.groups is None
    assert all(reason in written.path.read_text() for reason in written.reasons[3:6])


def test_a_config_for_tubes(tubes):
    _, cfg = read(tubes, base='step_tiny_mini-ucf')
    assert cfg.train_dataloader.dataset.ann_file == cfg.test_evaluator.ann_file == 'mine/step_mine/tubes.pkl'
    assert cfg.model.roi_head.bbox_head.num_classes == 2 and cfg.class_names == ['sit', 'walk']
    assert cfg.model.roi_head.bbox_head.loss_cls.loss_weight == 3.


def test_a_base_with_other_settings_of_its_data(actions, tubes):
    _, cfg = read(tubes, base='step_vgg16_ucf101-24_rgb', out='tubes.py')
    assert cfg.test_dataloader.dataset.test_list is None and cfg.test_evaluator.test_list is None
    (actions / 'own.csv').write_text('hall,0,.1,.2,.3,.9,walk,0\n')
    _, cfg = read(actions, base='step_i3d_ava', out='actions.py')
    assert cfg.train_dataloader.dataset.custom_classes is None and cfg.train_dataloader.dataset.exclude_file is None
    assert cfg.train_cfg.max_epochs == 100 and cfg.param_scheduler[0].milestones == [60]


def test_names_that_look_like_code(actions):
    (actions / 'own.csv').write_text('hall,0,.1,.2,.3,.9,"don\'t, {run}",0\n')
    _, cfg = read(actions, base='step_tiny_mini-ava')
    assert cfg.class_names == ["don't, {run}"]
