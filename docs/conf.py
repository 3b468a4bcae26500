"""Sphinx: API pages of mmstep from its docstrings."""
from mmstep.version import __version__ as release  # noqa: F401  importing mmstep also repairs what the stack lacks

project = 'mmstep'
copyright = 'The mmstep authors'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinx.ext.viewcode']
exclude_patterns = ['build']

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

html_theme = 'alabaster'
html_theme_options = dict(fixed_sidebar=True, page_width='1100px')
html_sidebars = {'**': ['about.html', 'searchfield.html', 'navigation.html']}


def find_by_last_name(app, env, node, contnode):
    """Lets ``get_rules`` or ``mmstep.evaluation.get_rules`` lead to the one function of that name, in its module."""
    # Not for classes: Path is pathlib's in most places, and a class of mmstep's own as well.
    if node['refdomain'] != 'py' or node['reftype'] not in ('func', 'meth', 'data'):
        return None
    node['refspecific'] = True
    name = node['reftarget'].rpartition('.')[2] if node['reftype'] == 'func' else node['reftarget']
    return env.domains['py'].resolve_xref(env, node['refdoc'], app.builder, node['reftype'], name, node, contnode)


def setup(app):
    """Connects the above."""
    app.connect('missing-reference', find_by_last_name)
