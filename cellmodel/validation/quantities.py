"""All quantities: importing this module puts them into `QUANTITIES`."""

from cellmodel.validation import capacities, deposits, impedances, shorts, voltages
from cellmodel.validation.registry import QUANTITIES, Asked, Quantity, Unmeasurable, asked

__all__ = [
    "QUANTITIES",
    "Asked",
    "Quantity",
    "Unmeasurable",
    "asked",
    "capacities",
    "deposits",
    "impedances",
    "shorts",
    "voltages",
]
