"""The largest flaw of a larger cell is larger: a pouch shorts no later than a pellet."""

import numpy as np
import pytest

import cellmodel as cm
from cellmodel.errors import InputError
from cellmodel.model.pack import FLAW_PROBABILITIES, LEAST_FLAW, flaw_depths

COPPER = cm.Cell(anode="cu-foil", stack_pressure="20 MPa")
PLATING = cm.Protocol([{"steps": ["Plate at 1 mA/cm2 until 2 mAh/cm2"]}])


def depths(**changes):
    return flaw_depths(COPPER.with_(changes).si)


def test_without_an_area_a_cell_has_the_flaws_that_were_calibrated():
    si = COPPER.si
    weibull = (-np.log1p(-np.array(FLAW_PROBABILITIES))) ** (1.0 / si["electrolyte.flaw_modulus"])
    assert depths() == pytest.approx(si["laboratory.flaw_depth"] * weibull, rel=1e-13)
    assert np.array_equal(depths(), depths(area="1 cm2"))
    assert np.array_equal(depths(), depths(flaw_area="0.8 cm2"))


def test_only_the_ratio_of_areas_counts():
    assert depths(area="12 cm2") == pytest.approx(depths(area="24 cm2", flaw_area="2 cm2"), rel=1e-12)


def test_every_quantile_grows_with_the_area():
    grown = np.array([depths(area=f"{area} cm2") for area in (0.5, 1, 3, 12, 100, 10000)])
    assert np.all(np.diff(grown, axis=0) > 0.0) and np.all(np.diff(grown, axis=1) > 0.0)


def test_a_minute_cell_has_flaws_of_a_few_atoms_at_least():
    minute = depths(area="0.01 cm2", flaw_area="100 cm2")
    assert np.all(minute == LEAST_FLAW)


def test_flaws_that_outgrow_the_separator_are_refused():
    thin = COPPER.with_({"electrolyte.mass": "3 mg/cm2", "area": "10000 cm2"})
    with pytest.raises(InputError, match="lower the flaw depth or the area"):
        cm.simulate(thin, PLATING)


def test_a_larger_cell_never_shorts_later():
    cells = [COPPER.with_({"area": f"{area} cm2"}) for area in (0.1, 0.5, 1, 3, 12, 100)]
    runs = cm.simulate_many(cells, PLATING)
    onset = np.array([run.short["time"] if run.short else np.inf for run in runs])
    assert np.isinf(onset[0]) and np.isfinite(onset[2:]).all()
    assert np.all(onset[1:] <= onset[:-1])
    probability = [float(run.cycles.short_probability[-1]) for run in runs]
    assert np.all(np.diff(probability) >= 0.0) and probability[0] < 0.5 < probability[-1]


def test_a_cell_whose_median_flaw_shorts_has_a_probability_of_a_half_or_more():
    """Larger flaws count, too, where the leak of the median ends the run before they have crossed."""
    cell = cm.Cell(anode="cu-foil", cathode="ncm811", loading="6 mg/cm2", stack_pressure="4 MPa", area="50 cm2")
    run = cm.simulate(cell, cm.Protocol.cycling(rate="0.33C", cycles=3))
    assert run.outcome.kind.label == "shorted"
    assert float(run.cycles.short_probability[-1]) >= 0.625
