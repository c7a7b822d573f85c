"""Constitutive laws: one small pure scalar function each, compiled, with its formula and source."""
