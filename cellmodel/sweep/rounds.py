"""The parts of a sweep put together: its only one, or the rounds of one that is refined."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from cellmodel.sweep import collect as chunks
from cellmodel.sweep import store
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.failure_map import failure_map
from cellmodel.sweep.refine import layout
from cellmodel.sweep.workspace import chunk_files, design_file


def gather(sweep: Sweep, parts: Sequence[Sweep]) -> xr.Dataset:
    """Read the designs and chunks of parts of a sweep into one dataset.

    Parameters
    ----------
    sweep : Sweep
        The whole sweep.
    parts : sequence of Sweep
        The first ones of `Sweep.parts`, or all.

    Returns
    -------
    xarray.Dataset
        As from `collect.collect`. The points of rounds follow each other along `point`; `refinement_round` is the round
        of each, and `even_sample` says which are of the even sequence.

    Raises
    ------
    StoreError
        A file is missing, damaged or belongs to another sweep.
    """
    read = [
        chunks.collect(part, store.read(design_file(part), part.label("design")), chunk_files(part)) for part in parts
    ]
    spec = sweep.design.refine
    if spec is None:
        return read[0]
    sizes = layout.sizes(spec)[: len(parts)]
    even = [np.arange(size) < layout.even(spec, number) for number, size in enumerate(sizes)]
    whole = xr.concat(read, "point", data_vars="minimal", coords="minimal", compat="equals", join="exact")
    number = ("point", np.arange(sum(sizes)), read[0]["point"].attrs)
    rounds = ("point", np.repeat(np.arange(len(sizes)), sizes), {"long_name": "round of refinement"})
    flag = {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "at_the_boundary even"}
    label = {"long_name": "whether the point is of the even sequence", **flag}
    return whole.assign_coords(
        point=number, refinement_round=rounds, even_sample=("point", np.concatenate(even).astype(np.int8), label)
    )


def gathered(sweep: Sweep) -> Iterator[xr.Dataset]:
    """Yield what `gather` returns of a whole sweep, a few variables at a time where it has a single part.

    A refined sweep is small by design, and comes in one piece.
    """
    if sweep.design.refine:
        yield gather(sweep, sweep.parts)
    else:
        design = store.read(design_file(sweep), sweep.label("design"))
        yield from chunks.parts(sweep, design, chunk_files(sweep))


def found_before(sweep: Sweep, number: int) -> xr.Dataset | None:
    """Return the failure map of all rounds before round `number`; None before the first one."""
    return failure_map(gather(sweep, sweep.parts[:number]), sweep) if number else None
