# One job for each chunk of points; it uses all cores of the job through threads.


rule simulate_chunk:
    # The folder's name says what the points are: that the files are younger than a chunk changes nothing.
    input:
        design=ancient(f"{PART_FOLDER}/design.nc"),
        known=ancient(f"{PART_FOLDER}/known/index.nc"),
    output:
        f"{PART_FOLDER}/{{chunk}}.nc",
    log:
        f"{RESULTS}/logs/simulate_chunk/{{part}}-{{chunk}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate_chunk/{{part}}-{{chunk}}.tsv"
    # All cores of this machine; on a cluster the profile's set-threads says how many.
    threads: workflow.resource_settings.cores or 1
    resources:
        mem_mb=2000,
    params:
        sweep=SWEEP.path.as_posix(),
        part=part_number,
    script:
        "../scripts/simulate_chunk.py"
