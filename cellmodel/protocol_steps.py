"""What the sentences of a protocol say, in SI units."""

from dataclasses import dataclass, field

from cellmodel.cell import Cell

DIRECTIONS = {"plate": 1, "strip": -1, "charge": 1, "discharge": -1, "hold": 0, "rest": 0}

HIGHEST_CURRENT = 200.0
"""Where a ramp ends that has shorted nothing [A/m2]: 20 mA/cm2, beyond the limit of any known cell of this kind."""


@dataclass(frozen=True)
class Current:
    """A current density [A/m2], or a C-rate [1/h] whose current density follows from the cell."""

    value: float
    is_c_rate: bool

    def density(self, cell: Cell) -> float:
        """Return the current density in a cell.

        Parameters
        ----------
        cell : Cell
            Gives 1C.

        Returns
        -------
        float
            [A/m2].

        Raises
        ------
        InputError
            For a C-rate in a cell that has no 1C.
        """
        return self.value * cell.one_c if self.is_c_rate else self.value


@dataclass(frozen=True)
class Step:
    """A step under one current or one voltage.

    Attributes
    ----------
    verb : str
        Key of `DIRECTIONS`.
    current : Current or None
        What flows; None for a hold or a rest.
    voltage : float or None
        Held voltage [V].
    duration : float or None
        Longest time [s].
    capacity : float or None
        Most charge passed [C/m2].
    voltage_limit : float or None
        Cut-off [V].
    current_limit : Current or None
        Cut-off of a hold.
    text : str
        The sentence.
    """

    verb: str
    current: Current | None = None
    voltage: float | None = None
    duration: float | None = None
    capacity: float | None = None
    voltage_limit: float | None = None
    current_limit: Current | None = None
    text: str = field(default="", compare=False)

    @property
    def voltages(self) -> tuple[float, ...]:
        """Voltages that must be within reach [V]."""
        return tuple(each for each in (self.voltage, self.voltage_limit) if each is not None)


@dataclass(frozen=True)
class Sweep:
    """A voltage that moves at a constant rate.

    Attributes
    ----------
    start, stop : float
        First and last voltage [V].
    rate : float
        Its speed, above zero [V/s].
    text : str
        The sentence.
    """

    start: float
    stop: float
    rate: float
    text: str = field(default="", compare=False)
    verb = "sweep"

    @property
    def voltages(self) -> tuple[float, ...]:
        """Voltages that must be within reach [V]."""
        return self.start, self.stop


@dataclass(frozen=True)
class Ramp:
    """Plating and stripping at currents that rise until the cell shorts.

    Attributes
    ----------
    first, increment : float
        First current density, and what each is larger by than the one before [A/m2].
    duration : float or None
        Of each plating and of each stripping [s].
    capacity : float or None
        The same as a charge [C/m2]; one of the two is given.
    pairs : int
        Platings, each with a stripping, at each current.
    text : str
        The sentence.
    """

    first: float
    increment: float
    duration: float | None = None
    capacity: float | None = None
    pairs: int = 1
    text: str = field(default="", compare=False)
    verb = "ramp"
    voltages = ()

    @property
    def currents(self) -> int:
        """Number of currents up to `HIGHEST_CURRENT`."""
        return int((HIGHEST_CURRENT - self.first) / self.increment + 1e-9) + 1

    @property
    def cycles(self) -> int:
        """Number of platings, each with a stripping."""
        return self.currents * self.pairs


@dataclass(frozen=True)
class Impedance:
    """A spectrum of the impedance, which takes no time.

    Attributes
    ----------
    high, low : float
        Ends of the range of frequencies [Hz].
    text : str
        The sentence.
    """

    high: float
    low: float
    text: str = field(default="", compare=False)
    verb = "impedance"
    voltages = ()


AnyStep = Step | Sweep | Ramp | Impedance
