# The boundary of a refined sweep on a grid of its axes, and its figure.


rule boundary:
    input:
        f"{RESULTS}/failure_map.nc",
    output:
        f"{RESULTS}/boundary.nc",
        BOUNDARY_FIGURES,
    log:
        f"{RESULTS}/logs/boundary.log",
    params:
        sweep=SWEEP.path.as_posix(),
        sources=stage_hash("sweep/refine", "plots"),
    script:
        "../scripts/boundary.py"
