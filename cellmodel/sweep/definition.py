"""A sweep as its file defines it: base cell, protocol, axes and design, read and checked as a whole."""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellmodel.cell import Cell
from cellmodel.errors import InputError
from cellmodel.protocol import Protocol
from cellmodel.settings import Settings
from cellmodel.sweep.axes import Axis, Varied, resolve
from cellmodel.sweep.draws import Draws
from cellmodel.sweep.draws import resolve as resolve_draws
from cellmodel.sweep.identity import digest, result_hash, stage_hash
from cellmodel.sweep.refine import boundary, layout
from cellmodel.sweep.schema import DesignSpec, Report, SweepFile, check
from cellmodel.yaml_files import read_yaml

MAX_POINTS = 10**7


@dataclass(frozen=True)
class Sweep:
    """A checked sweep file.

    Attributes
    ----------
    name : str
        File name without its ending.
    path : Path
        The file.
    cell : Cell
        Base cell, which every point changes along the axes.
    protocol : Protocol
        What every cell goes through.
    axes : tuple of Axis
        In the order of the file.
    design : DesignSpec
        Layout of the points.
    report : Report
        What the failure map tells.
    chunk_points : int
        Largest number of points in a chunk.
    trace_points : tuple of int
        Points whose time series are kept.
    settings : Settings
        Accuracy, mesh and limits of every run.
    draws : Draws or None
        How often and from what uncertain parameters are drawn at each point of the design.
    library : tuple of Path
        Folders with results of other sweeps or machines, whose points are taken over where they are the same.
    round : int or None
        The round of a refined sweep that this is; None for a whole sweep.
    """

    name: str
    path: Path
    cell: Cell
    protocol: Protocol
    axes: tuple[Axis, ...]
    design: DesignSpec
    report: Report
    chunk_points: int
    trace_points: tuple[int, ...]
    settings: Settings
    draws: Draws | None = None
    library: tuple[Path, ...] = ()
    round: int | None = None

    @cached_property
    def parts(self) -> tuple["Sweep", ...]:
        """What has a design and chunks of its own: each round of a refined sweep, otherwise the sweep itself."""
        spec = self.design.refine
        if spec is None or self.round is not None:
            return (self,)
        kept = np.array(self.trace_points, dtype=int)
        begins = np.cumsum([0, *layout.sizes(spec)])
        own = [kept[(kept >= low) & (kept < high)] - low for low, high in pairwise(begins)]
        return tuple(replace(self, round=i, trace_points=tuple(each.tolist())) for i, each in enumerate(own))

    @property
    def gridded(self) -> bool:
        """Whether the points are every combination of the axes' values."""
        return self.design.grid is not None

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis of a grid; the number of points otherwise."""
        if self.gridded:
            return tuple(axis.count for axis in self.axes)
        if spec := self.design.refine:
            sizes = layout.sizes(spec)
            return (sum(sizes) if self.round is None else sizes[self.round],)
        return ((self.design.latin_hypercube or self.design.sobol).points,)  # type: ignore[union-attr]

    @property
    def points(self) -> int:
        """Number of points that are simulated: each of the design with each draw."""
        return int(np.prod(self.shape)) * (self.draws.count if self.draws else 1)

    @property
    def varied(self) -> tuple[Varied, ...]:
        """Everything in which points differ: axes, then uncertain parameters."""
        return (*self.axes, *(self.draws.parameters if self.draws else ()))

    @property
    def chunks(self) -> int:
        """Number of chunks: pure arithmetic, so that the jobs are known before anything has run."""
        if len(self.parts) > 1:
            return sum(part.chunks for part in self.parts)
        return -(-self.points // self.chunk_points)

    @property
    def cycles(self) -> int:
        """Cycles that the protocol asks for."""
        return self.protocol.cycles

    @cached_property
    def identity(self) -> str:
        """Content hash of everything that decides the simulated results; the report is not part of it."""
        return digest(
            {
                "model": result_hash(),
                "layout": stage_hash("sweep/axes", "sweep/design", "sweep/draws"),
                "cell": self.cell.identity(),
                "protocol": self.protocol.identity(),
                "axes": [[axis.path, axis.unit, axis.layout, axis.ends, axis.count] for axis in self.axes],
                "design": self._layout(),
                "draws": self.draws and self.draws.identity(),
                "traces": self.trace_points,
                "settings": asdict(self.settings),
            }
        )

    def _layout(self) -> object:
        """Return what decides the points; a round does not depend on how many follow it."""
        if self.round is None:
            return self.design.model_dump()
        return [layout.content(self.design.refine, self.round, self.report), stage_hash(*layout.sources(self.round))]

    @property
    def folder_name(self) -> str:
        """Name of the folder of the chunks: another one whenever points, what they return or their chunks change."""
        return digest([self.identity, self.chunks])[:12]

    def label(self, stage: str) -> str:
        """Return the content hash that a file of a stage carries, such as ``design`` or ``chunk 3``.

        The number of chunks is part of it: it decides which points a chunk holds.
        """
        return f"{self.identity} {stage} ({self.chunks} chunks)"

    def cell_at(self, values: NDArray[np.float64]) -> Cell:
        """Return the cell of one point.

        Parameters
        ----------
        values : ndarray, shape (varied,)
            In the units of `varied`.

        Returns
        -------
        Cell
            The base cell with these values.

        Raises
        ------
        InputError
            When they cannot stand together in one cell.
        """
        return self.cell.with_({each.path: each.text(value) for each, value in zip(self.varied, values, strict=True)})


def load(path: str | Path) -> Sweep:
    """Read and check a sweep file.

    Parameters
    ----------
    path : str or Path
        YAML file; its keys are those of `schema.SweepFile`.

    Returns
    -------
    Sweep
        Ready to be laid out.

    Raises
    ------
    InputError
        Naming file, key, what was given and what is allowed.
    """
    path = Path(path)
    where = str(path)
    file = check(SweepFile, read_yaml(path), where)
    design = _one_layout(file.design, where)
    cell = Cell.from_mapping(file.base_cell, where=f"{where}: base_cell")
    protocol = Protocol.from_mapping(file.protocol, where=f"{where}: protocol")
    gridded = design.grid is not None
    axes = tuple(resolve(each, spec, cell, where, gridded) for each, spec in file.axes.items())
    sweep = Sweep(
        name=path.stem,
        path=path,
        cell=cell,
        protocol=protocol,
        axes=axes,
        design=design,
        report=file.report,
        chunk_points=file.chunk_points,
        trace_points=tuple(file.trace_points),
        settings=Settings.from_mapping(file.settings, where=f"{where}: settings"),
        draws=resolve_draws(file.uncertain, cell, axes, where),
        library=tuple(map(Path, file.library)),
    )
    _check_whole(sweep, where)
    boundary.check(sweep, where)
    return replace(sweep, report=_with_last_cycle(file.report, sweep.cycles, where))


def _one_layout(spec: DesignSpec, where: str) -> DesignSpec:
    """Refuse no layout or several; a number of Sobol points that loses the sequence's balance, too."""
    names = [name for name in type(spec).model_fields if getattr(spec, name) is not None]
    if len(names) != 1:
        allowed = ", ".join(type(spec).model_fields)
        problem = f"has {' and '.join(names) or 'nothing'}, where exactly one layout is needed"
        raise InputError(where, "design", problem=problem, allowed=allowed)
    for key, points in (
        ("sobol.points", spec.sobol and spec.sobol.points),
        ("refine.first", spec.refine and spec.refine.first),
    ):
        if points and points & (points - 1):
            below = 1 << (points.bit_length() - 1)
            fix = f"use {below} or {2 * below}"
            raise InputError(where, f"design.{key}", points, fix=fix, problem="is not a power of two")
    return spec


