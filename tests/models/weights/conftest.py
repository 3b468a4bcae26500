"""Lets the tests of weights import their shared cases."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
