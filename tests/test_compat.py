"""The repairs of the stack."""
import copy
import importlib.metadata
import os
import pathlib
import pickle
import sys
from unittest import mock

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.logging import HistoryBuffer, MessageHub
from torch import nn

from mmstep import compat


def test_versions_that_fit():
    assert compat.find_misfits(dict(mmengine='0.10.7', mmcv='2.1.0', mmdet='3.3.0', mmaction2='1.2.0')) == []
    assert compat.find_misfits(dict(mmengine='0.11.0rc1', mmcv='2.1.0+cpu', mmdet='3.3.9', mmaction2='1.2.1')) == []


@pytest.mark.parametrize('name, version, message', [
    ('mmcv', '2.2.0', 'mmcv 2.2.0 is installed; needed: >=2.1.0, <2.2.0'),
    ('mmcv', None, 'mmcv is not installed; needed: >=2.1.0, <2.2.0'),
    ('mmengine', '0.9.10', 'mmengine 0.9.10 is installed; needed: >=0.10.7, <1.0.0'),
])
def test_versions_that_do_not_fit(name, version, message, monkeypatch):
    installed = {**dict(mmengine='0.10.7', mmcv='2.1.0', mmdet='3.3.0', mmaction2='1.2.0'), name: version}
    assert compat.find_misfits(installed) == [message]

    def find(name):
        if installed[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(importlib.metadata, 'version', find)
    with pytest.raises(ImportError, match=f'(?s){message}.*bash tools/setup_env.sh'):
        compat.check_versions()


def test_drn_stand_in_explains_itself():
    from mmaction.models.localizers import BMN, DRN
    if DRN.__module__ != compat.__name__:
        pytest.skip('this mmaction2 has DRN')
    assert BMN.__module__ == 'mmaction.models.localizers.bmn'
    with pytest.raises(ImportError, match='mmaction2 1.2.0 wheel does not contain DRN'):
        DRN()
    with pytest.raises(ImportError, match='does not contain DRN'):
        MODELS.build(dict(type='DRN'))


def test_applying_twice_changes_nothing():
    from mmaction.evaluation.functional.ava_evaluation import metrics
    before = (sys.modules.get(compat.DRN_PACKAGE), metrics.compute_average_precision,
              len(torch.serialization.get_safe_globals()))
    compat.apply_compat()
    assert before == (sys.modules.get(compat.DRN_PACKAGE), metrics.compute_average_precision,
                      len(torch.serialization.get_safe_globals()))


def test_message_hub_survives_a_checkpoint(tmp_path):
    hub = MessageHub('test_compat')
    for value in (1., 2.5, np.float64(4.)):
        hub.update_scalar('train/loss', value)
    hub.update_info('dtypes', [np.zeros(2, dtype) for dtype in ('f2', 'f4', 'f8', 'i4', 'i8', 'u1', '?')])
    torch.save(hub.state_dict(), tmp_path / 'hub.pth')
    loaded = torch.load(tmp_path / 'hub.pth')  # weights_only is the default
    buffer = loaded['log_scalars']['train/loss']
    assert isinstance(buffer, HistoryBuffer) and buffer.data[0].tolist() == [1., 2.5, 4.]
    assert [a.dtype.char for a in loaded['runtime_info']['dtypes']] == list('efdil' + 'B?')


def test_checkpoints_still_run_no_code(tmp_path):
    torch.save(dict(path=pathlib.PurePosixPath('x')), tmp_path / 'other.pth')
    with pytest.raises(pickle.UnpicklingError, match='pathlib'):
        torch.load(tmp_path / 'other.pth')


class Getattr:
    """Becomes what ``getattr`` gives, when it is loaded."""

    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return getattr, self.args


def test_getattr_in_a_checkpoint_reaches_nothing_else(tmp_path):
    torch.save(Getattr(HistoryBuffer, 'mean'), tmp_path / 'mean.pth')
    assert torch.load(tmp_path / 'mean.pth') is HistoryBuffer.mean
    for name in ('__init__', '__globals__', 'data'):
        torch.save(Getattr(HistoryBuffer, name), tmp_path / 'other.pth')
        with pytest.raises(pickle.UnpicklingError, match='getattr'):
            torch.load(tmp_path / 'other.pth')


def test_undefined_average_precision_is_nan():
    from mmaction.evaluation.functional.ava_evaluation import metrics
    assert np.isnan(metrics.compute_average_precision(None, None))
    assert metrics.compute_average_precision(np.array([1.]), np.array([.5])) == .5
    with pytest.raises(ValueError, match='recall must also be None'):
        metrics.compute_average_precision(None, np.array([.5]))


def test_primitive_cache_is_wide_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv('ONEDNN_PRIMITIVE_CACHE_CAPACITY', raising=False)
    compat.widen_primitive_cache()
    assert int(os.environ['ONEDNN_PRIMITIVE_CACHE_CAPACITY']) > 1024
    monkeypatch.setenv('ONEDNN_PRIMITIVE_CACHE_CAPACITY', '7')
    compat.widen_primitive_cache()
    assert os.environ['ONEDNN_PRIMITIVE_CACHE_CAPACITY'] == '7'


class TestActivationCheckpointing:

    def model(self):
        model = nn.Module()
        model.backbone = nn.Sequential(nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4), nn.Dropout(.5), nn.Conv1d(4, 4, 3))
        model.head = nn.Linear(4, 1)
        return model

    def step(self, model, inputs):
        torch.manual_seed(0)
        model.head(model.backbone(inputs).mean(-1)).sum().backward()
        return [parameter.grad for parameter in model.parameters()], dict(model.named_buffers())

    def test_every_parameter_is_trained_as_without(self):
        model, inputs = self.model(), torch.randn(3, 2, 9)
        other = copy.deepcopy(model)
        compat.turn_on_activation_checkpointing(other, ['backbone'])
        for one, two in zip(self.step(model, inputs), self.step(other, inputs)):
            pairs = zip(one, two) if isinstance(one, list) else [(one[key], two[key]) for key in one]
            assert all(torch.equal(first, second) for first, second in pairs)

    def test_runner_uses_it(self):
        from mmengine.runner import runner
        assert runner.turn_on_activation_checkpointing is compat.turn_on_activation_checkpointing

    def test_names_that_cannot_are_refused(self):
        model = self.model()
        with pytest.raises(ValueError, match="has no module 'neck'"):
            compat.turn_on_activation_checkpointing(model, ['neck'])
        model.head.loss = model.head.predict = lambda: None
        with pytest.raises(ValueError, match="'head' is not trained by its forward"):
            compat.turn_on_activation_checkpointing(model, 'head')


