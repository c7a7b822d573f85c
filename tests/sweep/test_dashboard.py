"""Dask's dashboard: served when asked for, on this machine only; else nothing of it is loaded."""

import subprocess
import sys
from urllib.request import urlopen

from cellmodel.sweep.threads import cluster_of

LOADED = """
import sys
from cellmodel.sweep.threads import cluster_of
with cluster_of(1):
    print("bokeh" in sys.modules)
"""


def test_the_pages_are_served_to_this_machine():
    said = []
    with cluster_of(1, 18787, said.append):
        (line,) = said
        address = line.removeprefix("dashboard at ")
        assert address.startswith("http://127.0.0.1:")
        with urlopen(address, timeout=30) as answer:
            page = answer.read().decode()
    assert answer.status == 200 and "bokeh" in page.lower()


def test_nothing_of_it_is_loaded_unasked():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False", done.stderr
