"""Every subcommand of ``mmstep``: it can be imported, its help shows an example, its arguments are read."""
import argparse
import importlib

import pytest

from mmstep_command.subcommands import GROUPS, SUBCOMMANDS


@pytest.mark.parametrize('name', SUBCOMMANDS)
def test_help_shows_an_example(name):
    module = importlib.import_module(SUBCOMMANDS[name].module)
    parser = argparse.ArgumentParser(prog=f'mmstep {name}')
    module.add_arguments(parser)
    text = parser.format_help()
    assert f'example: mmstep {name}' in text
    assert parser.description and callable(module.main)


def test_names_are_in_one_group_each():
    assert len(SUBCOMMANDS) == sum(map(len, GROUPS.values()))
