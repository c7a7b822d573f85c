"""Run the examples of the README and of the docs pages as tests."""

import os

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

# Examples draw; no screen is needed for that.
os.environ.setdefault("MPLBACKEND", "Agg")
# As jobs of the workflow do: threads of linear algebra wait for each other in a loop where the machine is busy.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]).pytest()
