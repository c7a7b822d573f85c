# One job for each chunk of points; it uses all cores of the job through threads.


rule simulate_chunk:
    input:
        f"{RESULTS}/design.nc",
    output:
        f"{RESULTS}/chunks/{{chunk}}.nc",
    log:
        f"{RESULTS}/logs/simulate_chunk/{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate_chunk/{{chunk}}.tsv"
    # All cores of this machine; on a cluster the profile's set-threads says how many.
    threads: workflow.resource_settings.cores or 1
    resources:
        mem_mb=2000,
    params:
        sweep=SWEEP.path.as_posix(),
        identity=SWEEP.identity,
        chunks=SWEEP.chunks,
        sources=stage_hash("sweep/rows", "sweep/run"),
    script:
        "../scripts/simulate_chunk.py"
