# The calibrated values of the shipped components: `snakemake calibrate`; no part of a map.
# Evaluations stand beside the result and are no output, so that a job that was stopped goes on where it ended.

from cellmodel.sweep.identity import code_hash

CALIBRATED = "results/calibrations/shipped"


rule calibrate:
    input:
        "config/calibrations/shipped.yaml",
        sorted(map(str, Path("tests/literature/data").glob("*.yaml"))),
    output:
        f"{CALIBRATED}/result.json",
        f"{CALIBRATED}/fits.nc",
    log:
        f"{CALIBRATED}/calibrate.log",
    # All cores of this machine; on a cluster the profile's set-threads says how many.
    threads: workflow.resource_settings.cores or 1
    params:
        sources=code_hash(),
    script:
        "../scripts/calibrate.py"
