# What failed where; a change of the sweep's report is read here and simulates nothing anew.


rule failure_map:
    input:
        f"{RESULTS}/points.nc",
    output:
        f"{RESULTS}/failure_map.nc",
    log:
        f"{RESULTS}/logs/failure_map.log",
    params:
        sweep=SWEEP.path.as_posix(),
        report=SWEEP.report.model_dump_json(),
        sources=stage_hash("sweep/failure_map", "sweep/map_blocks", "sweep/probability", "sweep/tables"),
    script:
        "../scripts/failure_map.py"
