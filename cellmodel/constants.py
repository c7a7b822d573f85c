"""Physical constants, exact or measured, with their sources."""

from __future__ import annotations

FARADAY = 96485.33212
"""Faraday constant [C/mol]; CODATA 2018, exact."""

GAS_CONSTANT = 8.314462618
"""Molar gas constant [J/(mol K)]; CODATA 2018, exact."""

LITHIUM_MOLAR_VOLUME = 13.0e-6
"""Molar volume of lithium metal [m3/mol]: 6.94 g/mol over 0.534 g/cm3 at 293 K.

CRC Handbook of Chemistry and Physics.
"""

REFERENCE_TEMPERATURE = 298.15
"""Temperature at which component data are stated [K]."""

VOLUME_PER_CHARGE = LITHIUM_MOLAR_VOLUME / FARADAY
"""Volume of lithium metal per charge [m3/C]; 1 mAh/cm2 of dense lithium is 4.85 um."""
