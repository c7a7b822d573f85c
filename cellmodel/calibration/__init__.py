"""Parameters of materials from measurements: search, uncertainties, and what the measurements leave open.

`definition.read` reads a calibration file, `problem` turns parameter values into misfits, many at a time, `journal`
keeps every evaluation, `search` looks for the best values, `identifiability` says how well they are known, `applying`
writes them into the component files. `calibrate` does all but the last.
"""

from cellmodel.calibration.run import calibrate

__all__ = ["calibrate"]
