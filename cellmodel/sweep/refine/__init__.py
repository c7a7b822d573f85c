"""Refinement of a sweep in rounds: points go where the boundary of a failure is least certain."""
