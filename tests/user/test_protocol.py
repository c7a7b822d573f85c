import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.protocol import Protocol
from cellmodel.protocol_sentences import parse
from cellmodel.protocol_steps import Current, Step

INF, NAN = np.inf, np.nan


@pytest.fixture
def full(library):
    return Cell(anode="scaffold", cathode="layered")  # 1C = 4 mA/cm2


@pytest.fixture
def half(library):
    return Cell(anode="scaffold")


def steps(*sentences, repeat=1):
    return Protocol([{"repeat": repeat, "steps": list(sentences)}])


MA = Current(10.0, False)
SENTENCES = [
    ("Plate at 1 mA/cm2 for 3.5 h", Step("plate", MA, duration=12600.0)),
    ("Plate at 1 mA/cm2 until 35 mAh/cm2", Step("plate", MA, capacity=1.26e6)),
    ("Strip at 1 mA/cm2 until 1.0 V", Step("strip", MA, voltage_limit=1.0)),
    ("Charge at 0.1C until 4.25 V", Step("charge", Current(0.1, True), voltage_limit=4.25)),
    ("discharge AT C/10 Until 2500 mV", Step("discharge", Current(0.1, True), voltage_limit=2.5)),
    (
        "Discharge at 1 C for 30 minutes or until 2.5 V",
        Step("discharge", Current(1.0, True), None, 1800.0, None, 2.5),
    ),
    ("Hold at 4.25 V until 0.05C", Step("hold", voltage=4.25, current_limit=Current(0.05, True))),
    (
        "Hold at 4.25 V until 0.1 mA/cm2 or for 2 hours",
        Step("hold", None, 4.25, 7200.0, current_limit=Current(1.0, False)),
    ),
    ("Rest for 10 s", Step("rest", duration=10.0)),
    ("Charge at 1 A/m2 until 5 V", Step("charge", Current(1.0, False), voltage_limit=5.0)),
]


@pytest.mark.parametrize(("sentence", "step"), SENTENCES)
def test_sentences(sentence, step):
    assert parse(sentence) == step
    assert parse(f"  {sentence.upper()[0]}{sentence[1:].replace(' ', '   ')} ") == step


CARETS = [
    ("Plate at 1 mA/cm2 fro 3.5 h", "fro", "did you mean 'for'?"),
    ("Plat at 1 mA/cm2 for 1 h", "Plat", "did you mean 'Plate'?"),
    ("Plate 1 mA/cm2 for 1 h", "1 mA", "expected 'at'"),
    ("Plate at 1 mA for 1 h", "1 mA", "expected a current"),
    ("Plate at 1 mA/cm2 for 3 V", "3 V", "expected a time"),
    ("Plate at 1 mA/cm2 until 3 h", "3 h", "expected a voltage such as '4.25 V', or an areal capacity"),
    ("Plate at 1 mA/cm2 for 1 h until 4 V", "until", "'or' before a further limit"),
    ("Plate at 1 mA/cm2 for 1 h or", "or", "'for <time>' or 'until <limit>'"),
    ("Plate at 1 mA/cm2 for 1 h or 4 V", "4 V", "'for <time>' or 'until <limit>'"),
    ("Plate at 1 mA/cm2 at 2 mA/cm2 for 1 h", "at 2", "'or' before a further limit"),
    ("Charge at 1C until 4 V or until 4.1 V", "until 4.1", "one voltage limit only"),
    ("Charge at -1C until 4 V", "-1C", "expected a current"),
    ("Charge at 0 mA/cm2 until 4 V", "0 mA", "above zero"),
    ("Charge at C/0 until 4 V", "C/0", "expected a current"),
    ("Charge at 0.33 until 4 V", "0.33", "expected a current"),
    ("Charge until 4 V", "until", "expected 'at' and a current"),
    ("Hold at 1C for 1 h", "1C", "expected a voltage"),
    ("Hold at 4 V until 3 V", "3 V", "expected a current"),
    ("Rest at 1 V", "at", "nothing flows in a rest"),
    ("Rest until 3 V", "until", "a rest ends after a time"),
    ("Rest 3 h", "3 h", "expected 'for'"),
    ("Rest for -3 h", "-3 h", "above zero"),
]


