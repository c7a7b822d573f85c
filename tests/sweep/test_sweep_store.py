"""Result files survive kills, full disks and flipped bits: whole or absent, and never wrong."""

import errno
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

from cellmodel.sweep import store, workspace

TABLE = xr.Dataset(
    {
        "series": (("point", "cycle"), np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)),
        "message": ("point", np.array([f"{i} µm — {'x' * i}" for i in range(20)], dtype=object)),
        "outcome": ("point", np.arange(20, dtype=np.int8), {"flag_values": np.array([1, 2], np.int8)}),
    },
    {"point": np.arange(20)},
    {"title": "a table"},
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "deep" / "table.nc"
    store.write(TABLE, path, "me")
    return path


def test_what_is_written_is_read(file):
    back = store.read(file, "me")
    xr.testing.assert_equal(back, TABLE)
    assert back["series"].dtype == np.float32 and back["outcome"].dtype == np.int8
    assert back.attrs["title"] == "a table" and back.attrs["Conventions"].startswith("CF-")
    assert {"numpy_version", "numba_version", "cellmodel_version"} < set(back.attrs)


def test_equal_content_gives_equal_bytes(file, tmp_path):
    store.write(TABLE, tmp_path / "again.nc", "me")
    assert (tmp_path / "again.nc").read_bytes() == file.read_bytes()


def test_no_cut_file_is_read(file):
    whole = file.read_bytes()
    for length in (0, 8, 100, len(whole) // 2, len(whole) - 100, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(store.DamagedFile, match=r"table\.nc"):
            store.read(file, "me")


def test_no_flipped_bit_changes_a_number(file, tmp_path):
    whole = file.read_bytes()
    found, copy = 0, tmp_path / "flipped.nc"
    for place in range(0, len(whole), 41):
        broken = bytearray(whole)
        broken[place] ^= 1 << (place % 8)
        copy.write_bytes(broken)
        try:
            back = store.read(copy, "me")
        except store.StoreError:
            found += 1
        else:
            xr.testing.assert_equal(back, TABLE)
    assert found > 20  # the rest hit padding


@pytest.mark.parametrize("content", [b"", b"not a netCDF file", b"CDF\x01" + bytes(28)])
def test_another_kind_of_file_is_refused(tmp_path, content):
    path = tmp_path / "odd.nc"
    path.write_bytes(content)
    with pytest.raises(store.StoreError, match=r"odd\.nc"):
        store.read(path, "me")


def test_a_file_of_another_sweep_is_refused(file):
    with pytest.raises(store.ForeignFile, match="another sweep"):
        store.read(file, "you")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(store.StoreError, match=r"none\.nc.*no such file"):
        store.read(tmp_path / "none.nc", "me")


def test_a_folder_that_cannot_be_made_is_named(file):
    with pytest.raises(store.StoreError, match=r"a file stands where a folder is needed"):
        store.write(TABLE, file / "below.nc", "me")
    with pytest.raises(store.StoreError, match=r"/proc/.*permission denied|/proc/.*no such file"):
        store.write(TABLE, store.Path("/proc/table.nc"), "me")


def test_a_folder_is_tried_before_a_sweep(tmp_path):
    store.check_writable(tmp_path / "new")
    assert os.listdir(tmp_path / "new") == []
    with pytest.raises(store.StoreError, match=r"^/proc/none: "):
        store.check_writable(store.Path("/proc/none"))


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np, xarray as xr
from cellmodel.sweep import store, workspace
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
noise = np.random.default_rng(0).random(100_000)
try:
    store.write(xr.Dataset({"noise": ("x", noise)}), Path(sys.argv[1]), "me")
except store.StoreError as error:
    print(error)
"""


def test_a_write_that_the_system_stops_leaves_the_old_file(file):
    before = file.read_bytes()
    done = subprocess.run([sys.executable, "-c", LIMITED, file], capture_output=True, text=True, timeout=60)
    assert "table.nc: File too large" in done.stdout, done.stderr
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == ["table.nc"]


def test_a_full_disk_is_named_although_the_library_hides_it(file, monkeypatch):
    def hdf_error(*_args, **_options):
        raise RuntimeError("NetCDF: HDF error")

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", hdf_error)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(store.StoreError, match=r"table\.nc.*the disk is full.*free some space"):
        store.write(TABLE, file, "me")
    assert os.listdir(file.parent) == ["table.nc"]


ENDLESS = """
import sys
from pathlib import Path
import numpy as np, xarray as xr
from cellmodel.sweep import store, workspace
number = 0
while True:
    store.write(xr.Dataset({"same": ("x", np.full(200_000, float(number)))}), Path(sys.argv[1]), "me")
    print(number, flush=True)
    number += 1
"""


def test_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    path = tmp_path / "table.nc"
    for moment in range(4):
        with subprocess.Popen([sys.executable, "-c", ENDLESS, path], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(0.013 * moment)
            process.send_signal(signal.SIGKILL)
        values = store.read(path, "me")["same"].values
        assert len(values) == 200_000 and (values == values[0]).all()


def test_only_old_leftovers_of_kills_are_removed(sweep, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/small/chunks"
    folder.mkdir(parents=True)
    old, young = folder / ".00001.nc.12.tmp", folder / ".00002.nc.13.tmp"
    for file in (old, young):
        file.touch()
    os.utime(old, (1.0, 1.0))
    assert workspace.remove_unusable(sweep) == []
    assert os.listdir(folder) == [young.name]
