# The configuration is read and checked here, before any rule runs.

import os
import sys

from snakemake.logging import logger

from cellmodel.plots import FIGURES, FIGURES_OF_DRAWS
from cellmodel.sweep import cluster_checks, workspace
from cellmodel.sweep.identity import stage_hash

os.environ.update(workspace.ENVIRONMENT)
# The scheduler's two lines around every job would drown the count of points, and no quiet level names them.
logger.addFilter(lambda record: not str(record.msg).startswith(("Select jobs to", "Execute ")))

with workspace.clear_errors():
    SWEEP = workspace.open_sweep(config)
    # Only the snakemake that the user started tidies up, not the ones that run single jobs on a cluster.
    if workflow.is_main_process and not workflow.output_settings.dryrun:
        workspace.check_folders(SWEEP)
        for line in workspace.remove_unusable(SWEEP):
            print(line, file=sys.stderr)

RESULTS = (workspace.RESULTS / SWEEP.name).as_posix()
# Each part has a design and chunks in a folder of its own: the sweep itself, or the rounds of one that is refined.
PART_FOLDER = f"{RESULTS}/chunks/{{part}}"
PARTS = {part.folder_name: number for number, part in enumerate(SWEEP.parts)}
DESIGNS = [workspace.design_file(part).as_posix() for part in SWEEP.parts]
CHUNKS = [file.as_posix() for file in workspace.chunk_files(SWEEP)]
FIGURE_NAMES = FIGURES_OF_DRAWS if SWEEP.draws else FIGURES
BOUNDARY_FIGURES = [f"{RESULTS}/figures/boundary.{kind}" for kind in ("png", "svg")]
BOUNDARY_FILES = [f"{RESULTS}/boundary.nc", *BOUNDARY_FIGURES] if SWEEP.design.refine else []
FIGURE_FILES = [f"{RESULTS}/figures/{name}.{kind}" for name in FIGURE_NAMES for kind in ("png", "svg")]


onstart:
    if workflow.is_main_process:
        with workspace.clear_errors():
            for line in cluster_checks.check(workflow, SWEEP):
                print(f"Warning: {line}", file=sys.stderr)


# On a cluster these run where snakemake does: they take seconds.
localrules:
    design,
    known,
    figures,


wildcard_constraints:
    chunk=r"\d{5}",
    part=r"[0-9a-f]{12}",


def rounds_before(wildcards):
    """Return designs and chunks of the rounds before, none of which may be younger than what was made of it."""
    before = SWEEP.parts[: part_number(wildcards)]
    return ancient(
        [
            file.as_posix()
            for part in before
            for file in (workspace.design_file(part), *workspace.chunk_files(part))
        ]
    )


def part_number(wildcards):
    """Return which part of the sweep a job is about."""
    return PARTS[wildcards.part]
