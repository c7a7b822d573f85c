"""The coupled cell: unknowns, balances, interfaces, degradation, short circuit, and one compiled run."""