@pytest.mark.parametrize(("sentence", "place", "expected"), CARETS)
def test_a_caret_marks_what_cannot_be_read(sentence, place, expected):
    with pytest.raises(InputError) as caught:
        steps("Rest for 1 s", sentence)
    message = str(caught.value)
    _, shown, caret = message.split("\n")
    assert shown.strip() == sentence
    assert shown[caret.index("^") :].startswith(place)
    assert expected in message
    assert message.startswith(f"Protocol: block 1, step 2: '{sentence}' does not parse at column")


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("Plate at 1 mA/cm2", ["can never end", "for 3.5 h"]),
        ("Strip at 1 mA/cm2 until 1 mAh/cm2", ["can never end where less lithium", "or until 1.0 V"]),
        ("Discharge at 1C", ["can never end", "until 1.0 V"]),
        ("Hold at 4 V", ["can never end", "until 0.05C"]),
        ("Rest", ["can never end", "for 1 h"]),
        (5, ["5 is not a sentence"]),
        ("", ["expected one of Plate"]),
    ],
)
def test_sentences_that_are_refused(sentence, parts):
    with pytest.raises(InputError) as caught:
        steps(sentence)
    assert all(part in str(caught.value) for part in parts), caught.value


def test_compiled_rows(full):
    protocol = Protocol(
        [
            {
                "steps": [
                    "Charge at 0.1C until 4.25 V",
                    "Hold at 4.25 V until 0.05C or for 1 h",
                    "Rest for 10 s",
                ]
            },
            {
                "repeat": 2,
                "steps": ["Discharge at 1 mA/cm2 for 1 h or until 2.5 V", "Charge at C/2 until 1 mAh/cm2"],
            },
        ]
    )
    rows = protocol.compile(full)
    assert rows.mode.tolist() == [0, 1, 0, 0, 0, 0, 0] and rows.mode.dtype == np.int8
    np.testing.assert_allclose(rows.setpoint, [4, 4.25, 0, -10, 20, -10, 20])
    np.testing.assert_allclose(rows.duration, [INF, 3600, 10, 3600, INF, 3600, INF])
    np.testing.assert_allclose(rows.capacity, [INF, INF, INF, INF, 36000, INF, 36000])
    np.testing.assert_allclose(rows.voltage_limit, [4.25, NAN, NAN, 2.5, NAN, 2.5, NAN])
    np.testing.assert_allclose(rows.current_limit, [NAN, 2, NAN, NAN, NAN, NAN, NAN])
    assert rows.cycle.tolist() == [1, 1, 1, 2, 2, 3, 3]
    assert rows.direction.tolist() == [1, 1, 0, -1, 1, -1, 1]
    assert all(column.flags.c_contiguous for column in rows)


def test_a_hold_goes_on_in_the_direction_before_it(full):
    hold = "Hold at 3 V for 1 h"
    assert steps(hold).compile(full).direction.tolist() == [1]
    protocol = steps(hold, "Discharge at 1C until 3 V", "Rest for 1 s", hold, repeat=2)
    assert protocol.compile(full).direction.tolist() == [1, -1, 0, -1, -1, -1, 0, -1]


def test_cycling(full):
    protocol = Protocol.cycling(rate="0.5C", cycles=3, formation="0.1C")
    rows = protocol.compile(full)
    assert protocol.cycles == 4
    np.testing.assert_allclose(rows.setpoint, [4, -4] + 3 * [20, -20])
    assert protocol == Protocol.from_mapping({"cycling": {"rate": "0.5C", "cycles": 3, "formation": "0.1C"}})


