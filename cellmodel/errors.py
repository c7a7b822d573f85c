"""The one exception that bad input raises, and the search for the name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class InputError(ValueError):
    """Something the user wrote cannot be used; the message says what, what is allowed and the fix.

    Parameters
    ----------
    where : str
        File, call or option that holds the input.
    key : str
        Key, parameter path or part of `where`; may be empty.
    given : object, optional
        What was given; an empty string is left out of the message.
    allowed : str, optional
        Allowed values or range, with units.
    fix : str, optional
        What to write instead.
    problem : str, optional
        What is wrong with `given`, continuing the sentence that starts with it.
    picture : str, optional
        Lines shown below the message as they are (a sentence with a caret under the bad place).

    Examples
    --------
    >>> print(InputError("cell.yaml", "stack_pressure", "3 mPaa", allowed="0.05 to 500 MPa",
    ...                  fix="write '3 MPa'", problem="is not a pressure"))
    cell.yaml: stack_pressure: '3 mPaa' is not a pressure. Allowed: 0.05 to 500 MPa. Fix: write '3 MPa'.
    """

    def __init__(
        self,
        where: str,
        key: str = "",
        given: Any = "",
        allowed: str = "",
        fix: str = "",
        *,
        problem: str = "is not allowed",
        picture: str = "",
    ) -> None:
        self.where, self.key, self.given = str(where), str(key), given
        self.allowed, self.fix, self.problem, self.picture = allowed, fix, problem, picture
        super().__init__(self._message())

    def _message(self) -> str:
        subject = f"{_short(self.given)} {self.problem}".removeprefix("'' ")
        parts = [": ".join(part for part in (self.where, self.key, subject) if part)]
        if self.allowed:
            parts.append(f"Allowed: {self.allowed}")
        if self.fix:
            parts.append(f"Fix: {self.fix}")
        text = " ".join(part if part.endswith(("?", ".")) else part + "." for part in parts)
        return f"{text}\n{self.picture}" if self.picture else text

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields, so that an error raised in a worker process arrives whole."""
        return _rebuild, (type(self), vars(self))


def _rebuild(kind: type[InputError], fields: dict[str, Any]) -> InputError:
    return kind(**fields)


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 120 else text[:117] + "..."


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the valid name closest to a misspelt one, or None when none is close.

    Parameters
    ----------
    name : str
        What was given.
    names : iterable of str
        Valid names.

    Returns
    -------
    str or None
        Closest name, compared without regard to case.

    Examples
    --------
    >>> nearest("porositty", ["porosity", "thickness"])
    'porosity'
    """
    folded = {valid.casefold(): valid for valid in names}
    found = get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ``"Did you mean 'x'?"`` for the nearest valid name, or an empty string.

    Parameters
    ----------
    name : str
        What was given.
    names : iterable of str
        Valid names.

    Returns
    -------
    str
        A question for the end of a fix.
    """
    close = nearest(name, names)
    return f"did you mean {close!r}?" if close else ""
