# All chunks in one dataset.


rule collect:
    input:
        CHUNKS,
        DESIGNS,
    output:
        f"{RESULTS}/points.nc",
    log:
        f"{RESULTS}/logs/collect.log",
    params:
        sweep=SWEEP.path.as_posix(),
        identity=SWEEP.identity,
        chunks=SWEEP.chunks,
        sources=stage_hash("sweep/collect", "sweep/rounds", "sweep/tables"),
    script:
        "../scripts/collect.py"
