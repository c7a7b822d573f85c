import subprocess
import sys
import time
from types import ModuleType, SimpleNamespace

import matplotlib.figure
import numpy as np
import pytest
import xarray as xr

from cellmodel import cli, plots

HALF = ["simulate", "--anode", "foil", "--step", "Plate at 1 mA/cm2 for 1 h"]


def dataset(cycles=30):
    values = np.linspace(1.0, 0.8, cycles)
    data = {
        "charge_capacity": ("cycle", 4.0 * values, {"units": "mAh cm-2"}),
        "capacity_retention": ("cycle", values, {"units": "1"}),
    }
    return xr.Dataset(data, {"cycle": np.arange(1, cycles + 1)})


@pytest.fixture
def simulated(library, monkeypatch):
    """A stand-in for the model, which remembers what it was asked to run."""
    asked = []

    def simulate(cell, protocol):
        asked.append((cell, protocol))
        cycles = dataset()
        empty = xr.Dataset({"time": ("t", [0.0, 1.0])})
        return SimpleNamespace(cycles=cycles, steps=empty, trace=empty, profiles=None, outcome="completed")

    module = ModuleType("cellmodel.simulation")
    module.simulate = simulate
    monkeypatch.setitem(sys.modules, "cellmodel.simulation", module)
    return asked


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main([str(each) for each in arguments])
    captured = capsys.readouterr()
    return left.value.code, captured.out, captured.err


def test_simulate_prints_the_outcome_and_a_short_table(simulated, capsys):
    code, out, err = run(capsys, *HALF, "--set", "stack_pressure=3 MPa", "--set", "anode.thickness = 20 um")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Outcome: completed"
    assert lines[1].split() == ["cycle", "charge", "capacity", "capacity", "retention"]
    assert lines[2].split() == ["[mAh", "cm-2]"]
    assert lines[3].split() == ["1", "4", "1"] and lines[-1].split() == ["30", "3.2", "0.8"]
    assert len(lines) == 3 + 12
    cell, protocol = simulated[0]
    assert cell.si["stack_pressure"] == 3e6 and cell.si["anode.thickness"] == 2e-5
    assert protocol.sentences == [{"repeat": 1, "steps": ["Plate at 1 mA/cm2 for 1 h"]}]


