"""Run the examples of the README and of the docs pages as tests."""

import os

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

# Examples draw; no screen is needed for that.
os.environ.setdefault("MPLBACKEND", "Agg")

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]).pytest()
