# The calibrated values of the shipped components: `snakemake calibrate`; no part of a map.
# Evaluations stand beside a result and are no output, so that a job that was stopped goes on where it ended.

from cellmodel.sweep.identity import code_hash

CALIBRATIONS = "results/calibrations"


rule calibrate:
    input:
        expand("{folder}/{recipe}/result.json", folder=CALIBRATIONS, recipe=["shipped", "shorts"]),


rule calibration:
    input:
        "config/calibrations/{recipe}.yaml",
        sorted(map(str, Path("tests/literature/data").glob("*.yaml"))),
    output:
        f"{CALIBRATIONS}/{{recipe}}/result.json",
        f"{CALIBRATIONS}/{{recipe}}/fits.nc",
    log:
        f"{CALIBRATIONS}/{{recipe}}/calibrate.log",
    wildcard_constraints:
        recipe="shipped|shorts",
    # All cores of this machine; on a cluster the profile's set-threads says how many.
    threads: workflow.resource_settings.cores or 1
    params:
        sources=code_hash(),
    script:
        "../scripts/calibrate.py"
