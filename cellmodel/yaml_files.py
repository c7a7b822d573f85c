"""Read YAML so that what the user wrote is what the program gets, and check it against a schema."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from cellmodel.errors import InputError, did_you_mean

if TYPE_CHECKING:  # imported with the first schema that is used
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """Safe loader that reads 1e-12 as a number (YAML 1.1 takes it for text) and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+$"), list("+-.0123456789")
)


class Lines:
    """Line of every key and list entry of a YAML file.

    Parameters
    ----------
    root : yaml.Node or None
        As composed from the file; None for an empty one.
    """

    def __init__(self, root: yaml.Node | None) -> None:
        self._lines: dict[tuple[Any, ...], int] = {}
        self._seen: set[int] = set()  # an alias leads to a node again, and possibly in a circle
        if root is not None:
            self._walk(root, ())

    def _walk(self, node: yaml.Node, path: tuple[Any, ...]) -> None:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._lines[(*path, key.value)] = key.start_mark.line + 1
                self._walk(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self._walk(value, (*path, number))

    def __contains__(self, path: tuple[Any, ...]) -> bool:
        return path in self._lines

    def of(self, path: Sequence[Any]) -> int:
        """Return the line of a key, given the keys and list indices that lead to it; of the nearest one above it."""
        known = tuple(path)
        while known and known not in self._lines:
            known = known[:-1]
        return self._lines.get(known, 1)


def read_yaml(path: str | Path) -> Any:
    """Read one YAML file.

    Parameters
    ----------
    path : str or Path
        File.

    Returns
    -------
    object
        Its content.

    Raises
    ------
    InputError
        When it cannot be opened, is no YAML (with line and column), or gives a key twice.
    """
    return _parsed(path)[0]


def read_yaml_lines(path: str | Path) -> tuple[Any, Lines]:
    """Read one YAML file and where each of its parts stands.

    Parameters
    ----------
    path : str or Path
        File.

    Returns
    -------
    object
        Its content.
    Lines
        Line of every key and list entry.

    Raises
    ------
    InputError
        As `read_yaml`.
    """
    content, text = _parsed(path)
    return content, Lines(yaml.compose(text, Loader=_Loader))


def _parsed(path: str | Path) -> tuple[Any, str]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(str(path), problem=f"cannot be read: {reason}", fix="check the file's name") from None
    try:
        return yaml.load(text, Loader=_Loader), text
    except RecursionError:
        raise InputError(str(path), problem="is nested too deeply to be read", fix="check its brackets") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error)
        raise InputError(str(path), place, problem=f"is not valid YAML: {reason}") from None
    except ValueError as error:  # of a date that is none
        raise InputError(str(path), problem=f"is not valid YAML: {error}") from None


def checked(
    model: "type[Model]", content: Any, where: str, lines: Lines | None = None, above: Sequence[Any] = ()
) -> "Model":
    """Check the content of a file against its schema.

    Parameters
    ----------
    model : type
        Pydantic model that forbids extra keys.
    content : object
        What was read.
    where : str
        File, for the message.
    lines : Lines, optional
        Of the file, so that the message names the line.
    above : sequence, optional
        Keys and list indices that lead to `content` in the file.

    Returns
    -------
    model
        Checked, with defaults filled in.

    Raises
    ------
    InputError
        For the first thing that is wrong: its key, what was given, what is allowed.
    """
    from pydantic import ValidationError

    def place(error: Any = None) -> str:
        path = (*above, *error["loc"]) if error else above
        return f"{where}: line {lines.of(path)}" if lines else where

    if not isinstance(content, Mapping):
        keys = ", ".join(model.model_fields)
        raise InputError(place(), problem="is not a mapping of keys to values", allowed=f"the keys {keys}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # A misspelt key goes first: it is also why another one is missing.
        found = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        raise _explained(found, model, place(found)) from None


def _explained(found: Any, model: "type[Model]", where: str) -> InputError:
    """Put one of pydantic's complaints into the words of every other message."""
    path = [str(part) for part in found["loc"]]
    fields = _model_at(model, path[:-1]).model_fields
    names = list(fields)
    above, last = ".".join(path[:-1]), path[-1]
    if found["type"] == "extra_forbidden":
        fix = did_you_mean(last, names) or "remove it"
        return InputError(where, above, last, ", ".join(names), fix, problem="is not a known key")
    if found["type"] == "missing":
        needed = ", ".join(name for name, field in fields.items() if field.is_required())
        return InputError(where, above, last, fix=f"give all of {needed}", problem="is missing")
    # The path ends with pydantic's name of the alternative it tried where several types are allowed.
    key = ".".join(part for part in path if "[" not in part and part not in ("float", "int", "str"))
    complaint = found["msg"].replace("Input should", "should").removeprefix("String should")
    return InputError(where, key, found["input"], problem=complaint)


def _model_at(model: Any, path: list[str]) -> Any:
    """Return the schema of the mapping that `path` leads to."""
    for part in path:
        if part in model.model_fields:
            kind = model.model_fields[part].annotation
            inner = [each for each in (kind, *getattr(kind, "__args__", ())) if hasattr(each, "model_fields")]
            model = inner[0] if inner else model
    return model
