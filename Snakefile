"""From a configuration to a failure map: `make map`, or `snakemake --workflow-profile workflow/profiles/local`."""

from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/design.smk"
include: "workflow/rules/simulate_chunk.smk"
include: "workflow/rules/collect.smk"
include: "workflow/rules/failure_map.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/boundary.smk"
include: "workflow/rules/calibrate.smk"


# Chunks are asked for by name: one that was removed is computed anew even when a map made of it is still there.
rule all:
    input:
        CHUNKS,
        FIGURE_FILES,
        BOUNDARY_FILES,
        f"{RESULTS}/failure_map.nc",
