"""Run a compiled law under a unit checker.

A law holds plain numbers, some of which carry a unit that its docstring names (a reference pressure of 1 MPa, a
width of 1e-5 V). The law's source is read again with those numbers, and the physical constants, as quantities; the
laws that it calls are read the same way. Addition, exponentials and roots then refuse what does not fit.
"""

import ast
import inspect
import math
import sys
import textwrap

import pint
from numba.core.registry import CPUDispatcher

UNITS = pint.UnitRegistry()
Q = UNITS.Quantity

CONSTANT_UNITS = {
    "FARADAY": "C/mol",
    "GAS_CONSTANT": "J/mol/K",
    "LITHIUM_MOLAR_VOLUME": "m**3/mol",
    "REFERENCE_TEMPERATURE": "K",
    "VOLUME_PER_CHARGE": "m**3/C",
}

LITERAL_UNITS = {
    "creep_rate": {1e-6: "1/Pa"},
    "void_closing_velocity": {1e-6: "1/Pa"},
    "slot_extrusion_pressure": {1e-20: "m/s", 1e6: "Pa"},
    "tip_current": {1e-5: "V"},
    "flaw_pressure": {1e-5: "V"},
    "patch_density": {10.0: "A/m**2"},
    "grain_size": {10.0: "A/m**2"},
    "deposit_porosity": {10.0: "A/m**2"},
}
"""Numbers in the source of a law that carry a unit."""


class Logarithm:
    """ln of a quantity with a unit: only a root or a power of it can be taken back by exp."""

    def __init__(self, of):
        self.of = of

    def __mul__(self, power):
        return Logarithm(self.of**power)

    __rmul__ = __mul__

    def __truediv__(self, root):
        return Logarithm(self.of ** (1.0 / root))


def pure(function):
    def checked(x):
        return function(Q(x).m_as("dimensionless"))

    return checked


def log(x):
    return math.log(Q(x).m_as("")) if Q(x).dimensionless else Logarithm(x)


def exp(x):
    return x.of if isinstance(x, Logarithm) else math.exp(Q(x).m_as(""))


def soft_minimum(x, y):
    """Stands for the compiled one, whose guard against 0/0 has the unit of whatever is given to it."""
    return x * y / (x + y)


MATHEMATICS = {name: pure(getattr(math, name)) for name in ("tanh", "asinh", "log1p")} | {
    "log": log,
    "exp": exp,
    "sqrt": lambda x: x**0.5,
}


class _LiteralsToQuantities(ast.NodeTransformer):
    def __init__(self, units):
        self.units = units

    def visit_Constant(self, node):
        if not isinstance(node.value, str) and node.value in self.units:
            call = ast.parse(f"_quantity({node.value!r}, {self.units[node.value]!r})", mode="eval").body
            return ast.copy_location(call, node)
        return node


def with_units(law, literals=None):
    """Return the law as a plain function of quantities; `literals` replaces the entry of LITERAL_UNITS."""
    function = law.py_func
    name = function.__name__
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    tree.body[0].decorator_list.clear()
    units = LITERAL_UNITS.get(name, {}) if literals is None else literals
    tree = ast.fix_missing_locations(_LiteralsToQuantities(units).visit(tree))
    names = dict(vars(sys.modules[function.__module__]))
    for key, value in names.items():
        if key in MATHEMATICS:
            names[key] = MATHEMATICS[key]
        elif key in CONSTANT_UNITS:
            names[key] = Q(value, CONSTANT_UNITS[key])
        elif key == "soft_minimum" and name != key:
            names[key] = soft_minimum
        elif isinstance(value, CPUDispatcher) and key != name and key in function.__code__.co_names:
            names[key] = with_units(value)
    names["_quantity"] = Q
    exec(compile(tree, f"<{name} with units>", "exec"), names)
    return names[name]
