# The configuration is read and checked here, before any rule runs.

import os
import sys

from snakemake.logging import logger

from cellmodel.plots import FIGURES, FIGURES_OF_DRAWS
from cellmodel.sweep import workspace
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
CHUNK_FOLDER = workspace.chunk_folder(SWEEP).as_posix()
CHUNKS = [file.as_posix() for file in workspace.chunk_files(SWEEP)]
FIGURE_NAMES = FIGURES_OF_DRAWS if SWEEP.draws else FIGURES
FIGURE_FILES = [f"{RESULTS}/figures/{name}.{kind}" for name in FIGURE_NAMES for kind in ("png", "svg")]


wildcard_constraints:
    chunk=r"\d{5}",