def _check_whole(sweep: Sweep, where: str) -> None:
    """Check what no key can tell alone: equal axes, an empty or huge design, a protocol for this cell."""
    if not sweep.axes:
        raise InputError(where, "axes", problem="names no axis, so there is nothing to sweep", fix="name one")
    paths = [axis.path for axis in sweep.axes]
    for path in paths:
        if paths.count(path) > 1:
            raise InputError(where, "axes", path, problem="is an axis twice, under two names", fix="keep one")
    if sweep.points > MAX_POINTS:
        raise InputError(where, "axes", sweep.points, f"up to {MAX_POINTS} points", problem="points are too many")
    for point in sweep.trace_points:
        if point >= sweep.points:
            raise InputError(where, "trace_points", point, f"0 to {sweep.points - 1}", problem="is not a point")
    sweep.protocol.compile(sweep.cell, f"{where}: protocol")


def _with_last_cycle(report: Report, cycles: int, where: str) -> Report:
    """Report the last cycle always, and refuse cycles that the protocol never reaches."""
    asked = {"retention_cycles": report.retention_cycles, "reference_cycle": [report.reference_cycle]}
    for key, numbers in asked.items():
        for number in numbers:
            if number > cycles:
                problem = "is a cycle that the protocol never reaches"
                raise InputError(where, f"report.{key}", number, f"1 to {cycles}", problem=problem)
    return report.model_copy(update={"retention_cycles": sorted({*report.retention_cycles, cycles})})
