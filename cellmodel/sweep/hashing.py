"""Content hashes of many points at once: the same as those of their cells one by one, without making the cells.

Points of a sweep differ in a few numbers of one cell. Its text is made once; for each point the numbers are brought to
SI base units exactly as the cell would, put in their places, and hashed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellmodel import units
from cellmodel.cell_paths import share_groups
from cellmodel.errors import InputError
from cellmodel.parameters import Parameter
from cellmodel.sweep.axes import Varied
from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.identity import as_text, hash_text

Texts = Sequence[str]


def identities(sweep: Sweep, table: NDArray[np.float64], rest: Sequence[Any]) -> Iterator[str]:
    """Yield the content hash of every point.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    table : ndarray, shape (points, varied)
        Values in the units of `sweep.varied`.
    rest : list of JSON-able
        What decides a result beside the cell.

    Yields
    ------
    str
        `identity.digest` of `rest` and the identity of the point's cell; of a cell that cannot be built, of the base
        cell's and what was asked for.
    """
    parameters = [sweep.cell.declared(each.path) for each in sweep.varied]
    columns = [_si(*pair, table[:, i]) for i, pair in enumerate(zip(sweep.varied, parameters, strict=True))]
    valid = _stands_together(sweep, np.stack([si for si, _ in columns], axis=1))
    valid &= np.logical_and.reduce([fits for _, fits in columns])
    invalid = [*rest, [sweep.cell.identity(), [each.path for each in sweep.varied]]]
    head = as_text(invalid).removesuffix("]]")
    parts, places = _parts(sweep, table[valid], rest)
    valid &= bool(parts)
    texts = [_texts(columns[place][0]) for place in places]
    for row, fits in enumerate(valid):
        if fits:
            inner = (f"{text[row]}{part}" for text, part in zip(texts, parts[1:], strict=True))
            yield hash_text(parts[0] + "".join(inner))
        else:
            yield hash_text(f"{head},{as_text(table[row].tolist())}]]")


def _si(varied: Varied, parameter: Parameter, column: NDArray[np.float64]) -> tuple[NDArray[np.float64], Any]:
    """Return a column in SI base units, and where the parameter allows it: by the steps of `Parameter.replaced_by`."""
    given, own = units.unit(varied.unit), units.unit(parameter.unit)
    distinct, at = np.unique(column, return_inverse=True)
    values = [units.convert(value, given, own) for value in distinct.tolist()]
    si = np.array([units.to_si(value, parameter.unit) for value in values])
    fits = np.array([parameter.low <= value <= parameter.high for value in values])
    return si[at], fits[at]


def _stands_together(sweep: Sweep, si: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell where shares of a layer leave the room that they must; summed in the order of `check_together`."""
    at = {each.path: i for i, each in enumerate(sweep.varied)}
    stands = np.ones(len(si), dtype=bool)
    for paths, _, most in share_groups(list(sweep.cell.parameters)):
        columns = [si[:, at[path]] if path in at else sweep.cell.si[path] for path in paths]
        stands &= sum(columns) <= most
    return stands


def _parts(sweep: Sweep, values: NDArray[np.float64], rest: Sequence[Any]) -> tuple[Texts, list[int]]:
    """Return the text of a valid point, cut where its values stand, and which column stands at each cut.

    Nothing where there is no valid point, or where the parameters exclude each other whatever their values.
    """
    try:
        content = sweep.cell_at(values[0]).identity()
    except (IndexError, InputError):
        return [], []
    for i, each in enumerate(sweep.varied):
        content["parameters"][each.path] = f"\0{i}\0"
    text = as_text([*rest, content])
    pieces = text.split(f'"{_NUL}')
    pairs = [piece.split(f'{_NUL}"', 1) for piece in pieces[1:]]
    return [pieces[0], *(after for _, after in pairs)], [int(number) for number, _ in pairs]


_NUL = json.dumps("\0").strip('"')


def _texts(column: NDArray[np.float64]) -> Texts:
    return [float.__repr__(value) for value in column.tolist()]