def test_simulate_reads_a_protocol_file(simulated, capsys, tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("cycling: {rate: 0.5C, cycles: 3}")
    code, _, _ = run(capsys, "simulate", "--anode", "foil", "--cathode", "layered", "--protocol", file)
    assert code == 0 and simulated[0][1].cycles == 3


def test_simulate_writes_results_and_figure(simulated, capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(vars(plots), "run_overview", lambda run: matplotlib.figure.Figure())
    code, out, _ = run(capsys, *HALF, "--out", tmp_path / "run.nc", "--plot", tmp_path / "run.svg")
    assert code == 0 and out.count("Written: ") == 2
    tree = xr.open_datatree(tmp_path / "run.nc")
    assert tree.attrs["outcome"] == "completed"
    assert set(tree.children) == {"cycles", "steps", "trace"}
    np.testing.assert_allclose(tree["cycles"].capacity_retention, dataset().capacity_retention)
    assert "<svg" in (tmp_path / "run.svg").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config", "run.nc", "run.svg"]


BAD_CALLS = [
    (
        ["simulate", "--anode", "foyl", "--step", "Plate at 1 mA/cm2 for 1 h"],
        ["'foyl'", "did you mean 'foil'?"],
    ),
    ([*HALF, "--set", "stack_presure=3 MPa"], ["stack_presure", "did you mean 'stack_pressure'?"]),
    ([*HALF, "--set", "stack_pressure=3"], ["'3' has no unit", "0.05 to 500 MPa"]),
    ([*HALF, "--set", "stack_pressure=3 V"], ["'3 V' is a voltage, not a pressure"]),
    ([*HALF, "--set", "stack_pressure"], ["--set: 'stack_pressure' is not an assignment"]),
    ([*HALF, "--set", "stack_pressure=3 MPa", "--set", "stack_pressure=4 MPa"], ["is set twice"]),
    ([*HALF, "--counter", "lithium", "--cathode", "layered"], ["is given together with a cathode"]),
    (["simulate", "--anode", "foil", "--step", "Plate at 1 mA/cm2 fro 1 h"], ["\n", "^ expected", "'for'"]),
    (["simulate", "--anode", "foil", "--step", "Charge at 1C until 4 V"], ["a half cell plates and strips"]),
    (["simulate", "--anode", "foil"], ["--protocol: or --step is needed"]),
    ([*HALF, "--protocol", "p.yaml"], ["--protocol: and --step are given both"]),
    (["simulate", "--anode", "foil", "--protocol", "p.yaml", "--repeat", "2"], ["goes with --step only"]),
    (["simulate", "--anode", "foil", "--protocol", "missing.yaml"], ["missing.yaml", "No such file"]),
    ([*HALF, "--out", "nowhere/run.nc"], ["--out: 'nowhere/run.nc'", "mkdir -p nowhere"]),
    ([*HALF, "--out", "."], ["name a file"]),
    ([*HALF, "--plot", "run.doc"], ["--plot: 'run.doc' is no known kind of figure", ".png, .svg, .pdf"]),
    ([*HALF, "--repeat", "0"], ["--repeat", "0 is not in the range"]),
    (["simulate", "--step", "Rest for 1 h"], ["Missing option '--anode'"]),
    (["simulat"], ["No such command 'simulat'"]),
    (["components", "foyl"], ["'foyl' is not a known component", "did you mean 'foil'?"]),
    (["sweep", "missing.yaml"], ["missing.yaml", "No such file"]),
    (["sweep", "mine.yaml", "--dry-run"], ["No such option '--dry-run'"]),
    (["plan", "missing.yaml"], ["cellmodel plan: SWEEP: 'missing.yaml' is not a file"]),
    (["plan", "mime"], ["SWEEP: 'mime' has no file in config/sweeps", "did you mean 'mine'?"]),
    (["plan", "config/sweeps/mime.yaml"], ["did you mean 'mine'?"]),
    (["plan", "mine", "--cluster", "64", "x32"], ["--cluster: '64' is not nodes x cores", "64x32"]),
    (["plan", "mine", "--cluster", "0x4"], ["--cluster: '0x4' has no nodes"]),
]


@pytest.mark.parametrize(("arguments", "parts"), BAD_CALLS)
def test_bad_calls_end_in_one_message_and_exit_code_2(simulated, capsys, tmp_path, arguments, parts):
    (tmp_path / "config/sweeps").mkdir()
    (tmp_path / "config/sweeps/mine.yaml").touch()
    code, out, err = run(capsys, *arguments)
    assert code == 2 and out == "" and simulated == []
    assert all(part in err for part in parts), err
    assert "Traceback" not in err


def test_an_interrupt_ends_in_130(simulated, capsys, monkeypatch):
    def interrupted(cell, protocol):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["cellmodel.simulation"], "simulate", interrupted)
    code, _, err = run(capsys, *HALF)
    assert code == 130 and "Interrupted" in err


def test_a_write_that_fails_leaves_nothing_behind(simulated, capsys, tmp_path, monkeypatch):
    def full_disk(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.DataTree, "to_netcdf", full_disk)
    code, _, err = run(capsys, *HALF, "--out", tmp_path / "run.nc")
    assert code == 2 and "No space left on device" in err
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_components_lists_and_describes(library, capsys):
    code, out, _ = run(capsys, "components")
    assert code == 0 and "anode:\n  foil: An invented anode" in out and "laboratory:\n  choi:" in out
    _, out, _ = run(capsys, "components", "--kind", "cathode")
    assert "layered" in out and "foil" not in out
    _, out, _ = run(capsys, "components", "scaffold")
    assert "scaffold (anode, porous): An invented anode" in out
    assert "anode.silver.plateaus = [0.1, 0.06] V   (allowed: -1 to 5 V)" in out
    assert "source: invented" in out and "measured on: nothing" in out


def test_a_sweep_outside_of_a_project_is_refused(library, capsys, monkeypatch):
    monkeypatch.setattr("cellmodel.sweep.definition.load", lambda path: None)
    code, _, err = run(capsys, "sweep", "config/sweeps/mine.yaml")
    assert code == 2 and "there is no Snakefile in this folder" in err


def test_a_sweep_starts_the_workflow(library, capsys, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr("cellmodel.sweep.definition.load", lambda path: None)
    monkeypatch.setattr(
        subprocess, "run", lambda command, check: started.append(command[1:]) or SimpleNamespace(returncode=0)
    )
    (tmp_path / "Snakefile").touch()
    assert run(capsys, "sweep", "elsewhere/mine.yaml")[0] == 2
    assert run(capsys, "sweep", "config/sweeps/mine.yaml")[0] == 0
    assert started[0] == ["workflow/release_stale_lock.py"]
    assert started[1][:2] == ["-m", "snakemake"] and started[1][-1] == "sweep=mine"


@pytest.mark.parametrize("command", [[], ["simulate"], ["components"], ["plan"], ["sweep"], ["sensitivity"]])
def test_help_teaches_by_example(capsys, command):
    code, out, _ = run(capsys, *command, "--help")
    assert code == 0 and "Examples:" in out and "cellmodel " in out


def test_help_is_quick():
    code = "from cellmodel.cli import main; main(['--help'])"
    begun = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "Examples:" in shown
    assert time.perf_counter() - begun < 1.0  # 0.06 s on an idle machine


def test_measurements_are_printed():
    from cellmodel.cli_simulate import measured

    spectra = xr.Dataset(
        {name: ("impedance", [10.0, 20.5]) for name in ("bulk_resistance", "charge_transfer_resistance")},
        {"impedance": [1, 2], "cycle": ("impedance", [1, 3]), "time": ("impedance", [0.5, 7.25])},
    )
    run = SimpleNamespace(impedance=spectra, critical_current_density=0.9, broken_contact_step=None)
    assert measured(run, {"charge", "rest"}) == []
    assert measured(run, {"ramp"}) == ["Critical current density: 0.9 mA/cm2"]
    assert measured(run, {"impedance"})[1] == "Impedance 2 (cycle 3, 7.25 h): R_b 20.5 ohm cm2, R_ct 20.5 ohm cm2"
    run.critical_current_density = float("inf")
    assert measured(run, {"ramp"}) == ["Critical current density: not reached"]
