"""Tables of studies: from figures made by hand, and those of the page from the results file."""
import pytest
from studies.page import PAGE, tables
from studies.results import RESULTS, read_results
from studies.study_file import read_study
from studies.tables import claim_table, study_section, variant_table

STUDY = """
title, paper, figure, extra, seeds = 'Steps', 'Table 1(a)', 'overall', ('context', ), (0, 1, 2)
variants = dict(
    s2=dict(config='a.py', published={1: 56.6, 2: 60.7}, label='S = 2'), s1=dict(config='a.py'))
claims = [dict(text='second over first', more='s2', less=('s2', 1), published='+4'),
          dict(text='two over one', more='s2', less='s1')]
"""


def scored(*steps):
    return dict(trainings=['k'], figures={str(i): dict(overall=value, context=1.) for i, value in enumerate(steps, 1)})


@pytest.fixture
def study(tmp_path):
    (tmp_path / 'steps.py').write_text(STUDY)
    return read_study('steps', tmp_path)


@pytest.fixture
def results():
    trained = dict(iterations=400, cpu_seconds=120, cpu='a CPU', torch='2.13', commit='abc')
    scores = dict(s2={'0': scored(50, 60), '1': scored(51, 61.5), '2': scored(52, 62.1)}, s1={'1': scored(55)})
    return dict(trainings=dict(k=trained), scores=dict(steps=scores))


def test_figures_of_the_steps_with_their_spread(study, results):
    assert variant_table(study, results)[2:] == [
        '| S = 2 | 51.0 ± 1.0 | 61.2 ± 1.1 | 1.0 ± 0.0 | 56.6 / 60.7 | 0, 1, 2 |',
        '| s1 | 55.0 | - | 1.0 | - | 1 (missing: 0, 2) |'
    ]


def test_claims_are_paired_by_seed(study, results):
    # Differences 10, 10.5, 10.1: mean 10.2, deviation 0.265, half interval 0.66. Of the second claim only seed 1.
    assert claim_table(study, results)[2:] == [
        '| second over first | +4 | +10.2 | +9.5 to +10.9 | 3 | shown |',
        '| two over one | - | +6.5 | - | 1 | one seed |'
    ]


def test_a_study_without_runs_says_so(study):
    section = study_section(study, dict(trainings={}, scores={}))
    assert '| S = 2 | - | - | 56.6 / 60.7 | none (missing: 0, 1, 2) |' in section
    assert 'not measured' in section and section.endswith('Not measured yet.')


def test_the_page_has_the_tables_of_the_results_file():
    assert tables(read_results(RESULTS)) in PAGE.read_text(encoding='utf-8'), \
        'python tools/analysis_tools/study.py all --collect writes them'
