"""Sphinx: the site of mmstep, from docs/, the Markdown pages of the repository and its docstrings."""
import json
import os
import posixpath
import re
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

from mmstep.version import __version__ as release  # noqa: F401  importing mmstep also repairs what the stack lacks

project = 'mmstep'
copyright = 'The mmstep authors'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinx.ext.viewcode', 'myst_parser']
exclude_patterns = ['build']
myst_heading_anchors = 3  # links to headings, as on GitHub

# A package's __init__ only gathers what its modules define; each thing is described once, in its module.
autodoc_default_options = {'ignore-module-all': True}
autodoc_member_order = 'bysource'
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True  # else a documented attribute of a dataclass appears twice

# Every reference to something of mmstep has to lead somewhere; other projects' pages are not at hand.
nitpicky = True
nitpick_ignore_regex = [('py:(class|obj|exc|data|attr)', '.*'), ('py:meth', '__.*__'),
                        ('py:.*', r'(?!mmstep\b).*\..*')]
# An attribute's name in the list of a class's attributes is looked up in all classes; several have a width.
suppress_warnings = ['ref.python']

lexers['csv'] = TextLexer()  # of the tables on the pages, which GitHub knows

html_theme = 'furo'
html_title = f'mmstep {release}'

LINK = re.compile(r'(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?://|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)')


def find_by_last_name(app, env, node, contnode):
    """Lets ``get_rules`` or ``mmstep.evaluation.get_rules`` lead to the one function of that name, in its module."""
    # Not for classes: Path is pathlib's in most places, and a class of mmstep's own as well.
    if node['refdomain'] != 'py' or node['reftype'] not in ('func', 'meth', 'data'):
        return None
    node['refspecific'] = True
    name = node['reftarget'].rpartition('.')[2] if node['reftype'] == 'func' else node['reftarget']
    return env.domains['py'].resolve_xref(env, node['refdoc'], app.builder, node['reftype'], name, node, contnode)


def free_of_files(app, docname, source):
    """Takes links to files of the repository that are no pages here out of Markdown: their text stays.

    With the address of the repository in ``MMSTEP_URL`` they lead there.
    """
    if Path(app.env.doc2path(docname)).suffix != '.md':
        return
    folder, url = posixpath.dirname(docname), os.environ.get('MMSTEP_URL', '').rstrip('/')

    def replace(found):
        path = posixpath.normpath(posixpath.join(folder, found[2]))
        if path.endswith(('.md', '.rst')) and Path(app.srcdir, path).is_file():
            return found[0]
        return f'[{found[1]}]({url}/blob/main/{path})' if url else found[1]

    source[0] = LINK.sub(replace, source[0])


def collapse_sidebar(app, pagename, templatename, context, doctree):
    """Leaves a page its own branch of the contents: all modules beside each of 570 pages took most of the build."""
    if 'toctree' in context:
        whole = context['toctree']
        context['toctree'] = lambda **settings: whole(**dict(settings, collapse=True))


def notebook_to_markdown(path):
    """Text of a notebook's cells; a page needs no kernel."""
    parts = []
    for cell in json.loads(path.read_text(encoding='utf-8'))['cells']:
        text = ''.join(cell['source'])
        parts.append(text if cell['cell_type'] == 'markdown' else f'```python\n{text}\n```')
    return '\n\n'.join(parts) + '\n'


def setup(app):
    """Connects the above."""
    for path in Path(app.srcdir, 'docs').glob('*.ipynb'):
        path.with_suffix('.md').write_text(notebook_to_markdown(path), encoding='utf-8')
    app.connect('missing-reference', find_by_last_name)
    app.connect('source-read', free_of_files)
    app.connect('html-page-context', collapse_sidebar, priority=100)  # before the theme looks
