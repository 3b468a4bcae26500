"""Lets the model tests import their shared cases and the tools."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
# Last, for tools/test.py has the name of a package of Python's.
sys.path.append(str(Path(__file__).parents[2] / 'tools'))
