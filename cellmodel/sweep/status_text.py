"""The status of a sweep in words."""

from collections.abc import Sequence

from tqdm import tqdm

from cellmodel.sweep.definition import Sweep
from cellmodel.sweep.probability import WITHOUT_ANSWER
from cellmodel.sweep.status import STATES, ChunkStatus, Status

FAILED = tuple(kind.label for kind in WITHOUT_ANSWER)


def text(sweep: Sweep, found: Status) -> str:
    """Return a status as a table, with a line for each chunk that is neither whole nor untouched.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    found : Status
        As from `status.status`.

    Returns
    -------
    str
        Several lines for a terminal.
    """
    chunks = {state: found.numbers(state) for state in STATES}
    failed = {kind: count for kind, count in found.outcomes.items() if kind in FAILED}
    ended = {kind: count for kind, count in found.outcomes.items() if kind not in FAILED}
    table = {
        "points": f"{found.done}/{found.points} done, {found.done / found.points:.1%}"
        + (f"; {found.taken_over} of them taken over from other results" if found.taken_over else ""),
        "outcomes": _counts(ended) or "none yet",
        "no answer": f"{sum(failed.values())}: {_counts(failed)}" if failed else "none",
        "speed": _speed(found, len(chunks["running"])),
        **{state: f"{len(numbers)}: chunks {ranges(numbers)}" for state, numbers in chunks.items() if numbers},
    }
    shown = [each for each in found.chunks if each.state in ("running", "interrupted", "damaged")]
    head = f"sweep {sweep.name} ({sweep.path}), {len(found.chunks)} chunks"
    return "\n".join([head, *(f"  {key:<12}{value}" for key, value in table.items()), *map(_chunk, shown)])


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers in short, such as ``0-4, 7``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)


def _chunk(each: ChunkStatus) -> str:
    return (
        f"  chunk {each.number:<6}{each.state}, {each.done}/{each.points}: {each.problem or each.line or 'no line yet'}"
    )


def _speed(found: Status, running: int) -> str:
    since = f"; last progress {tqdm.format_interval(found.age)} ago" if found.age is not None else ""
    if found.done == found.points:
        return f"all points are done{since}"
    if not running:
        return f"nothing is running{since}; 'cellmodel sweep' goes on where it stopped"
    if not found.rate:
        return f"{running} running, no rate yet{since}"
    left = tqdm.format_interval((found.points - found.done) / found.rate)
    return f"{found.rate:.3g} points/s in {running} running, {left} left{since}"


def _counts(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}".replace("_", " ") for kind, count in outcomes.items())
