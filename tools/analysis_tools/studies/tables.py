"""Tables of studies in Markdown, made from the results file alone."""
from typing import Any, Dict, List, Optional

from .intervals import Difference, mean_and_spread, paired_difference
from .results import figure, last_step, trained_from
from .study_file import Claim, Study, Variant


def study_section(study: Study, results: Dict[str, Any]) -> str:
    """What the page says of a study: heading, table of variants, table of claims, how it was measured.

    Args:
        study (Study): The study.
        results (dict): See :func:`~studies.results.read_results`.

    Returns:
        str: Markdown, without a line break at the end.
    """
    parts = [f'## {study.title}', f'Published: {study.paper}. `python tools/analysis_tools/study.py {study.name}`']
    parts += [study.note] * bool(study.note)
    parts.append('\n'.join(variant_table(study, results)))
    if study.claims:
        parts.append('\n'.join(claim_table(study, results)))
    parts.append(measured(study, results))
    return '\n\n'.join(parts)


def variant_table(study: Study, results: Dict[str, Any]) -> List[str]:
    """Lines of the table of the variants: a figure for each step, with its spread over the seeds.

    Args:
        study (Study): The study.
        results (dict): See :func:`~studies.results.read_results`.

    Returns:
        list[str]: Lines of Markdown.
    """
    steps = max([1] + [last_step(results, study.name, name) for name in study.variants])
    published = any(variant.published for variant in study.variants.values())
    head = ['variant', *(f'step {step}' for step in range(1, steps + 1)), *study.extra]
    head += ['published'] * published + ['seeds']
    lines = [f'| {" | ".join(head)} |', '|' + ' --- |' * len(head)]
    for name, variant in study.variants.items():
        cells = [variant.label]
        cells += [_cell(study, results, name, study.figure, step) for step in range(1, steps + 1)]
        cells += [_cell(study, results, name, extra, None) for extra in study.extra]
        cells += [_published(variant)] * published + [_seeds(study, results, name)]
        lines.append(f'| {" | ".join(cells)} |')
    return lines


def claim_table(study: Study, results: Dict[str, Any]) -> List[str]:
    """Lines of the table of the claims: paired differences with their 95 % intervals.

    Args:
        study (Study): The study.
        results (dict): See :func:`~studies.results.read_results`.

    Returns:
        list[str]: Lines of Markdown.
    """
    lines = ['| claim | published | difference | 95 % interval | seeds | verdict |', '|' + ' --- |' * 6]
    for claim in study.claims:
        found = difference(study, results, claim)
        cells = ['-', '-', '0', 'not measured'] if found is None else [
            f'{found.mean:+.1f}', f'{found.low:+.1f} to {found.high:+.1f}' if found.number > 1 else '-',
            str(found.number), found.verdict
        ]
        lines.append(f'| {" | ".join([claim.text, claim.published or "-", *cells])} |')
    return lines


def difference(study: Study, results: Dict[str, Any], claim: Claim) -> Optional[Difference]:
    """The paired difference that a claim is about.

    Args:
        study (Study): The study.
        results (dict): See :func:`~studies.results.read_results`.
        claim (Claim): The claim.

    Returns:
        Difference | None: Over the seeds of which both figures are there; None if there are none.
    """
    name = claim.figure or study.figure
    sides = [[figure(results, study.name, variant, seed, name, step) for seed in study.seeds]
             for variant, step in (claim.more, claim.less)]  # yapf: disable
    pairs = [(more, less) for more, less in zip(*sides) if more is not None and less is not None]
    return paired_difference(*zip(*pairs)) if pairs else None


def measured(study: Study, results: Dict[str, Any]) -> str:
    """A line that says on what and how the figures of a study were measured."""
    trained = trained_from(results, study.name)
    if not trained:
        return 'Not measured yet.'

    def listed(key: str) -> str:
        return ', '.join(sorted({str(each[key]) for each in trained}))

    timed = [each['cpu_seconds'] for each in trained if each['cpu_seconds'] is not None]
    minutes = f' and {sum(timed) / 60 / len(timed):.1f} CPU minutes' if timed else ''
    notes = ''.join(f' {each["note"]}.' for each in trained if 'note' in each)
    return (
        f'Measured: {len(trained)} training{"s" if len(trained) > 1 else ""} of {listed("iterations")} iterations, '
        f'one thread{minutes} each, on {listed("cpu")}; torch {listed("torch")}; commit {listed("commit")}.{notes}')


def _cell(study: Study, results: Dict[str, Any], variant: str, name: str, step: Optional[int]) -> str:
    found = [figure(results, study.name, variant, seed, name, step) for seed in study.seeds]
    values = [value for value in found if value is not None]
    if not values:
        return '-'
    mean, deviation = mean_and_spread(values)
    return f'{mean:.1f} ± {deviation:.1f}' if len(values) > 1 else f'{mean:.1f}'


def _published(variant: Variant) -> str:
    return ' / '.join(f'{value:.1f}' for _, value in sorted(variant.published.items())) or '-'


def _seeds(study: Study, results: Dict[str, Any], variant: str) -> str:
    """The seeds that were run; of an unfinished study also those that are missing."""
    there = [seed for seed in study.seeds if figure(results, study.name, variant, seed, study.figure) is not None]
    missing = [seed for seed in study.seeds if seed not in there]
    text = ', '.join(map(str, there)) or 'none'
    return text + (f' (missing: {", ".join(map(str, missing))})' if missing else '')
