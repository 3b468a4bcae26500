"""The summary at the start of a training."""


def test_batch_rates_and_updates_are_logged(tmp_path, make_runner):
    runner = make_runner(
        tmp_path,
        6,
        custom_hooks=[dict(type='TrainingSummaryHook')],
        optim_wrapper=dict(
            optimizer=dict(type='SGD', lr=1e-3),
            accumulative_counts=3,
            paramwise_cfg=dict(custom_keys=dict(bias=dict(lr_mult=0.1)))))
    said = []
    runner.logger.info = said.append
    runner.train()
    text = '\n'.join(map(str, said))
    assert '6 windows an update (1 processes x 2 windows x 3 accumulated iterations)' in text
    assert 'Learning rates: 0.0001, 0.001. 6 iterations, 2 updates' in text
