"""Study files: what they say, what is refused, and which trainings are one."""
import pytest
from mmaction.registry import MODELS
from studies.study_file import list_studies, read_study, resolve_config, scoring_digest, training_digest

from mmstep.errors import LaunchError

CONFIG = 'step_tiny_mini-ava.py'


def write(folder, text):
    (folder / 'mine.py').write_text("title = paper = figure = 'a'\n" + text)
    return read_study('mine', folder)


@pytest.mark.parametrize('name', list_studies())
def test_every_study_can_be_read(name):
    study = read_study(name)
    assert study.variants and study.title and study.paper


@pytest.mark.parametrize('name', list_studies())
def test_models_of_every_variant_can_be_built(name):
    for variant in read_study(name).variants.values():
        model = resolve_config(variant).model
        for stream in [stream.model for stream in model.streams] if model.type == 'StreamFusion' else [model]:
            assert MODELS.build({**stream, 'init_cfg': None}).roi_head.num_steps


def test_claims_without_a_step_are_of_the_last_one(tmp_path):
    study = write(
        tmp_path, f"variants = dict(a=dict(config='{CONFIG}'), b=dict(config='{CONFIG}'))\n"
        "claims = [dict(text='more', more='a', less=('b', 1))]")
    assert study.claims[0].more == ('a', None) and study.claims[0].less == ('b', 1)
    assert study.seeds == (0, 1, 2) and study.variants['a'].label == 'a'


@pytest.mark.parametrize('text, message', [
    (f"variants = dict(a=dict(config='{CONFIG}', option={{}}))", r"variants\['a'\] has unknown keys \['option'\]"),
    ("variants = dict(a=dict(options={}))", r"lacks \['config'\]"),
    (f"variants = dict(a=dict(config='{CONFIG}', trained_as='b'))", r"trained_as names \['b'\]"),
    (f"variants = dict(a=dict(config='{CONFIG}'))\nclaims = [dict(text='', more='a', less='b')]", "is about 'b'"),
    ('', r"lacks \['variants'\]"),
])
def test_faults_are_named(tmp_path, text, message):
    with pytest.raises(LaunchError, match=message):
        write(tmp_path, text)


def test_an_unknown_study_is_refused_with_the_known_ones():
    with pytest.raises(LaunchError, match="no study 'extensoin'.*extension"):
        read_study('extensoin')


def variants(tmp_path, **options):
    text = ', '.join(f"{name}=dict(config='{CONFIG}', options={value!r})" for name, value in options.items())
    study = write(tmp_path, f'variants = dict({text})')
    return {name: resolve_config(variant) for name, variant in study.variants.items()}


def test_trainings_are_one_if_they_differ_in_testing_alone(tmp_path):
    found = variants(
        tmp_path,
        plain={},
        pruned={'model.roi_head.test_cfg.prune': dict(score_thr=.5)},
        uniform={'model.roi_head.train_cfg.sampler.uniform': True})
    assert training_digest(found['plain']) == training_digest(found['pruned'])
    assert scoring_digest(found['plain']) != scoring_digest(found['pruned'])
    assert training_digest(found['plain']) != training_digest(found['uniform'])


def test_a_study_may_train_for_less_long(tmp_path):
    study = write(tmp_path, f"iterations = 300\nvariants = dict(a=dict(config='{CONFIG}'))")
    cfg = resolve_config(study.variants['a'])
    assert cfg.train_cfg.max_iters == 300
    assert [scheduler.end for scheduler in cfg.param_scheduler] == [100, 300] and cfg.param_scheduler[1].T_max == 200