class Forged:
    """Pickled as an array of a forged type: numpy would read and write the memory at the addresses in its content."""

    def __init__(self, spec, flags):
        dtype = type(
            'Forged', (),
            dict(__reduce__=lambda self: (np.dtype, (spec, False, True), (3, '<', None, None, None, -1, -1, flags))))()
        self.made = np.zeros(1).__reduce__()[:2] + ((1, (2, ), dtype, False, b'\x41' * 16), )

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize('zipped', [True, False])
def test_forged_types_in_a_checkpoint(tmp_path, zipped):
    path = tmp_path / 'x.pth'
    torch.save(dict(a=Forged('O8', 0)), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(pickle.UnpicklingError, match="it asks for arrays of the type 'O8'"):
        torch.load(path)
    torch.save(dict(a=Forged('f8', 63)), path, _use_new_zipfile_serialization=zipped)
    loaded = torch.load(path)['a']
    assert loaded.dtype == np.dtype('f8') and loaded.dtype.flags == np.dtype('f8').flags and not loaded.dtype.hasobject


def test_numpys_own_constructors_are_out_of_reach():
    allowed = [item[0] if isinstance(item, tuple) else item for item in torch.serialization.get_safe_globals()]
    assert not {np.ndarray, np.dtype, np.zeros(1).__reduce__()[0]} & set(allowed)


def test_states_of_random_numbers_survive_a_checkpoint(tmp_path):
    torch.save(dict(old=np.random.get_state(), new=np.random.default_rng(1).bit_generator.state), tmp_path / 'x.pth')
    loaded = torch.load(tmp_path / 'x.pth')
    before = np.random.get_state()
    np.random.set_state(loaded['old'])
    assert np.array_equal(np.random.get_state()[1], before[1])
    generator = np.random.default_rng()
    generator.bit_generator.state = loaded['new']
    assert generator.random() == np.random.default_rng(1).random()


def test_history_is_plain_after_a_checkpoint(tmp_path):
    buffer = HistoryBuffer([1., 2.5], [1, 1])
    torch.save(buffer, tmp_path / 'x.pth')
    loaded = torch.load(tmp_path / 'x.pth')
    loaded.update(4.)
    assert [type(array) for array in loaded.data] == [np.ndarray] * 2 and loaded.mean() == 2.5


def test_history_of_a_checkpoint_has_its_statistics(tmp_path):
    """In a process that has made no other buffer, as a training that is resumed and validates at once."""
    torch.save(HistoryBuffer([1., 2.], [1, 1]), tmp_path / 'history.pth')
    with mock.patch.dict(vars(HistoryBuffer)['_statistics_methods'], clear=True):
        assert torch.load(tmp_path / 'history.pth').statistics('mean') == 1.5
