# All chunks in one dataset.


rule collect:
    input:
        CHUNKS,
        design=f"{CHUNK_FOLDER}/design.nc",
    output:
        f"{RESULTS}/points.nc",
    log:
        f"{RESULTS}/logs/collect.log",
    params:
        sweep=SWEEP.path.as_posix(),
        identity=SWEEP.identity,
        chunks=SWEEP.chunks,
        sources=stage_hash("sweep/collect"),
    script:
        "../scripts/collect.py"
