# One job for each chunk of points; it uses all cores of the job through threads.


rule simulate_chunk:
    # The folder's name says what the points are: that the files are younger than a chunk changes nothing.
    input:
        design=ancient(f"{CHUNK_FOLDER}/design.nc"),
        known=ancient(f"{CHUNK_FOLDER}/known/index.nc"),
    output:
        f"{CHUNK_FOLDER}/{{chunk}}.nc",
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
    script:
        "../scripts/simulate_chunk.py"
