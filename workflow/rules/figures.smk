# Maps as PNG and SVG.


rule figures:
    input:
        f"{RESULTS}/failure_map.nc",
    output:
        FIGURE_FILES,
    log:
        f"{RESULTS}/logs/figures.log",
    params:
        sweep=SWEEP.path.as_posix(),
        sources=stage_hash("plots"),
    script:
        "../scripts/figures.py"
