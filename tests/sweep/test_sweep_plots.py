"""Figures: every design gets its four, with units, and failed points are marked."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from cellmodel.numerics.outcome import OutcomeKind
from cellmodel.plots import FIGURES, draw_maps
from cellmodel.plots.maps import edges, gridded, quantities
from cellmodel.plots.marks import MARKS_ACROSS, axis_text, blocks, first_in_blocks
from cellmodel.sweep.rows import outcome_attributes

AXES = {
    "anode_porosity": ([0.6, 0.8, 0.95], "1", "linear"),
    "stack_pressure": ([0.5, 5.0, 50.0], "MPa", "log"),
    "cathode_loading": ([10.0, 20.0], "mg/cm2", "linear"),
    "temperature": ([0.0, 60.0], "degC", "linear"),
    "anode_thickness": ([10.0, 20.0, 40.0], "um", "linear"),
}


def a_map(dimensions, scattered=False):
    """A failure map with one short, one failure of the solver and numbers elsewhere."""
    chosen = {name: AXES[name] for name in list(AXES)[:dimensions]}
    labels = {
        name: {"long_name": name.replace("_", " "), "units": unit, "scale": scale, "parameter_path": name}
        for name, (_, unit, scale) in chosen.items()
    }
    if scattered:
        dims, shape = ("point",), (12,)
        points = np.random.default_rng(0).uniform(1.0, 9.0, (12, dimensions))
        coords = {name: ("point", points[:, i], labels[name]) for i, name in enumerate(chosen)}
    else:
        dims, shape = tuple(chosen), tuple(len(values) for values, _, _ in chosen.values())
        coords = {name: (name, values, labels[name]) for name, (values, _, _) in chosen.items()}
    number = np.linspace(0.0, 1.0, int(np.prod(shape))).reshape(shape)
    outcome = np.full(shape, OutcomeKind.COMPLETED, np.int8)
    outcome[0], outcome[1] = OutcomeKind.SHORTED, OutcomeKind.SOLVER_FAILED
    retention = np.where(outcome == OutcomeKind.COMPLETED, number, np.nan)[..., None]
    kept = {"long_name": "discharge capacity relative to cycle 2", "units": "1"}
    return xr.Dataset(
        {
            "outcome": (dims, outcome, outcome_attributes()),
            "short_areal_capacity": (dims, np.where(outcome == OutcomeKind.SHORTED, 1.5, np.inf)),
            "short_probability": (dims, number),
            "capacity_retention": ((*dims, "retention_cycle"), retention, kept),
        },
        {**coords, "retention_cycle": [51]},
    )


@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize("dimensions", [1, 2, 4, 5])
def test_every_design_gets_its_figures(dimensions, scattered, tmp_path):
    files = draw_maps(a_map(dimensions, scattered), tmp_path)
    assert sorted(file.name for file in files) == sorted(f"{n}.{k}" for n in FIGURES for k in ("png", "svg"))
    for file in files:
        assert file.stat().st_size > 5_000
    drawn = (tmp_path / "capacity_retention.svg").read_text()
    for text in ("anode porosity", "shorted", "solver failed", "cycle 51 relative to cycle 2"):
        assert text in drawn
    if dimensions >= 4:
        for text in ("stack pressure, MPa", "mg/cm²", "°C"):
            assert text in drawn


def test_facets_are_the_third_and_fourth_axis_and_a_fifth_is_named():
    found = a_map(5)
    figure = gridded(found, quantities(found)[0])
    assert "anode thickness 20 µm" in figure.get_suptitle()
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert len(panels) == 4
    assert panels[0].get_yscale() == "log" and panels[0].get_xscale() == "linear"


def test_the_same_figure_is_the_same_file(tmp_path):
    for name in ("one", "two"):
        draw_maps(a_map(2), tmp_path / name)
    for figure in FIGURES:
        for kind in ("png", "svg"):
            files = [(tmp_path / name / f"{figure}.{kind}").read_bytes() for name in ("one", "two")]
            assert files[0] == files[1]


def test_drawing_leaves_the_users_style_alone(tmp_path):
    before = dict(mpl.rcParams)
    draw_maps(a_map(2), tmp_path)
    assert dict(mpl.rcParams) == before


def test_cells_of_a_log_axis_meet_at_geometric_means():
    assert np.allclose(edges(np.array([1.0, 10.0, 100.0]), True), [10**-0.5, 10**0.5, 10**1.5, 10**2.5])
    assert np.allclose(edges(np.array([1.0, 2.0, 4.0]), False), [0.5, 1.5, 3.0, 5.0])
    assert np.all(np.diff(edges(np.array([0.0]), False)) > 0)


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("mg/cm2", "mg/cm²"),
        ("degC", "°C"),
        ("um", "µm"),
        ("m-2", "m⁻²"),
        ("MPa", "MPa"),
        ("uA/cm2", "µA/cm²"),
    ],
)
def test_units_are_spelt_as_in_print(unit, shown):
    axis = xr.DataArray(0.0, attrs={"long_name": "x", "units": unit})
    assert axis_text(axis) == f"x, {shown}"
    assert axis_text(axis, 2.5) == f"x 2.5 {shown}"


def test_a_fine_grid_is_marked_once_in_a_block_that_has_any():
    marked = np.zeros((100, 40), bool)
    marked[7, 3] = marked[50:, :20] = True
    size = blocks(marked.shape)
    assert size == (9, 4)
    kept = first_in_blocks(marked)
    assert kept[7, 3] and not (kept & ~marked).any()
    assert kept[50:].sum() == len({(row // 9, column // 4) for row, column in np.argwhere(marked) if row >= 50})


def test_coarse_grids_strips_and_lists_are_marked_at_every_point():
    for shape in ((MARKS_ACROSS, MARKS_ACROSS), (500, 1), (500,)):
        assert first_in_blocks(np.ones(shape, bool)).all()
