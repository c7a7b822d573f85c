"""Sentences of voltage sweeps, current ramps and impedance."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.protocol import Protocol
from cellmodel.protocol_compiled import RAMP_CUT_OFF
from cellmodel.protocol_sentences import parse
from cellmodel.protocol_steps import Impedance, Ramp, Sweep

SWEEP = "Sweep at 0.1 mV/s from 1.0 V to 0 V"
RAMP = "Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 h plate and strip until short"
CYCLES = "Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 cycle of 0.3 mAh/cm2 plate and strip until short"
SPECTRUM = "Impedance from 1 MHz to 0.1 Hz"

SENTENCES = [
    (SWEEP, Sweep(1.0, 0.0, 1e-4)),
    ("sweep AT 2 V/s FROM -500 mV to 1 V", Sweep(-0.5, 1.0, 2.0)),
    (RAMP, Ramp(1.0, 1.0, duration=3600.0)),
    (CYCLES, Ramp(1.0, 1.0, capacity=10800.0)),
    (CYCLES.replace("1 cycle", "3 cycles"), Ramp(1.0, 1.0, capacity=10800.0, pairs=3)),
    (SPECTRUM, Impedance(1e6, 0.1)),
    ("Impedance from 10 mHz to 2 kHz", Impedance(2000.0, 0.01)),
]


def steps(*sentences, repeat=1):
    return Protocol([{"repeat": repeat, "steps": list(sentences)}])


@pytest.mark.parametrize(("sentence", "step"), SENTENCES)
def test_sentences(sentence, step):
    assert parse(sentence) == step
    assert parse(f" {sentence.upper()[0]}{sentence[1:].replace(' ', '  ')} ") == step


CARETS = [
    ("Sweap at 1 mV/s from 1 V to 0 V", "Sweap", "did you mean 'Sweep'?"),
    ("Sweep 1 mV/s from 1 V to 0 V", "1 mV/s", "expected 'at'"),
    ("Sweep at 1 mV from 1 V to 0 V", "1 mV", "a scan rate such as '0.1 mV/s'"),
    ("Sweep at 0 mV/s from 1 V to 0 V", "0 mV/s", "above zero"),
    ("Sweep at 1 mV/s frm 1 V to 0 V", "frm", "did you mean 'from'?"),
    ("Sweep at 1 mV/s from 1 V", "", "'to' and a voltage"),
    ("Sweep at 1 mV/s from 1 V to 1 V", "1 V", "another voltage"),
    ("Sweep at 1 mV/s from 1 h to 0 V", "1 h", "a voltage such as '4.25 V'"),
    ("Sweep at 1 mV/s from 1 V to 0 V to 1 V", "to 1 V", "the end of the sentence"),
    ("Sweep from 1 V to 0 V", "from", "'at' and a scan rate"),
    ("Impedance at 1 MHz to 1 Hz", "at", "expected 'from'"),
    ("Impedance from 1 MHz to 1 MHz", "1 MHz", "another frequency"),
    ("Impedance from 1 MHz to 0 Hz", "0 Hz", "above zero"),
    ("Impedance from 1 V to 0 Hz", "1 V", "a frequency such as '1 MHz'"),
    ("Ramp from 0.1 mA by 0.1 mA/cm2 every 1 h plate and strip until short", "0.1 mA", "a current density"),
    ("Ramp from 0.1C by 0.1C every 1 h plate and strip until short", "0.1C", "a current density"),
    ("Ramp from 0.1 mA/cm2 every 1 h plate and strip until short", "every", "'by' and a current density"),
    ("Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 V plate and strip until short", "1 V", "or '1 cycle of 0.3 mAh/cm2'"),
    ("Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 0 cycles of 1 mAh/cm2 plate and strip until short", "0 c", "from 1"),
    ("Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 cycle of 1 h plate and strip until short", "1 h", "an areal capacity"),
    ("Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 h plate until short", "until", "'and strip'"),
    ("Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 h plate and strip", "", "'until' and short"),
    ("Ramp from 0.1 mA/cm2 by 0.1 mA/cm2 every 1 h plate and strip until 5 V", "5 V", "'short'"),
    ("Ramp from 30 mA/cm2 by 0.1 mA/cm2 every 1 h plate and strip until short", "30 mA", "at most 20 mA/cm2"),
]


@pytest.mark.parametrize(("sentence", "place", "expected"), CARETS)
def test_a_caret_marks_what_cannot_be_read(sentence, place, expected):
    with pytest.raises(InputError) as caught:
        steps("Rest for 1 s", sentence)
    message = str(caught.value)
    _, shown, caret = message.split("\n")
    marked = shown.ljust(caret.index("^"))[caret.index("^") :]
    assert marked.startswith(place) if place else not marked
    assert expected in message


@given(sentence=st.text(alphabet="SsweepRampImdcfromtoby at every until short 1.0/VmAHz-\n", max_size=60))
def test_any_text_is_a_step_or_refused(sentence):
    for verb in ("Sweep ", "Ramp ", "Impedance "):
        try:
            assert parse(verb + sentence).text
        except InputError as error:
            assert "step" in str(error)


def test_protocols_survive_writing_and_reading():
    protocol = steps(*(sentence for sentence, _ in SENTENCES))
    again = Protocol.from_mapping(json.loads(json.dumps(protocol.sentences)))
    assert again == protocol and again.identity() == protocol.identity()
    assert steps(SWEEP).identity() != steps("Sweep at 0.2 mV/s from 1.0 V to 0 V").identity()


def test_sweep_compiles_to_a_voltage_that_moves(library):
    rows = steps(SWEEP, "Sweep at 0.1 mV/s from 0 V to 1.0 V").compile(Cell(anode="scaffold"))
    np.testing.assert_array_equal(rows.mode, [1, 1])
    np.testing.assert_allclose(rows.setpoint, [1.0, 0.0])
    np.testing.assert_allclose(rows.rate, [-1e-4, 1e-4])
    np.testing.assert_allclose(rows.duration, [1e4, 1e4])
    np.testing.assert_array_equal(rows.direction, [1, -1])  # a half cell's anode takes lithium as its voltage falls


def test_full_cell_is_charged_as_its_voltage_rises(library):
    full = Cell(anode="scaffold", cathode="layered")
    rows = steps("Sweep at 1 mV/s from 3 V to 4 V", "Hold at 4 V for 1 h").compile(full)
    np.testing.assert_array_equal(rows.direction, [1, 1])


def test_ramp_compiles_to_pairs_each_of_which_is_a_cycle(library):
    protocol = steps("Rest for 1 h", CYCLES.replace("1 cycle", "2 cycles"), "Rest for 1 h", repeat=2)
    rows = protocol.compile(Cell(anode="scaffold"))
    assert protocol.cycles == 800  # 200 currents up to 20 mA/cm2, twice each, in each of two repetitions
    assert rows.cycle.size == 2 * 802 and rows.cycle[-1] == 800
    np.testing.assert_array_equal(rows.cycle[:6], [1, 1, 1, 2, 2, 3])
    np.testing.assert_array_equal(rows.cycle[798:804], [399, 400, 400, 400, 401, 401])
    np.testing.assert_allclose(rows.setpoint[1:9], [1, -1, 1, -1, 2, -2, 2, -2])
    np.testing.assert_allclose(np.abs(rows.setpoint).max(), 200.0)
    np.testing.assert_allclose(rows.capacity[1:801], 10800.0)
    np.testing.assert_array_equal(rows.voltage_limit[1:3], [np.nan, RAMP_CUT_OFF])
    np.testing.assert_array_equal(rows.measured[:802], [False] + 800 * [True] + [False])


def test_impedance_takes_no_time(library):
    rows = steps(SPECTRUM, "Rest for 1 h").compile(Cell(anode="scaffold"))
    np.testing.assert_array_equal(rows.duration, [0.0, 3600.0])
    np.testing.assert_array_equal(rows.highest, [1e6, np.nan])
    np.testing.assert_array_equal(rows.lowest, [0.1, np.nan])


@pytest.mark.parametrize(
    ("sentence", "cathode", "parts"),
    [
        (RAMP, "layered", ["a full cell charges and discharges", "leave the cathode out"]),
        ("Sweep at 1 mV/s from 3 V to 5 V", "layered", ["can never be reached: 5 V is above 4.5 V"]),
        ("Sweep at 1 mV/s from 1 V to -2 V", None, ["can never be reached: -2 V is below -1 V"]),
    ],
)
def test_what_does_not_fit_the_cell_is_refused(library, sentence, cathode, parts):
    with pytest.raises(InputError) as caught:
        steps(sentence).compile(Cell(anode="scaffold", cathode=cathode))
    assert all(part in str(caught.value) for part in parts), caught.value


def test_ramp_of_too_many_currents_is_refused():
    with pytest.raises(InputError, match="up to 1000000 steps"):
        steps(RAMP.replace("by 0.1 mA/cm2", "by 0.01 uA/cm2"))
