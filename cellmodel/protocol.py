"""What a cell goes through: blocks of sentences, repeated, and compiled to arrays for one cell."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from numbers import Integral
from typing import Any

from cellmodel.cell import Cell
from cellmodel.errors import InputError, did_you_mean
from cellmodel.protocol_compiled import Block, CompiledProtocol, compiled
from cellmodel.protocol_limits import check_step
from cellmodel.protocol_sentences import parse

MAX_STEPS = 10**6
_BLOCK_KEYS = ("repeat", "steps")
_CYCLING_KEYS = ("rate", "cycles", "upper", "lower", "formation")
_EXAMPLE = 'write \'- {repeat: 100, steps: ["Charge at 0.33C until 4.25 V", "Discharge at 0.33C until 2.5 V"]}\''


@dataclass(frozen=True, init=False)
class Protocol:
    """A sequence of blocks of steps.

    Parameters
    ----------
    blocks : sequence of mapping
        Each with ``steps``, a list of sentences, and optionally ``repeat``.
    where : str, optional
        For messages.

    Raises
    ------
    InputError
        Naming block and step, with a caret under what cannot be read.

    Notes
    -----
    Sentences begin with Plate, Strip, Ramp (half cells), Charge, Discharge (full cells), Hold, Rest, Sweep or
    Impedance. Several limits are joined by ``or``; the first that is met ends the step. In half cells voltages are
    those of the anode against the counter electrode.

    Examples
    --------
    >>> steps = ["Plate at 1 mA/cm2 for 1 h", "Strip at 1 mA/cm2 until 1 V"]
    >>> Protocol([{"repeat": 2, "steps": steps}]).cycles
    2
    """

    blocks: tuple[Block, ...]

    def __init__(self, blocks: Sequence[Mapping[str, Any]], where: str = "Protocol") -> None:
        if not isinstance(blocks, Sequence) or isinstance(blocks, str) or not blocks:
            raise InputError(where, given=blocks, problem="is not a list of blocks", fix=_EXAMPLE)
        read = tuple(_block(block, where, f"block {number}") for number, block in enumerate(blocks, 1))
        steps = sum(block.repeat * block.size for block in read)
        if steps > MAX_STEPS:
            problem = "steps are more than one run can take"
            raise InputError(where, "repeat", steps, f"up to {MAX_STEPS} steps", "repeat less often", problem=problem)
        object.__setattr__(self, "blocks", read)

    @classmethod
    def cycling(
        cls,
        rate: str = "0.33C",
        cycles: int = 100,
        upper: str = "4.25 V",
        lower: str = "2.5 V",
        formation: str | None = None,
        where: str = "Protocol.cycling",
    ) -> "Protocol":
        """Charge and discharge a full cell between two voltages.

        Parameters
        ----------
        rate : str, optional
            C-rate or current density.
        cycles : int, optional
            Number of cycles at `rate`.
        upper, lower : str, optional
            Cut-off voltages.
        formation : str, optional
            Rate of one more cycle that comes first.
        where : str, optional
            For messages.

        Returns
        -------
        Protocol
            One block, or two with a formation cycle.

        Raises
        ------
        InputError
            When a rate, a voltage or the number of cycles makes no sense.
        """
        rates = [(1, formation)] if formation is not None else []
        return cls(
            [
                {
                    "repeat": count,
                    "steps": [f"Charge at {each} until {upper}", f"Discharge at {each} until {lower}"],
                }
                for count, each in [*rates, (cycles, rate)]
            ],
            where,
        )

    @classmethod
    def from_mapping(cls, content: Any, where: str = "Protocol.from_mapping") -> "Protocol":
        """Make a protocol from what a YAML file holds.

        Parameters
        ----------
        content : list or mapping
            A list of blocks, or ``{cycling: {rate: 0.33C, cycles: 100}}`` with the arguments of `cycling`.
        where : str, optional
            File and key, for messages.

        Returns
        -------
        Protocol
            Ready to be compiled.

        Raises
        ------
        InputError
            Naming block, step and what was expected.
        """
        if not isinstance(content, Mapping):
            return cls(content, where)
        _check_keys(content, ("cycling",), where, "")
        arguments = content.get("cycling") or {}
        if not isinstance(arguments, Mapping):
            fix = "write 'cycling: {rate: 0.33C, cycles: 100}'"
            raise InputError(where, "cycling", arguments, problem="is not a mapping", fix=fix)
        _check_keys(arguments, _CYCLING_KEYS, where, "cycling")
        return cls.cycling(**arguments, where=f"{where}: cycling")

    @property
    def sentences(self) -> list[dict[str, Any]]:
        """The blocks as they were written; ``Protocol(protocol.sentences)`` is the same protocol."""
        return [{"repeat": block.repeat, "steps": [step.text for step in block.steps]} for block in self.blocks]

    @property
    def cycles(self) -> int:
        """Number of cycles over all blocks."""
        return sum(block.repeat * block.cycles for block in self.blocks)

    def identity(self) -> list[dict[str, Any]]:
        """Return what the protocol does in SI units, whatever its words, for hashing.

        Returns
        -------
        list of dict
            One per block; fit for JSON.
        """
        steps = [[{**asdict(step), "verb": step.verb, "text": None} for step in block.steps] for block in self.blocks]
        return [{"repeat": block.repeat, "steps": rows} for block, rows in zip(self.blocks, steps, strict=True)]

    def compile(self, cell: Cell, where: str = "Protocol") -> CompiledProtocol:
        """Turn the sentences into numbers for one cell.

        Parameters
        ----------
        cell : Cell
            Decides what a C-rate is and which voltages can be reached.
        where : str, optional
            For messages.

        Returns
        -------
        CompiledProtocol
            One row per executed step.

        Raises
        ------
        InputError
            When a step does not fit the cell: a verb for the other kind of cell, a cut-off that can never be
            reached, a C-rate without meaning.
        """
        for number, block in enumerate(self.blocks, 1):
            for place, step in enumerate(block.steps, 1):
                check_step(step, cell, where, f"block {number}, step {place}")
        return compiled(self.blocks, cell)


def _block(block: Any, where: str, key: str) -> Block:
    if not isinstance(block, Mapping):
        raise InputError(where, key, block, problem="is not a block of steps", fix=_EXAMPLE)
    _check_keys(block, _BLOCK_KEYS, where, key)
    repeat, sentences = block.get("repeat", 1), block.get("steps")
    if not isinstance(repeat, Integral) or isinstance(repeat, bool) or repeat < 1:
        raise InputError(where, f"{key}: repeat", repeat, "whole numbers from 1", problem="is not a number of cycles")
    if not isinstance(sentences, Sequence) or isinstance(sentences, str) or not sentences:
        raise InputError(where, f"{key}: steps", sentences, problem="is not a list of sentences", fix=_EXAMPLE)
    steps = tuple(parse(each, where, f"{key}, step {number}") for number, each in enumerate(sentences, 1))
    return Block(int(repeat), steps)


def _check_keys(content: Mapping[Any, Any], allowed: Sequence[str], where: str, key: str) -> None:
    for name in content:
        if name not in allowed:
            fix = did_you_mean(str(name), allowed) or "remove it"
            raise InputError(where, key, name, ", ".join(allowed), fix, problem="is not a known key")
