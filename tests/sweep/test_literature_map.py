"""Published cells over a map: where they belong, with their sources, or a refusal that says what is missing."""

import numpy as np
import pytest
import xarray as xr
from test_sweep_plots import AXES, a_map

from cellmodel.errors import InputError
from cellmodel.plots import literature_map, save
from cellmodel.plots.literature import published_cells
from cellmodel.sweep.rows import outcome_attributes

LOG = {"scale": "log"}


def current_map(capacity="", current_unit="mA/cm2", path="one_c"):
    """A map over current, and over areal capacity where its unit is given, else over pressure."""
    other = ("areal_capacity", [0.1, 1.0, 10.0], capacity) if capacity else ("stack_pressure", [1.0, 5.0, 9.0], "MPa")
    scale = {"mA/cm2": 1.0, "A/m2": 10.0}[current_unit]
    axes = [("one_c", [0.3 * scale, 3.0 * scale], current_unit), other]
    names = {"one_c": path}
    coords = {
        name: (name, values, {"long_name": name, "units": unit, "parameter_path": names.get(name, name)} | LOG)
        for name, values, unit in axes
    }
    dims, shape = tuple(coords), (2, 3)
    numbers = np.linspace(0.0, 1.0, 6).reshape(shape)
    retention = (*dims, "retention_cycle"), numbers[..., None], {"long_name": "relative to cycle 1", "units": "1"}
    fields = {name: (dims, numbers) for name in ("short_areal_capacity", "short_probability")}
    outcome = dims, np.ones(shape, np.int8), outcome_attributes()
    return xr.Dataset(fields | {"outcome": outcome, "capacity_retention": retention}, coords | {"retention_cycle": [9]})


def marked(figure):
    """Places of the marks in the first panel by the numbers beside them."""
    return {number: tuple(text.xy) for text in figure.axes[0].texts for number in text.get_text().split(", ")}


def references(figure):
    return [text.get_text() for text in figure.legends[-1].get_texts()]


def test_table_has_its_cells_and_sources():
    cells = published_cells()
    assert len(cells) == 28 and len({cell.number for cell in cells}) == 28
    assert all(cell.source and cell.current >= 0.5 and cell.capacity > 0.0 and cell.cycles > 0 for cell in cells)


@pytest.mark.parametrize("quantity", ["outcome", "short_probability"])
def test_cells_stand_at_their_current_and_capacity(quantity):
    figure = literature_map(current_map("mAh/cm2"), quantity)
    left, right = figure.axes[0].get_xlim()
    expected = {c.number: (c.current, c.capacity) for c in published_cells() if left <= c.current <= right}
    assert len(expected) > 20
    assert marked(figure) == expected
    assert len(references(figure)) == len(expected)
    assert any("Energy Environ. Sci. 2022, 15, 3805" in line and line.startswith("110:") for line in references(figure))


def test_axes_may_have_other_units():
    figure = literature_map(current_map("C/m2", "A/m2"))
    left, right = figure.axes[0].get_xlim()
    assert marked(figure) == {}  # 0.1 to 10 C/m2 is far below any cell
    figure = literature_map(current_map("", "A/m2"))
    assert all(left <= x <= right for x, _ in marked(figure).values()) and len(marked(figure)) > 20


def test_without_a_capacity_cells_are_lines_at_their_current(tmp_path):
    figure = literature_map(current_map(), "capacity_retention")
    by_number = {cell.number: cell.current for cell in published_cells()}
    assert {number: x for number, (x, _) in marked(figure).items()}.items() <= by_number.items()
    assert len(figure.axes[0].lines) == len({x for x, _ in marked(figure).values()}) < len(marked(figure))
    for file in save(figure, tmp_path / "map"):
        assert file.stat().st_size > 5_000


def test_map_without_a_current_is_refused():
    with pytest.raises(InputError, match=r"anode_porosity \(1\), stack_pressure \(MPa\).*no current.*one_c"):
        literature_map(a_map(2))


def test_exchange_current_of_a_material_is_no_current_of_the_cell():
    with pytest.raises(InputError, match="no current of the cell"):
        literature_map(current_map(path="electrolyte.lithium_exchange_current"))


def test_sample_and_unknown_figure_are_refused():
    with pytest.raises(InputError, match="grid"):
        literature_map(a_map(2, scattered=True))
    with pytest.raises(InputError, match="'outcome'"):
        literature_map(a_map(len(AXES)), "outcom")