@given(
    st.lists(
        st.tuples(
            st.integers(1, 5),
            st.lists(st.sampled_from([sentence for sentence, _ in SENTENCES]), min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_protocols_survive_writing_and_reading(blocks):
    protocol = Protocol([{"repeat": repeat, "steps": sentences} for repeat, sentences in blocks])
    again = Protocol.from_mapping(json.loads(json.dumps(protocol.sentences)))
    assert again == protocol and again.identity() == protocol.identity()
    assert protocol.cycles == sum(repeat for repeat, _ in blocks)


@given(
    verb=st.sampled_from(["Plate", "charge"]),
    current=st.floats(1e-6, 1e6),
    hours=st.floats(1e-6, 1e6),
    unit=st.sampled_from([("mA/cm2", 10.0), ("A/m2", 1.0), ("uA/cm^2", 0.01)]),
)
def test_numbers_survive_parsing(verb, current, hours, unit):
    name, factor = unit
    step = parse(f"{verb} at {current!r} {name} for {hours!r} h")
    assert step.current.value == pytest.approx(current * factor, rel=1e-12)
    assert step.duration == pytest.approx(hours * 3600, rel=1e-12)


@given(sentence=st.text(alphabet="Platehrsc for until at or 1.0/VmAh2C-\n\t%é", max_size=40))
def test_any_text_is_a_step_or_refused(sentence):
    try:
        assert isinstance(parse(sentence), Step)
    except InputError as error:
        assert "step" in str(error)


def test_identity_looks_at_what_is_done_not_at_the_words():
    assert steps("Plate at 1 mA/cm2 for 1 h").identity() == steps("plate at 10 A/m2 FOR 60 min").identity()
    assert steps("Plate at 1 mA/cm2 for 1 h").identity() != steps("Plate at 1 mA/cm2 for 2 h").identity()
    json.dumps(steps("Hold at 4 V until C/20").identity(), allow_nan=False)


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("Plate at 1 mA/cm2 for 1 h", ["a full cell charges and discharges", "write 'Charge'"]),
        ("Discharge at 1C until 5 V", ["can never be reached: 5 V is above 4.5 V", "2 to 4.5 V"]),
        ("Charge at 1C until 4.25 mV", ["can never be reached", "below 2 V"]),
        ("Hold at 6 V for 1 h", ["can never be reached"]),
    ],
)
def test_steps_that_a_full_cell_cannot_do(full, sentence, parts):
    with pytest.raises(InputError) as caught:
        steps(sentence).compile(full, "p.yaml")
    assert all(part in str(caught.value) for part in ["p.yaml: block 1, step 1", *parts]), caught.value


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("Charge at 1 mA/cm2 for 1 h", ["a half cell plates and strips", "write 'Plate'"]),
        ("Strip at 1 mA/cm2 until -1 V", ["can never be reached: -1 V is below 0 V"]),
        ("Plate at 1 mA/cm2 until -5 V", ["can never be reached"]),
        ("Plate at 1C for 1 h", ["C-rate has no meaning"]),
    ],
)
def test_steps_that_a_half_cell_cannot_do(half, sentence, parts):
    with pytest.raises(InputError) as caught:
        steps(sentence).compile(half)
    assert all(part in str(caught.value) for part in parts), caught.value


def test_voltages_are_against_the_counter_electrode(library):
    alloy = Cell(anode="scaffold", counter="alloy")  # 0.62 V above lithium
    steps("Strip at 1 mA/cm2 until -0.5 V").compile(alloy)
    with pytest.raises(InputError, match=r"below -0\.62 V"):
        steps("Strip at 1 mA/cm2 until -0.7 V").compile(alloy)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ([], ["is not a list of blocks"]),
        (None, ["is not a list of blocks"]),
        ("Rest for 1 h", ["is not a list of blocks"]),
        (["Rest for 1 h"], ["block 1: 'Rest for 1 h' is not a block"]),
        ([{"steps": "Rest for 1 h"}], ["block 1: steps: 'Rest for 1 h' is not a list"]),
        ([{"repeat": 0, "steps": ["Rest for 1 h"]}], ["block 1: repeat: 0 is not a number of cycles"]),
        ([{"repeat": True, "steps": ["Rest for 1 h"]}], ["repeat: True"]),
        ([{"repeet": 2}], ["'repeet' is not a known key", "did you mean 'repeat'?"]),
        ([{"repeat": 10**7, "steps": ["Rest for 1 h"]}], ["up to 1000000 steps"]),
        ({"cyclin": {}}, ["'cyclin' is not a known key", "did you mean 'cycling'?"]),
        ({"cycling": 5}, ["cycling: 5 is not a mapping"]),
        ({"cycling": {"rat": "1C"}}, ["did you mean 'rate'?"]),
        ({"cycling": {"cycles": "many"}}, ["'many' is not a number of cycles"]),
    ],
)
def test_wrong_protocols_are_named(content, parts):
    with pytest.raises(InputError) as caught:
        Protocol.from_mapping(content, "sweep.yaml: protocol")
    assert all(part in str(caught.value) for part in ["sweep.yaml: protocol", *parts]), caught.value
