"""The page of the studies: their tables, between two marks of configs/step/studies/README.md."""
import re
from typing import Any, Dict

from mmstep.utils import write_text
from .study_file import FOLDER, list_studies, read_study
from .tables import study_section

PAGE = FOLDER / 'README.md'
BEGIN, END = '<!-- tables -->', '<!-- end of tables -->'


def tables(results: Dict[str, Any]) -> str:
    """The sections of all studies.

    Args:
        results (dict): See :func:`~studies.results.read_results`.

    Returns:
        str: Markdown between the marks, with them.
    """
    sections = [study_section(read_study(name), results) for name in list_studies()]
    return '\n\n'.join([BEGIN, *sections, END])


def write_page(results: Dict[str, Any]) -> None:
    """Writes the tables into the page.

    Args:
        results (dict): See :func:`~studies.results.read_results`.
    """
    text = PAGE.read_text(encoding='utf-8')
    new = re.sub(f'{BEGIN}.*{END}', lambda _: tables(results), text, flags=re.DOTALL)
    if new != text:
        write_text(PAGE, new)
