"""The layers of the package and the sizes that keep its files readable."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cellmodel"
SOURCES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow").rglob("*.py"))
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40

# A module may import from its own layer and from layers with a smaller number.
LAYERS = (
    {
        "constants",
        "errors",
        "units",
        "distributions",
        "distribution_files",
        "parameters",
        "components",
        "component_files",
        "yaml_files",
        "whole_files",
        "settings",
        "compiled_cache",
    },
    {"laws"},
    {"cell", "cell_paths", "mesh", "crack_field", "current_focusing"},
    {"numerics"},
    {"model"},
    {"protocol", "simulation", "result", "dataset", "cycle", "impedance"},
    {"sweep", "validation"},
    {"calibration"},
    {"plots", "cli"},
)
LAYER_OF = {name: number for number, names in enumerate(LAYERS) for name in names}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> int | None:
    """Return the layer of a dotted module name; None for the package itself and for what has no layer."""
    _, _, inside = module.partition(".")
    if not inside:
        return None
    top = inside.split(".")[0]
    while top not in LAYER_OF and "_" in top:  # cli_sweep belongs where cli does
        top = top.rpartition("_")[0]
    return LAYER_OF.get(top)


def absolute(node: ast.ImportFrom, importer: str, is_package: bool) -> str:
    if node.level == 0:
        return node.module or ""
    parts = importer.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)


def imported_modules(tree: ast.AST, importer: str, is_package: bool) -> list[tuple[int, str]]:
    """Return (line, module) of every import of this package in a tree, in functions too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node, importer, is_package)
            # `from cellmodel import mesh` names the module only in its list
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "cellmodel" else [module]
            found += [(node.lineno, name) for name in names]
    return [(line, name) for line, name in found if name.split(".")[0] == "cellmodel"]


def upward_imports(source: str, importer: str, is_package: bool = False) -> list[str]:
    own = layer(importer)
    if own is None:
        return []
    problems = []
    for line, module in imported_modules(ast.parse(source), importer, is_package):
        other = layer(module)
        if other is None or other > own:
            problems.append(f"line {line}: {importer} (layer {own}) imports {module} (layer {other})")
    return problems


def function_sizes(source: str) -> list[tuple[str, int]]:
    """Return (name, lines of code without decorators and docstring) for every function."""
    sizes = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                size -= node.body[0].end_lineno - node.body[0].lineno + 1
            sizes.append((node.name, size))
    return sizes


def identifier(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=identifier)
def test_imports_point_downward(path):
    assert upward_imports(path.read_text(), module_name(path), path.name == "__init__.py") == []


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=identifier)
def test_file_is_short(path):
    lines = len(path.read_text().splitlines())
    assert lines < MAX_FILE_LINES, f"{identifier(path)} has {lines} lines; split it by what its parts are for"


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=identifier)
def test_functions_are_short(path):
    long = [(name, size) for name, size in function_sizes(path.read_text()) if size >= MAX_FUNCTION_LINES]
    assert long == []


@pytest.mark.parametrize(
    ("source", "importer"),
    [
        ("from cellmodel.sweep import design", "cellmodel.model.residual"),
        ("from cellmodel import simulate", "cellmodel.mesh"),
        ("import cellmodel.cli", "cellmodel.sweep.run"),
        ("from ..model import state", "cellmodel.numerics.newton"),
        ("def later():\n    from cellmodel.plots import draw", "cellmodel.simulation"),
        ("import cellmodel", "cellmodel.laws.creep"),
    ],
)
def test_scan_sees_an_upward_import(source, importer):
    assert len(upward_imports(source, importer)) == 1


@pytest.mark.parametrize(
    ("source", "importer"),
    [
        ("from cellmodel.laws import creep", "cellmodel.model.residual"),
        ("from . import state", "cellmodel.model.residual"),
        ("from cellmodel.sweep import design", "cellmodel.cli_sweep"),
        ("import numpy", "cellmodel.constants"),
    ],
)
def test_scan_accepts_a_downward_import(source, importer):
    assert upward_imports(source, importer) == []


def test_every_module_has_a_layer():
    unknown = [identifier(path) for path in SOURCES if layer(module_name(path)) is None]
    assert unknown == ["cellmodel/__init__.py"]
