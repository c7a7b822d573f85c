import pytest

from cellmodel import components, units
from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.protocol import Protocol

SHIPPED = [(kind, name) for kind in components.KINDS for name in components.names(kind)]


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_number_has_a_range_and_a_source(kind, name):
    for path, parameter in components.load(kind, name).parameters.items():
        assert parameter.source.strip() and parameter.measured_on.strip(), path
        if parameter.value is not None:
            values = parameter.si if isinstance(parameter.si, tuple) else (parameter.si,)
            assert all(parameter.si_low <= value <= parameter.si_high for value in values), path


@pytest.mark.parametrize("kind", components.KINDS)
def test_one_name_means_one_dimension_within_a_kind(kind):
    dimensions = {}
    for name in components.names(kind):
        component = components.load(kind, name)
        for path, parameter in component.parameters.items():
            key = path.rpartition(".")[2], "." in path
            dimension = units.unit(parameter.unit).dimension
            assert dimensions.setdefault(key, dimension) == dimension, (name, path)


@pytest.mark.parametrize("anode", components.names("anode"))
def test_every_anode_makes_cells(anode):
    half = Cell(anode=anode, stack_pressure="3 MPa")
    steps = ["Plate at 1 mA/cm2 for 1 h", "Strip at 1 mA/cm2 until 1.0 V"]
    assert Protocol([{"steps": steps}]).compile(half).setpoint.tolist() == [10.0, -10.0]
    full = Cell(anode=anode, electrolyte="lpscl", cathode="ncm811", loading="20 mg/cm2")
    assert Protocol.cycling(cycles=2).compile(full).cycle.tolist() == [1, 1, 2, 2]
    assert full.one_c == pytest.approx(40.0)


def test_every_laboratory_fits_every_cell():
    for laboratory in components.names("laboratory"):
        assert Cell(anode=components.names("anode")[0], laboratory=laboratory).names["laboratory"] == laboratory


def test_a_material_is_addressed_by_its_own_name():
    cell = Cell(anode="mgagsn-elastane", overrides={"silver.diffusivity": "1e-13 m2/s", "elastane.modulus": "20 MPa"})
    assert cell.si["anode.silver.diffusivity"] == 1e-13 and cell.si["anode.binder_modulus"] == 20e6
    assert cell.full_path("tin.swelling") == "anode.tin.swelling"
    with pytest.raises(InputError, match="a second time"):
        Cell(anode="ag-elastane", overrides={"silver.swelling": 1, "anode.silver.swelling": 2})
    with pytest.raises(InputError, match="silver"):
        Cell(anode="cu-foil", overrides={"silver.diffusivity": "1e-13 m2/s"})


def test_a_material_in_two_places_is_set_in_both():
    names = {"top": "graphitic-carbon", "base": "graphitic-carbon"}
    loaded = components.load("anode", "carbon-paper-composite")
    assert {role: loaded.roles.get(role) for role in names} == {"top": "host-face", "base": "graphitic-carbon"}
    foil = components.load("anode", "cu-foil")
    assert foil.shared["copper.surface.barrier"] == ("top_barrier",)


def test_families_are_no_components():
    assert not {"host", "foil", "slurry-layer", "lithium-deposit"} & set(components.names("anode"))
    with pytest.raises(InputError, match="is not a known anode"):
        Cell(anode="slurry-layer")
