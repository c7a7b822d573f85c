"""Refinement of a sweep in rounds: where the boundary of a failure lies, and where it is least certain."""
