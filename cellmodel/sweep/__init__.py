"""Sweeps: a design of many cells, run in chunks, gathered into a failure map.

The stages are one module each and run in this order: `design` (which points), `run` (simulate the points of
one chunk), `collect` (all chunks in one dataset), `failure_map` (what failed where). `store` writes and
reads the files between them, `identity` says when a stored file is still valid.
"""
