"""Solvers for index-1 differential-algebraic systems; nothing here knows any electrochemistry."""
