# The points of the sweep. Content hashes stand in for the files that a rule depends on: an edited comment or a
# touched file computes nothing anew, a changed value or law does.


rule design:
    output:
        f"{RESULTS}/design.nc",
    log:
        f"{RESULTS}/logs/design.log",
    params:
        sweep=SWEEP.path.as_posix(),
        identity=SWEEP.identity,
        chunk_points=SWEEP.chunk_points,
        sources=stage_hash("sweep/axes", "sweep/definition", "sweep/design", "sweep/draws"),
    script:
        "../scripts/design.py"
